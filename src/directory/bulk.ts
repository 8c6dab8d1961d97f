/**
 * Many documents in one request. All or nothing: one commit with everything. Otherwise each document has its own
 * fate, and the documents of a stretch that are all fine still share a commit, because one is much cheaper than many.
 */
import { type Change, Problem, type ResourceId } from '../model/index.js';
import { type Piece, splitResources } from '../xml/index.js';
import { ahead } from './ahead.js';
import { at } from './at.js';
import { currentOf } from './current.js';
import { differenceText } from './difference-text.js';
import type { BulkResult, Caller, Published, WriteOptions } from './directory.js';
import { etagOf } from './etag.js';
import { planChange } from './plan-change.js';
import { checkPreconditions, createdBy, type Intent, publish } from './publish.js';
import { readManyOver } from './read-over.js';
import { requireWriter } from './rights.js';
import type { Rooms } from './rooms.js';

export interface BulkOptions extends Pick<WriteOptions, 'dryRun' | 'manager' | 'force' | 'lease'> {
  readonly form: 'resources' | 'lines';
  readonly atomic: boolean;
  readonly upsert: boolean;
}

/** Documents looked at together when each has its own fate; bounds memory and the length of a commit. */
const STRETCH = 256;

/** Stretches being read while one is written. */
const AHEAD = 3;

type Accepted = Extract<Step, { readonly published: Published }>;

/** A document on its way: refused, or a change with the answer it gives once written. */
type Step =
  | { readonly index: number; readonly refused: BulkResult }
  | { readonly index: number; readonly change?: Change; readonly published: Published /** as the caller sees it */; readonly xml: string };

export async function* bulk(
  rooms: Rooms,
  caller: Caller,
  body: AsyncIterable<Uint8Array>,
  options: BulkOptions,
): AsyncIterable<BulkResult> {
  requireWriter(caller);
  const steps: Step[] = [];
  // While one stretch is written, the next ones are read and checked; what they found is checked again when they are written.
  const prepared = ahead(stretches(splitResources(body, options.form), STRETCH), AHEAD, (stretch) =>
    prepare(rooms, caller, stretch, options),
  );
  for await (const made of prepared) {
    if (options.atomic) steps.push(...made);
    else
      yield* settle(rooms, caller, made, options, ({ published, xml }) =>
        publish(rooms, caller, intentOf(options, published.id), encoder.encode(xml), options),
      );
  }
  if (!options.atomic) return;
  const refused = [...steps, ...repeated(steps)].flatMap((step) => ('refused' in step ? [step.refused] : []));
  if (refused.length > 0) throw refusal(refused, steps.length);
  yield* settle(rooms, caller, steps, options, () => {
    throw new Problem('conflict', {
      detail: 'a resource was changed by somebody else meanwhile; nothing was stored',
      hint: 'send the request again',
    });
  });
}

async function prepare(rooms: Rooms, caller: Caller, pieces: readonly Piece[], options: BulkOptions): Promise<Step[]> {
  const read = await readManyOver(rooms, pieces, (id) => (options.upsert ? currentOf(rooms, caller, id) : undefined));
  return read.map((result, k) => {
    const index = (pieces[k] as Piece).index;
    if (!result.ok) return { index, refused: refusedBy(index, result.problem) };
    const { resource, notices } = result;
    const { id, xml } = resource;
    const current = currentOf(rooms, caller, id);
    try {
      checkPreconditions(id, current, intentOf(options, id), {});
      const { outcome, change } = planChange(rooms, { caller, id, current, xml, options, created: createdBy(caller) });
      const published: Published = {
        outcome,
        id,
        etag: etagOf(xml),
        ...at(rooms, caller, current?.revision ?? rooms.live.revision),
        notices,
        ...(options.dryRun === true ? { diff: differenceText(current?.xml, xml) } : {}),
      };
      return { index, published, xml, ...(change === undefined ? {} : { change }) };
    } catch (error) {
      if (error instanceof Problem) return { index, refused: refusedBy(index, error) };
      throw error;
    }
  });
}

