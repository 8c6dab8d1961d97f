import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { DOCUMENT_LIMITS, type DocumentLimits, Problem, RESOURCE_NS, type ResourceId } from '../model/index.js';
import { type Accepted, tooLarge } from './accepted.js';
import { type Instance, startInstance } from './instance.js';
import { STRUCTURE_LIMITS } from './limits.js';
import { type Breakage, fromWire, type WireResult } from './pool-messages.js';
import { createQueue, type Job, pack } from './pool-queue.js';
import type { Position } from './positions.js';
import { type Owned, readApart, unreadable } from './read-apart.js';
import type { SchemaChange } from './schema-model/index.js';
import { type InspectedSchema, reportOf, type Schema, type SchemaReport } from './schema-registry.js';

export interface ReadOptions {
  /** the id the resource must have (PUT); the document may leave it out, not contradict it */
  readonly id?: ResourceId;
  /** makes an id for a document that comes without one (POST) */
  readonly mintId?: () => ResourceId;
  /** charset parameter of the Content-Type */
  readonly charset?: string;
  /** the canonical document that this one replaces: facets that stay as they are in it need not be valid against their schemas */
  readonly current?: Uint8Array;
}

/** One document of a larger body. */
export interface ReadPiece {
  readonly bytes: Uint8Array;
  /** where it begins in the body; positions in violations count from the body's beginning */
  readonly origin?: Position;
  /** bindings of a wrapper around it */
  readonly namespaces?: Readonly<Record<string, string>>;
  /** why it cannot even be handed over */
  readonly problem?: Problem;
  /** as in ReadOptions */
  readonly current?: Uint8Array;
}

export type ReadResult =
  | ({ readonly ok: true } & Accepted)
  /** `id`: the document is a resource; some facets are not valid */
  | { readonly ok: false; readonly problem: Problem; readonly id?: ResourceId };

/** Schemas that are compiled and not yet in force. */
export interface PreparedSchemas {
  readonly report: SchemaReport;
  /** Reads documents as they would be read under these, while everybody else reads under those in force. One call at a time. */
  readMany(pieces: readonly ReadPiece[]): Promise<ReadResult[]>;
  /** What changes for the facets of `ns`, from `before` to these. */
  compare(ns: string, before: readonly Schema[], after: readonly Schema[]): Promise<readonly SchemaChange[]>;
  /** Everything that is handed in from now on is read under these. */
  install(): void;
  /** Lets go of them. */
  discard(): void;
}

/**
 * Reads documents off the main thread, by instances that can be lost: a document on which one hangs, traps or runs out of memory
 * gets a clear error, all others are read.
 */
export interface XmlReader {
  /** Rejects with Problem: `not-well-formed`, `encoding-refused`, `doctype-refused`, `invalid-resource`, `limit-exceeded`, `document-too-large`, `overloaded`. */
  read(bytes: Uint8Array, options?: ReadOptions): Promise<Accepted>;
  /** Many at once, in order, behind single reads. Never rejects because of a document. */
  readMany(pieces: readonly ReadPiece[], options?: ReadOptions): Promise<ReadResult[]>;
  /**
   * Registers exactly these. The new set is compiled beside the old one and takes over when it is ready; documents in flight finish
   * under the old. Rejects with Problem `invalid-schema`; then the old set stays.
   */
  setSchemas(schemas: readonly Schema[]): Promise<SchemaReport>;
  /** Compiles these beside those in force. Rejects with Problem `invalid-schema`. Whoever prepares installs or discards. */
  prepare(schemas: readonly Schema[]): Promise<PreparedSchemas>;
  readonly report: SchemaReport;
  /** Finishes what was handed in, then stops the workers. */
  close(): Promise<void>;
}

