/** The resources that an interface is about, read again: under its schema, or under one that may take its place. */
import { setImmediate as breathe } from 'node:timers/promises';
import { serializeNode } from '../../discovery/columns/index.js';
import type { View } from '../../discovery/index.js';
import { parseNameKey, type ResourceId, type Violation } from '../../model/index.js';
import type { ReadPiece, ReadResult } from '../../xml/index.js';
import { metaOf } from '../current.js';
import { carriers } from './carriers.js';

/** A resource with a facet that is not valid. */
export interface InvalidResource {
  readonly id: ResourceId;
  /** who keeps its facets of the namespace, `principal` or `principal/manager` */
  readonly owners: readonly string[];
  /** the first violation of those: where it is and what it says */
  readonly violation: Violation;
  /** how many there are */
  readonly violations: number;
}

export interface CorpusReading {
  /** visible resources that were read */
  readonly resources: number;
  readonly invalid: number;
  /** the first of them, in publication order */
  readonly listed: readonly InvalidResource[];
}

/** Documents read together, and ms of making them before others have their turn. */
const BATCH = 64;

export interface CorpusOptions {
  readonly view: View;
  /** its own and those that build on it */
  readonly namespaces: ReadonlySet<string>;
  readonly read: (pieces: readonly ReadPiece[]) => Promise<readonly ReadResult[]>;
  /** at most so many are listed; all are counted */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
}

/** One state of the directory from its beginning to its end, in slices: it can take long, and nobody waits for it. */
export async function readCorpus({ view, namespaces, read, limit, signal }: CorpusOptions): Promise<CorpusReading> {
  const { slots } = view.columns;
  const found = carriers(view, namespaces);
  const listed: InvalidResource[] = [];
  let invalid = 0;
  for (let from = 0; from < found.length; from += BATCH) {
    await breathe();
    signal?.throwIfAborted();
    const some = found.slice(from, from + BATCH);
    const results = await read(some.map((slot) => ({ bytes: serializeNode(view, 2 * slots.row(slot)) })));
    for (const [k, result] of results.entries()) {
      if (result.ok) continue;
      invalid++;
      if (listed.length < limit) listed.push(describe(view, some[k], namespaces, result.problem.violations, result.problem.message));
    }
  }
  return { resources: found.length, invalid, listed };
}

function describe(
  view: View,
  slot: number,
  namespaces: ReadonlySet<string>,
  violations: readonly Violation[],
  message: string,
): InvalidResource {
  const { facets } = metaOf(view.columns, slot);
  const owners = Object.entries(facets)
    .filter(([key]) => namespaces.has(parseNameKey(key)?.ns ?? ''))
    .map(([, { principal, manager }]) => (manager === '' ? principal : `${principal}/${manager}`));
  // Places are those in the canonical form, which nobody has written: the path says where.
  const { line: _, column: __, ...violation } = violations[0] ?? { rule: 'schema', message };
  return { id: view.columns.slots.id(slot), owners: [...new Set(owners)], violation, violations: Math.max(1, violations.length) };
}
