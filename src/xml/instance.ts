import { performance } from 'node:perf_hooks';
import type { Problem } from '../model/index.js';
import { startWorker } from '../thread/worker.js';
import {
  type Batch,
  type Breakage,
  type Comparison,
  type FromWorker,
  fromWire,
  type Setup,
  type ToWorker,
  type WireResult,
  type WorkerData,
} from './pool-messages.js';
import type { SchemaChange } from './schema-model/index.js';
import { type InspectedSchema, inSchema, invalid } from './schema-registry.js';
import type { SchemaFinding } from './validator.js';

/** What became of a batch. `lost`: the instance is gone; the documents before `lost.index` have results, the one there is suspect. */
export interface BatchOutcome {
  readonly results: readonly WireResult[];
  readonly lost?: Breakage & { readonly index: number };
  readonly retire: boolean;
}

/** One worker thread with one libxml2 in it, which can be lost at any time. */
export interface Instance {
  /** Compiles what it will read with from now on; rejects with Problem `invalid-schema`, and is gone then unless `reusable`. Not during `read`. */
  setUp(setup: Setup, patienceMs: number): Promise<readonly InspectedSchema[]>;
  /** fit for another revision's schemas */
  readonly reusable: boolean;
  /** One batch at a time. Never rejects; after `lost` the instance is gone. */
  read(batch: Batch, timeoutMs: number): Promise<BatchOutcome>;
  /** Not during `read`. Undefined: it took longer than that, and the instance is gone. */
  compare(comparison: Comparison, patienceMs: number): Promise<readonly SchemaChange[] | undefined>;
  stop(): Promise<void>;
}

export interface InstanceOptions {
  readonly module: URL;
  readonly heapBytes: number;
  /** ms for loading the code: our own, not a stranger's doing */
  readonly loadMs: number;
}

/** Resolves when the code is loaded. */
export async function startInstance({ module, heapBytes, loadMs }: InstanceOptions): Promise<Instance> {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const worker = startWorker(module, {
    workerData: { heapBytes, progress } satisfies WorkerData,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  /** who waits for the worker's next word; a death is a word too */
  let listener: (message: FromWorker | Error) => void = () => undefined;
  let dead: Error | undefined;
  const die = (error: Error) => {
    dead ??= error;
    listener(error);
  };
  worker.on('message', (message: FromWorker) => listener(message));
  worker.on('error', die);
  worker.on('exit', () => die(new Error('the worker stopped')));

  /** The worker's next word, or an Error when it dies or says nothing for `ms`. */
  function next(ms: number): Promise<FromWorker | Error> {
    if (dead !== undefined) return Promise.resolve(dead);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(new TimeoutError(ms)), ms);
      listener = (message) => {
        clearTimeout(timer);
        resolve(message);
      };
    });
  }

  async function stop(): Promise<void> {
    listener = () => undefined;
    await worker.terminate();
  }

  const first = await next(loadMs);
  if (first instanceof Error) {
    void stop();
    throw first;
  }

  let reusable = true;
  return {
    stop,
    get reusable() {
      return reusable && dead === undefined;
    },
    async setUp(setup, patienceMs) {
      const answer = next(patienceMs);
      worker.postMessage({ kind: 'setup', setup } satisfies ToWorker);
      const message = await answer;
      if (!(message instanceof Error) && message.kind === 'ready') {
        reusable = !message.retire;
        return message.schemas;
      }
      // Nothing was compiled: it is as good as new.
      if (!(message instanceof Error) && message.kind === 'refused-schemas') throw fromWire(message.why);
      reusable = false;
      void stop();
      if (message instanceof TimeoutError) throw tooSlow(patienceMs);
      if (message instanceof Error) throw invalid(`the schemas cannot be compiled: ${message.message}`, []);
      throw schemaProblem(message.kind === 'invalid-schemas' ? message.findings : []);
    },
    async compare(comparison, patienceMs) {
      const answer = next(patienceMs);
      worker.postMessage({ kind: 'compare', comparison } satisfies ToWorker);
      const message = await answer;
      if (!(message instanceof Error) && message.kind === 'compared') return message.changes;
      reusable = false;
      void stop();
      return undefined;
    },
    read(batch, timeoutMs) {
      return new Promise((resolve) => {
        let seen = Atomics.load(progress, 1);
        let since = performance.now();
        // Looks whether the worker still gets on. One that has finished shows 0, however late we come to read its message.
        const watch = setInterval(
          () => {
            const begun = Atomics.load(progress, 1);
            if (begun !== seen || Atomics.load(progress, 0) === 0) {
              seen = begun;
              since = performance.now();
            } else if (performance.now() - since > timeoutMs) end({ kind: 'time', message: `more than ${timeoutMs} ms` });
          },
          Math.max(5, timeoutMs / 8),
        );
        listener = (message) => {
          if (message instanceof Error) end({ kind: 'trap', message: message.message });
          else if (message.kind === 'done') end(message.broken, message.results, message.retire);
        };
        function end(broken: Breakage | undefined, results: readonly WireResult[] = [], retire = true): void {
          clearInterval(watch);
          listener = () => undefined;
          if (broken === undefined) {
            resolve({ results, retire });
            return;
          }
          const index = Math.min(batch.items.length - 1, Math.max(results.length, Atomics.load(progress, 0) - 1));
          void stop();
          resolve({ results, retire, lost: { ...broken, index } });
        }
        if (dead !== undefined) end({ kind: 'trap', message: dead.message });
        else worker.postMessage({ kind: 'batch', batch } satisfies ToWorker, [batch.bytes.buffer as ArrayBuffer]);
      });
    },
  };
}

class TimeoutError extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

function tooSlow(ms: number): Problem {
  return invalid(
    `the schemas were not compiled within ${ms} ms`,
    [],
    'look for large maxOccurs, for choices of optional elements that can repeat, and for deep derivation',
  );
}

function schemaProblem(findings: readonly SchemaFinding[]): Problem {
  const violations = findings.map(({ message, line, column }) => ({
    rule: 'schema',
    message,
    ...(line > 0 && { line }),
    ...(column !== undefined && { column }),
  }));
  const [first] = findings;
  const detail =
    first === undefined ? 'the schemas cannot be compiled' : first.ns === undefined ? first.message : inSchema(first.ns, violations[0]);
  return invalid(detail, violations);
}