export interface XmlPoolOptions {
  /** default: one less than the cores, at least one; one more is kept loaded to stand in */
  readonly workers?: number;
  readonly limits?: DocumentLimits;
  readonly schemas?: readonly Schema[];
  /** ms one document may take */
  readonly timeoutMs?: number;
  /** ms a set of schemas may take to compile when it is registered later; a set given here has ten seconds */
  readonly compileTimeoutMs?: number;
  /** bytes of a worker's WebAssembly heap */
  readonly heapBytes?: number;
  /** bytes of single documents that may wait; more is `overloaded` */
  readonly queueBytes?: number;
  /** the worker's module */
  readonly worker?: URL;
}

/** ms for what is no stranger's doing: loading code, compiling schemas that compiled before. */
const PATIENT_MS = 10_000;

/** The instances of one registry revision. */
interface Generation {
  readonly schemas: readonly InspectedSchema[];
  /** what compiling them took */
  readonly ms: number;
  readonly idle: Set<Instance>;
  readonly busy: Set<Instance>;
  /** instances on their way */
  starting: number;
}

export async function createXmlPool(options: XmlPoolOptions = {}): Promise<XmlReader> {
  const limits = options.limits ?? DOCUMENT_LIMITS;
  if (limits.depth > STRUCTURE_LIMITS.depth) throw new Error(`the depth limit can be at most ${STRUCTURE_LIMITS.depth}`);
  const count = options.workers ?? Math.max(1, availableParallelism() - 1);
  const timeoutMs = options.timeoutMs ?? 800;
  const queueBytes = options.queueBytes ?? 64 * 1024 * 1024;
  const starting = {
    module: options.worker ?? new URL('./pool-worker.js', import.meta.url),
    heapBytes: options.heapBytes ?? 256 * 1024 * 1024,
    loadMs: PATIENT_MS,
  };
  const resourceSchema = { ns: RESOURCE_NS, xsd: readFileSync(new URL('../../xsd/resource.xsd', import.meta.url), 'utf8') };

  const queue = createQueue();
  let pending = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let closing = false;
  let onDrained: (() => void) | undefined;
  let changing: Promise<unknown> = Promise.resolve();
  /** Loaded, without schemas: stands in for one that is lost, and tries new schemas. */
  let spare: Promise<Instance> | undefined;

  // ---- instances ----------------------------------------------------------------------------------------------------------------------

  function loadSpare(): void {
    spare ??= startInstance(starting);
    // Whoever takes it meets the error; nobody may.
    spare.catch(() => undefined);
  }

  async function newInstance(generation: Generation, patienceMs: number): Promise<void> {
    const loading = spare ?? startInstance(starting);
    spare = undefined;
    generation.starting++;
    try {
      const instance = await loading;
      await instance.setUp({ limits, resourceSchema, schemas: { kind: 'known', set: generation.schemas } }, patienceMs);
      if (closing && pending === 0) await instance.stop();
      else generation.idle.add(instance);
    } finally {
      generation.starting--;
    }
  }

  /** Keeps the current generation at its number of instances. */
  function replenish(delayMs = 0): void {
    const generation = current;
    if (generation.idle.size + generation.busy.size + generation.starting >= count || (closing && pending === 0)) return;
    newInstance(generation, PATIENT_MS).then(
      () => {
        if (!closing) loadSpare();
        pump();
      },
      () => setTimeout(() => replenish(Math.min(5000, Math.max(100, delayMs * 2))), delayMs),
    );
  }

  // ---- reading ------------------------------------------------------------------------------------------------------------------------

  function enqueue(line: 'single' | 'bulk', bytes: Uint8Array, item: Job['item']): Promise<WireResult | Problem> {
    if (closing) return Promise.resolve(new Problem('overloaded', { detail: 'the directory is closing' }));
    if (bytes.length > limits.bytes) return Promise.resolve(tooLarge(bytes.length, limits));
    if (line === 'single' && queue.bytes + bytes.length > queueBytes) {
      const hint = 'try again in a moment';
      return Promise.resolve(new Problem('overloaded', { detail: 'too many documents wait to be read', hint, retryAfter: 1 }));
    }
    pending++;
    return new Promise((settle) => queue.push(line, { bytes, item, settle }));
  }

  /** Hands what waits to idle instances. */
  function pump(): void {
    scheduled = undefined;
    const generation = current;
    for (const instance of [...generation.idle]) {
      const jobs = queue.take(generation.idle.size);
      if (jobs.length === 0) return;
      void run(generation, instance, jobs);
    }
  }

  /** Waking a thread costs a third of reading a document: those that come in one turn of the event loop go together. */
  function pumpSoon(): void {
    if (scheduled === undefined) scheduled = setImmediate(pump);
  }

  async function run(generation: Generation, instance: Instance, jobs: readonly Job[]): Promise<void> {
    generation.idle.delete(instance);
    generation.busy.add(instance);
    const { results, lost, retire } = await instance.read(pack(jobs), timeoutMs);
    generation.busy.delete(instance);
    if (lost === undefined && generation === current && !retire) generation.idle.add(instance);
    else if (lost === undefined) void instance.stop();
    if (lost !== undefined) putBack(jobs, results.length, lost);
    replenish();
    pump();
    results.forEach((result, k) => {
      settle(jobs[k], result);
    });
  }

  /**
   * The instance is gone. What it had not come to yet is simply read by another. What it was at gets one more try, by itself: an instance
   * that an earlier document has damaged may break on an innocent one. Not so when it ran out of time, which no damage explains.
   */
  function putBack(jobs: readonly Job[], finished: number, lost: Breakage & { readonly index: number }): void {
    const again: Job[] = [];
    for (const [k, job] of jobs.entries()) {
      if (k < finished) continue;
      if (k === lost.index && (job.suspect || lost.kind === 'time')) settle(job, unreadable(lost, timeoutMs));
      else again.push(k === lost.index ? { ...job, suspect: true } : job);
    }
    // Suspects go last of these: nobody should wait for them.
    queue.putBack([...again.filter((job) => !job.suspect), ...again.filter((job) => job.suspect)]);
  }

  function settle(job: Job, result: WireResult | Problem): void {
    pending--;
    job.settle(result);
    if (pending === 0) onDrained?.();
  }

  async function read(bytes: Uint8Array, readOptions: ReadOptions = {}): Promise<Accepted> {
    const answer = enqueue('single', bytes, itemOf(readOptions));
    pumpSoon();
    const result = await answer;
    if (result instanceof Problem) throw result;
    if (!result.ok) throw fromWire(result);
    return { resource: result.resource, notices: result.notices };
  }

  async function readMany(pieces: readonly ReadPiece[], readOptions: ReadOptions = {}): Promise<ReadResult[]> {
    const answers = pieces.map(({ bytes, origin, namespaces, problem, current: replaced }) => {
      if (problem !== undefined) return problem;
      const own = { ...(origin && { origin }), ...(namespaces && { namespaces }), ...(replaced && { current: replaced }) };
      return enqueue('bulk', bytes, { ...itemOf(readOptions), ...own });
    });
    pump();
    return (await Promise.all(answers)).map(resultOf);
  }

  // ---- schemas ------------------------------------------------------------------------------------------------------------------------

  /** One instance tries new schemas: hostile ones cost that instance and its time, not all of them. Even their text is read there. */
  async function generationOf(schemas: readonly Schema[], patienceMs: number): Promise<Generation> {
    const loading = spare ?? startInstance(starting);
    spare = undefined;
    let instance: Instance | undefined;
    try {
      instance = await loading;
      const began = performance.now();
      const set = await instance.setUp({ limits, resourceSchema, schemas: { kind: 'new', set: schemas } }, patienceMs);
      return { schemas: set, ms: performance.now() - began, idle: new Set([instance]), busy: new Set(), starting: 0 };
    } catch (error) {
      if (instance?.reusable === true && spare === undefined) spare = Promise.resolve(instance);
      else void instance?.stop();
      if (error instanceof Problem) throw error;
      throw new Problem('internal-error', { detail: `the readers could not be started: ${(error as Error).message}`, cause: error });
    }
  }

  /** These are no longer needed: one of them stands by, the others go. */
  function standBy(generation: Generation): void {
    for (const instance of generation.idle) {
      if (spare === undefined && instance.reusable && !closing) spare = Promise.resolve(instance);
      else void instance.stop();
    }
    generation.idle.clear();
    if (!closing) loadSpare();
  }

  async function prepare(schemas: readonly Schema[]): Promise<PreparedSchemas> {
    if (closing) throw new Problem('overloaded', { detail: 'the directory is closing' });
    // A large registry takes its time, which is not that of the schema that is new.
    const patience = (options.compileTimeoutMs ?? 650) + 2 * current.ms;
    const next = await generationOf(schemas, patience).catch((error: unknown) => {
      if (!closing) loadSpare();
      throw error;
    });
    const discard = () => {
      prepared.delete(discard);
      standBy(next);
    };
    prepared.add(discard);
    if (closing) discard();
    return {
      report: reportOf(next.schemas),
      discard,
      async readMany(pieces) {
        const jobs = pieces.map(({ bytes, current: replaced }): Job => ({ bytes, item: itemOf({ current: replaced }), settle: () => {} }));
        return (await readApart(jobs, () => take(next), timeoutMs)).map(resultOf);
      },
      async compare(ns, before, after) {
        const { instance, giveBack } = await take(next);
        const changes = await instance.compare({ ns, before, after }, 2 * patience);
        if (changes !== undefined) giveBack();
        return changes ?? [{ path: '', what: 'there is more than can be compared', compatible: false }];
      },
      install() {
        prepared.delete(discard);
        const old = current;
        current = next;
        // The busy ones go when they have finished.
        standBy(old);
        for (let k = 0; k < count; k++) replenish();
        pump();
      },
    };
  }

  /** The one instance of schemas that are not in force; another when it was lost. */
  async function take(generation: Generation): Promise<Owned> {
    if (closing) throw new Problem('overloaded', { detail: 'the directory is closing' });
    if (generation.idle.size === 0) await newInstance(generation, PATIENT_MS);
    const [instance] = generation.idle;
    generation.idle.delete(instance);
    return { instance, giveBack: () => void generation.idle.add(instance) };
  }

  const prepared = new Set<() => void>();
  let current = await generationOf(options.schemas ?? [], PATIENT_MS);
  await Promise.all(Array.from({ length: count - 1 }, () => newInstance(current, PATIENT_MS)));
  loadSpare();

  return {
    read,
    readMany,
    setSchemas(schemas) {
      if (closing) return Promise.reject(new Problem('overloaded', { detail: 'the directory is closing' }));
      const done = changing.then(async () => {
        const next = await prepare(schemas);
        next.install();
        return next.report;
      });
      changing = done.catch(() => undefined);
      return done;
    },
    prepare,
    get report() {
      return reportOf(current.schemas);
    },
    async close() {
      closing = true;
      await changing;
      for (const discard of prepared) discard();
      if (pending > 0) {
        await new Promise<void>((resolve) => {
          onDrained = resolve;
        });
      }
      const last = await spare?.catch(() => undefined);
      await Promise.all([...current.idle, ...current.busy, ...(last ? [last] : [])].map((instance) => instance.stop()));
    },
  };
}

function itemOf({ id, mintId, charset, current }: ReadOptions): Job['item'] {
  return {
    ...(id !== undefined && { id }),
    ...(mintId && { mintedId: mintId() }),
    ...(charset !== undefined && { charset }),
    ...(current && { current }),
  };
}

function resultOf(result: WireResult | Problem): ReadResult {
  if (result instanceof Problem) return { ok: false, problem: result };
  return result.ok ? result : { ok: false, problem: fromWire(result), ...(result.id === undefined ? {} : { id: result.id }) };
}
