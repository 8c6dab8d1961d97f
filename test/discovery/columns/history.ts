/** Random histories of a directory, and the plainest model of them: a list of versions. */
import fc from 'fast-check';
import { applyCommit, type Columns } from '../../../src/discovery/columns/index.js';
import type { AppliedChange, Commit } from '../../../src/model/index.js';
import { contradictions, type ReadResource, readResources } from './read-everything.js';
import { type SampleElement, sampleResource, writeSample } from './sample-resources.js';

export type SampleChange =
  | { readonly kind: 'put'; readonly id: string; readonly tree: SampleElement }
  | { readonly kind: 'remove'; readonly id: string };

const IDS = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5 &<"', 'r6 é😀'];

/** Each commit touches each resource at most once. */
export const sampleHistory: fc.Arbitrary<SampleChange[][]> = fc.array(
  fc
    .subarray(IDS, { minLength: 1, maxLength: 4 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc.oneof(
            { weight: 4, arbitrary: sampleResource(id).map((tree) => ({ kind: 'put', id, tree }) as const) },
            { weight: 1, arbitrary: fc.constant({ kind: 'remove', id } as const) },
          ),
        ),
      ),
    ),
  { minLength: 1, maxLength: 8 },
);

interface Version {
  readonly id: string;
  readonly xml: string;
  readonly born: number;
  died: number;
  readonly created: number;
  readonly createdSeq: number;
}

export interface Model {
  readonly versions: Version[];
  revision: number;
}

export function createModel(): Model {
  return { versions: [], revision: 0 };
}

/** Commits the changes to the model; returns the commit as a store would tell it. */
export function commitToModel(model: Model, changes: readonly SampleChange[]): Commit {
  const revision = ++model.revision;
  const at = 1_700_000_000_000 + revision;
  const applied: AppliedChange[] = [];
  changes.forEach((change, createdSeq) => {
    const open = model.versions.find((version) => version.id === change.id && version.died === Number.POSITIVE_INFINITY);
    if (change.kind === 'remove') {
      if (open === undefined) return;
      open.died = revision;
      applied.push(change);
      return;
    }
    if (open !== undefined) open.died = revision;
    const { created, createdSeq: seq } = open ?? { created: revision, createdSeq };
    const xml = writeSample(change.tree);
    model.versions.push({ id: change.id, xml, born: revision, died: Number.POSITIVE_INFINITY, created, createdSeq: seq });
    applied.push({
      kind: 'put',
      resource: {
        id: change.id,
        xml: new TextEncoder().encode(xml),
        revision,
        created,
        createdSeq: seq,
        createdAt: 1_700_000_000_000 + created,
        modifiedAt: at,
      },
    });
  });
  return { revision, at, changes: applied };
}

/** Commits to both. */
export function commit(model: Model, columns: Columns, changes: readonly SampleChange[]): void {
  applyCommit(columns, commitToModel(model, changes));
}

export function resourcesAt(model: Model, revision: number): ReadResource[] {
  return model.versions
    .filter(({ born, died }) => born <= revision && died > revision)
    .sort((a, b) => a.created - b.created || a.createdSeq - b.createdSeq)
    .map(({ id, xml }) => ({ id, xml }));
}

export interface Reading {
  readonly revision: number;
  readonly count: number;
  readonly wrong: readonly string[];
  /** by revision, from `base` on */
  readonly resources: readonly (readonly ReadResource[])[];
}

/** Everything that can be read of columns, as data that goes through postMessage. */
export function readEverything(columns: Columns): Reading {
  const resources = [];
  for (let revision = columns.base; revision <= columns.revision; revision++) resources.push(readResources({ columns, revision }));
  return { revision: columns.revision, count: columns.slots.count, wrong: contradictions(columns), resources };
}

/** What readEverything should say. */
export function modelReading(model: Model, columns: Columns): Reading {
  const resources = [];
  for (let revision = columns.base; revision <= model.revision; revision++) resources.push(resourcesAt(model, revision));
  return { revision: model.revision, count: columns.slots.count, wrong: [], resources };
}