/** Writes the changes of the steps as one commit; `alone` decides what to do with each when that met a conflict. */
async function* settle(
  rooms: Rooms,
  caller: Caller,
  steps: readonly Step[],
  options: BulkOptions,
  alone: (step: Accepted) => Promise<Published>,
): AsyncIterable<BulkResult> {
  const changes = steps.flatMap((step) => ('change' in step && step.change !== undefined ? [step.change] : []));
  const distinct = new Set(changes.map((change) => change.id)).size === changes.length;
  // one by one they may lack what the others bring
  if (options.dryRun === true && options.atomic && distinct) await rooms.registry.try(changes);
  const written =
    options.dryRun === true || changes.length === 0
      ? undefined
      : distinct
        ? await writeAll(rooms, changes, options)
        : { ok: false as const };
  if (written?.ok === true) await rooms.live.reached(written.revision);
  for (const step of steps) {
    const { index } = step;
    if ('refused' in step) yield step.refused;
    else if (step.change === undefined || written === undefined) yield { index, ok: true, published: step.published };
    else if (written.ok) yield { index, ok: true, published: { ...step.published, ...at(rooms, caller, written.revision) } };
    else {
      try {
        yield { index, ok: true, published: await alone(step) };
      } catch (error) {
        if (options.atomic || !(error instanceof Problem)) throw error;
        yield refusedBy(index, error);
      }
    }
  }
}

/** Interfaces may be refused as they are written: then each document is tried by itself, unless all were to go together. */
async function writeAll({ store }: Rooms, changes: readonly Change[], { atomic }: BulkOptions) {
  try {
    return await store.write(changes);
  } catch (error) {
    if (atomic || !(error instanceof Problem) || error.status >= 500) throw error;
    return { ok: false as const };
  }
}

function intentOf({ upsert }: BulkOptions, id: ResourceId): Intent {
  return upsert ? { kind: 'put', id } : { kind: 'create' };
}

/** In one commit each resource is touched at most once. */
function repeated(steps: readonly Step[]): Step[] {
  const first = new Map<ResourceId, number>();
  return steps.flatMap((step) => {
    if ('refused' in step) return [];
    const before = first.get(step.published.id);
    if (before === undefined) {
      first.set(step.published.id, step.index);
      return [];
    }
    const detail = `"${step.published.id}" is in the request twice, as document ${before + 1} and ${step.index + 1}`;
    return [{ index: step.index, refused: { index: step.index, ok: false as const, code: 'conflict' as const, detail, violations: [] } }];
  });
}

function refusal(refused: readonly BulkResult[], of: number): Problem {
  const shown = refused.slice(0, 100).flatMap((result) => {
    if (result.ok) return [];
    const place = `document ${result.index + 1}`;
    return result.violations.length === 0
      ? [{ rule: result.code, message: `${place}: ${result.detail}` }]
      : result.violations.map((violation) => ({ ...violation, message: `${place}: ${violation.message}` }));
  });
  const first = refused[0] as Extract<BulkResult, { ok: false }>;
  return new Problem(first.code, {
    detail: `${refused.length} of ${of} documents were refused; nothing was stored`,
    hint: 'correct them, or send ?atomic=false to store the others',
    violations: shown,
  });
}

function refusedBy(index: number, problem: Problem): BulkResult {
  return { index, ok: false, code: problem.code, detail: problem.detail ?? problem.title, violations: problem.violations };
}

async function* stretches<T>(source: AsyncIterable<T>, size: number): AsyncIterable<T[]> {
  let stretch: T[] = [];
  for await (const item of source) {
    stretch.push(item);
    if (stretch.length < size) continue;
    yield stretch;
    stretch = [];
  }
  if (stretch.length > 0) yield stretch;
}

const encoder = new TextEncoder();
