import { nameKey } from '../model/index.js';
import { readTree } from '../xml/index.js';
import { configFaults } from './check-config.js';
import type { Row } from './delegate.js';
import type { FoundDelegate } from './found-delegate.js';
import { type Runtime, runtimeOf } from './runtime/index.js';

/** One thing that the contract asks of a delegate. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** why not; or what there is to know */
  readonly note?: string;
}

export interface Trial {
  readonly config: Readonly<Record<string, unknown>>;
  readonly resource: string;
  readonly timeoutMs: number;
}

export interface Conformance {
  readonly checks: readonly Check[];
  /** what it gave, as XML */
  readonly facets: readonly string[];
}

/** Runs a delegate as a keeper does, and holds what it gives against what it declares. */
export async function testDelegate(delegate: FoundDelegate, trial: Trial, onDiagnostics: (text: string) => void): Promise<Conformance> {
  const runtime = runtimeOf(delegate, onDiagnostics);
  const checks: Check[] = [{ what: 'declares itself', ok: true, note: `${delegate.name} provides ${delegate.provides.join(', ')}` }];
  const faults = configFaults(delegate, trial.config);
  checks.push({ what: 'takes this configuration', ok: faults.length === 0, ...(faults.length === 0 ? {} : { note: faults.join('; ') }) });
  let facets: readonly string[] = [];
  try {
    if (delegate.lists)
      checks.push(await attempt('lists rows', async () => rowsNote(await runtime.list({ config: trial.config }, trial.timeoutMs))));
    checks.push(
      await attempt('collects', async () => {
        facets = await collectOnce(runtime, trial);
        return `${facets.length} ${facets.length === 1 ? 'facet' : 'facets'}`;
      }),
    );
    for (const facet of facets) checks.push(await attempt('gives a facet it provides', async () => checkFacet(facet, delegate)));
    checks.push(
      await attempt('gives the same when nothing changed', async () => {
        const again = await collectOnce(runtime, trial);
        if (again.join('\n') !== facets.join('\n'))
          throw new Error('two runs at once differ: every run would be a change in the directory; leave out times and counters');
        return undefined;
      }),
    );
  } finally {
    await runtime.close();
  }
  return { checks, facets };
}

function collectOnce(runtime: Runtime, { config, resource, timeoutMs }: Trial): Promise<readonly string[]> {
  return runtime.collect({ resource: { id: resource }, config, facets: {} }, timeoutMs);
}

async function attempt(what: string, check: () => Promise<string | undefined>): Promise<Check> {
  try {
    const note = await check();
    return { what, ok: true, ...(note === undefined ? {} : { note }) };
  } catch (error) {
    return { what, ok: false, note: (error as Error).message };
  }
}

function rowsNote(rows: readonly Row[]): string {
  return `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
}

function checkFacet(text: string, { provides }: FoundDelegate): string {
  const root = readTree(Buffer.from(text));
  const name = nameKey(root);
  if (!provides.includes(name)) throw new Error(`${name} is not among what it provides: ${provides.join(', ')}`);
  const attributed = firstWithAttributes(root);
  if (attributed !== undefined) throw new Error(`facets have no attributes, yet ${attributed.place.path} has`);
  return name;
}

type Tree = ReturnType<typeof readTree>;

function firstWithAttributes(element: Tree): Tree | undefined {
  if (element.attributes.length > 0) return element;
  for (const child of element.children) {
    const found = firstWithAttributes(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
