/** What is described by one facet, as `facetry site`, `appliance` and their like list, show and remove it. */
import { type FacetObject, type FacetValue, RESOURCE_NS, readResource } from '../../client/index.js';
import { facetOf } from '../../cluster/index.js';
import { Problem } from '../../model/index.js';
import { UsageError } from '../exit-code.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf, tableWidth } from '../output-form.js';
import type { Session } from '../session.js';

export const DESCRIBED = ['list', 'show', 'remove'] as const;

export interface Described {
  /** of the facet, and of its namespace */
  readonly facet: string;
  /** heading of a column → where it is in the facet, such as `outputs.output.name` */
  readonly columns: Readonly<Record<string, string>>;
}

/** False: the action is another one. */
export async function describedAction(session: Session, action: unknown, name: unknown, described: Described): Promise<boolean> {
  if (action === 'list') await list(session, described);
  else if (!DESCRIBED.some((one) => one === action)) return false;
  else if (name === undefined) throw new UsageError('NAME is missing');
  else if (action === 'show') await show(session, String(name), described);
  else await remove(session, String(name), described);
  return true;
}

/** For actions that need one. */
export function nameOf(name: unknown): string {
  if (name === undefined) throw new UsageError('NAME is missing');
  return String(name);
}

async function list(session: Session, { facet, columns }: Described): Promise<void> {
  const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
  const namespaces = { r: RESOURCE_NS, f: `urn:facetry:${facet}` };
  const rows: Record<string, string>[] = [];
  for await (const node of session.client.discover(`/r:resource[f:${facet}]`, { namespaces })) {
    if (node.kind !== 'element') continue;
    const content = facetOf(readResource(node.xml), facet, node.resource);
    const cells = Object.entries(columns).map(([head, path]) => [head, at(content, path.split('.')).join(', ')]);
    rows.push({ id: node.resource, ...Object.fromEntries(cells) });
  }
  if (form === 'name') return await session.print(rows.map(({ id }) => `${id}\n`).join(''));
  if (form !== 'table') return await session.print(structured(form, rows));
  const cells = rows.map((row) => Object.values(row).map(cell));
  await session.print(table(['id', ...Object.keys(columns)], cells, session.colors.out, tableWidth(session)));
}

function at(value: FacetValue | undefined, path: readonly string[]): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((one) => at(one, path));
  const [first, ...rest] = path;
  if (typeof value === 'string') return first === undefined ? [value] : [];
  return first === undefined ? [] : at((value as FacetObject)[first], rest);
}

async function show(session: Session, id: string, { facet }: Described): Promise<void> {
  const found = await session.client.get(id);
  if (found === undefined) throw new Problem('not-found', { detail: `there is no resource "${id}"` });
  const document = found.read();
  await session.print(structured(outputOf(session, ['yaml', 'json']), { id, scopes: document.scopes, ...facetOf(document, facet, id) }));
}

/** What others refer to stays: they would be of no use any more. A released cluster is history, and keeps nothing. */
async function remove({ client, print }: Session, id: string, { facet }: Described): Promise<void> {
  const found = await client.get(id);
  if (found === undefined) throw new Problem('not-found', { detail: `there is no resource "${id}"` });
  facetOf(found.read(), facet, id);
  const refers = "(ends-with(local-name(), 'Ref') and local-name() != 'vaultRef' or local-name() = 'supersedes') and . = $id";
  const live = "not(ancestor::c:cluster[c:status = 'released'])";
  const needing = new Set<string>();
  const question = `/r:resource[@id != $id]//*[${refers} and ${live}]`;
  const namespaces = { r: RESOURCE_NS, c: 'urn:facetry:cluster' };
  for await (const node of client.discover(question, { namespaces, variables: { id } })) if ('resource' in node) needing.add(node.resource);
  if (needing.size > 0)
    throw new Problem('conflict', {
      detail: `${id} is needed by ${[...needing].join(', ')}`,
      hint: 'remove these first; facetry remove removes it all the same',
    });
  await client.remove(id, { ifMatch: found.etag });
  await print(`${id} removed\n`);
}
