/** One YAML file → one keeper. Whatever is wrong is said with its line, all of it at once. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { nearest, type Violation } from '../../model/index.js';
import { periodOf, type Schedule } from '../schedule.js';
import type { FacetConfig, KeeperConfig, ResourceConfig, SecretReference } from './config.js';
import { ConfigFault } from './config-fault.js';
import { fill, referenceFaults, secretReference } from './references.js';
import { KEYS, type KeeperFile, keeperShape, type ScheduleFile } from './shape.js';

const EVERY_MINUTE: Schedule = { everyMs: 60_000, jitterMs: 0 };
const TIMEOUT_MS = 10_000;
const MAX_AGE_MS = 86_400_000;

export function readConfigFile(file: string): KeeperConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigFault(file, '', [{ rule: 'config', message: `cannot be read: ${(error as Error).message}` }]);
  }
  return readConfig(file, text);
}

/** `file`: absolute; relative paths in the text begin at its folder. Throws ConfigFault. */
export function readConfig(file: string, text: string): KeeperConfig {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    throw new ConfigFault(
      file,
      text,
      document.errors.map((error) => ({ rule: 'config', message: error.message, ...at(error.pos[0]) })),
    );
  const offsetOf = (path: readonly PropertyKey[]) => offsetIn(document.contents, path);
  const placed = (path: readonly PropertyKey[], message: string, hint?: string): Violation => ({
    rule: 'config',
    message,
    ...at(offsetOf(path)),
    ...(hint === undefined ? {} : { hint }),
  });
  const value: unknown = document.toJS() ?? {};
  const read = keeperShape.safeParse(value);
  const faults = [
    ...(read.error?.issues ?? []).flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => placed([...issue.path, key], `there is no key "${key}"`, hintFor(issue.path, key)))
        : [placed(issue.path, `${nameOf(issue.path)} ${missing(value, issue.path) ? 'is required' : issue.message}`)],
    ),
    ...referenceFaults(value).map(({ path, message, hint }) => placed(path, message, hint)),
  ];
  const inOrder = faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  if (!read.success || faults.length > 0) throw new ConfigFault(file, text, inOrder);
  return keeperOf(read.data, file, text, (path) => at(offsetOf(path)).line);
}

function keeperOf(read: KeeperFile, file: string, text: string, lineOf: (path: readonly PropertyKey[]) => number): KeeperConfig {
  const absolute = (path: string) => resolve(dirname(file), path);
  const scheduleOf = (one: ScheduleFile): Schedule => ({
    jitterMs: one.jitter ?? 0,
    ...(one.cron === undefined ? {} : { cron: one.cron }),
    ...(one.timezone === undefined ? {} : { timezone: one.timezone }),
    ...(one.every === undefined ? {} : { everyMs: one.every }),
    ...(one['on-change'] === undefined ? {} : { onChange: one['on-change'].map(absolute) }),
  });
  const env = read.env ?? [];
  const schedule = read.schedule === undefined ? EVERY_MINUTE : scheduleOf(read.schedule);
  const resources = read.resources.map((one, i): ResourceConfig => {
    const own = one.schedule === undefined ? schedule : scheduleOf(one.schedule);
    return {
      id: one.id,
      ...(one.name === undefined ? {} : { name: one.name }),
      ...(one.description === undefined ? {} : { description: one.description }),
      scopes: one.scopes ?? read.scopes,
      schedule: own,
      ...(one['for-each'] === undefined
        ? {}
        : {
            forEach: {
              delegate: one['for-each'].delegate,
              config: one['for-each'].config ?? {},
              timeoutMs: one['for-each'].timeout ?? TIMEOUT_MS,
            },
          }),
      facets: one.facets.map((facet, j): FacetConfig => {
        const when = facet.schedule === undefined ? own : scheduleOf(facet.schedule);
        return {
          delegate: facet.delegate,
          config: facet.config ?? {},
          schedule: when,
          ttl: Math.round((facet.ttl ?? Math.max(90_000, 3 * (periodOf(when, Date.now()) ?? 0))) / 1000),
          timeoutMs: facet.timeout ?? TIMEOUT_MS,
          critical: facet.critical ?? 'optional',
          maxAgeMs: facet['max-age'] ?? MAX_AGE_MS,
          place: { file, line: lineOf(['resources', i, 'facets', j]) },
        };
      }),
      place: { file, line: lineOf(['resources', i]) },
    };
  });
  const token = tokenOf(read, absolute);
  return {
    file,
    digest: hash('sha256', text, 'hex'),
    name: fill(read.name, { env }),
    directory: {
      ...(read.directory?.url === undefined ? {} : { url: read.directory.url }),
      ...(token === undefined ? {} : { token }),
    },
    schedule,
    scopes: read.scopes,
    delegates: {
      folders: (read.delegates.folders ?? []).map(absolute),
      packages: (read.delegates.packages ?? []).map(absolute),
    },
    env,
    leave: read.leave ?? 'expire',
    parallel: read.parallel ?? 16,
    resources,
  };
}

function tokenOf({ directory }: KeeperFile, absolute: (path: string) => string): SecretReference | undefined {
  if (directory?.['token-file'] !== undefined) return { file: absolute(directory['token-file']) };
  if (directory?.token === undefined) return undefined;
  const reference = secretReference(directory.token) as SecretReference;
  return 'file' in reference ? { file: absolute(reference.file) } : reference;
}

/** Offset of what stands at a path of keys and numbers; of a map's entry, its key. What is not there: what would hold it. */
function offsetIn(root: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      if (pair === undefined || !isPair(pair)) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else {
      const item: unknown = (node as { items?: readonly unknown[] } | null)?.items?.[Number(step)];
      if (!isNode(item)) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    }
  }
  return offset;
}

function hintFor(path: readonly PropertyKey[], key: string): string {
  const steps = path.map((step) => (typeof step === 'number' ? '*' : String(step)));
  const known = KEYS[steps.slice(-2).join('.')] ?? KEYS[steps.at(-1) ?? ''] ?? [];
  const near = nearest(key, known);
  return near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the file' : `"${path.map(String).join('.')}"`;
}

function missing(value: unknown, path: readonly PropertyKey[]): boolean {
  let inside: unknown = value;
  for (const step of path) {
    if (typeof inside !== 'object' || inside === null) return false;
    inside = (inside as Record<PropertyKey, unknown>)[step];
  }
  return inside === undefined && path.length > 0;
}
