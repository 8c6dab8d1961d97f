/**
 * The thread for questions that take long. It reads the same columns (shared memory), so nothing is copied to it
 * but the question, and nothing back but the node set. The thread that serves HTTP never waits for it.
 */
import type { Worker } from 'node:worker_threads';
import { type SharedColumns, shareColumns } from '../discovery/columns/index.js';
import type { Budget, View } from '../discovery/index.js';
import { Problem, type ProblemCode, type Violation } from '../model/index.js';
import { startWorker } from '../thread/worker.js';
import type { Asked, Evaluated } from './evaluate.js';

export interface QueryThread {
  evaluate(view: View, asked: Asked, budget: Budget, signal?: AbortSignal): Promise<Evaluated>;
  close(): Promise<void>;
}

export interface QueryRequest {
  readonly seq: number;
  /** the columns to read; sent with each request, as handles: buffers are shared, not copied */
  readonly columns: SharedColumns;
  readonly view: { readonly revision: number; readonly slots?: Uint32Array; readonly scopes?: readonly number[] };
  readonly asked: Asked;
  readonly budget: Budget;
}

export type QueryReply =
  | { readonly seq: number; readonly ok: true; readonly evaluated: Evaluated }
  | {
      readonly seq: number;
      readonly ok: false;
      readonly code: ProblemCode;
      readonly detail?: string;
      readonly hint?: string;
      readonly violations: readonly Violation[];
    };

interface Waiting {
  readonly request: () => QueryRequest;
  readonly resolve: (value: Evaluated) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly time: number;
}

/** `threads` questions are evaluated at once; `queue` more may wait, then the answer is `overloaded`. */
export function createQueryThread(options: { readonly threads: number; readonly queue: number }): QueryThread {
  const lanes = Array.from({ length: options.threads }, createLane);
  const queue: Waiting[] = [];
  let seq = 0;
  let closed = false;

  function pump(): void {
    for (const lane of lanes) {
      if (lane.busy()) continue;
      const next = queue.shift();
      if (next === undefined) return;
      if (next.signal?.aborted === true) next.reject(next.signal.reason);
      else lane.run(next, pump);
    }
  }

  return {
    evaluate(view, asked, budget, signal) {
      if (closed) return Promise.reject(new Problem('overloaded', { detail: 'the directory is closing' }));
      if (queue.length >= options.queue)
        return Promise.reject(new Problem('overloaded', { detail: `${queue.length} long questions are waiting already`, retryAfter: 1 }));
      return new Promise((resolve, reject) => {
        const request = (): QueryRequest => ({ seq: ++seq, columns: shareColumns(view.columns), view: portable(view), asked, budget });
        queue.push({ request, resolve, reject, signal, time: budget.time });
        pump();
      });
    },
    async close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Problem('overloaded', { detail: 'the directory is closing' }));
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** One worker, started with its first question and again after it died. */
function createLane() {
  let worker: Worker | undefined;
  let busy = false;

  function start(): Worker {
    const started = startWorker(new URL('./query-worker.js', import.meta.url));
    started.unref();
    return started;
  }

  return {
    busy: () => busy,
    run(waiting: Waiting, done: () => void): void {
      busy = true;
      worker ??= start();
      const current = worker;
      const request = waiting.request();
      // An engine that overran its own budget by far is stuck: the thread goes, the directory stays.
      const watchdog = setTimeout(() => finish(() => waiting.reject(overrun(waiting.time)), true), waiting.time * 1.5 + 1000);
      const onMessage = (reply: QueryReply): void => {
        if (reply.seq !== request.seq) return;
        finish(() => (reply.ok ? waiting.resolve(reply.evaluated) : waiting.reject(new Problem(reply.code, reply))), false);
      };
      const onError = (error: unknown): void =>
        finish(() => waiting.reject(new Problem('internal-error', { detail: 'the query thread failed', cause: error })), true);
      const onExit = (): void => onError(new Error('exit'));
      function finish(settle: () => void, broken: boolean): void {
        clearTimeout(watchdog);
        current.off('message', onMessage).off('error', onError).off('exit', onExit);
        if (broken) {
          current.on('error', () => {});
          void current.terminate();
          worker = undefined;
        }
        busy = false;
        settle();
        done();
      }
      current.on('message', onMessage).on('error', onError).on('exit', onExit);
      current.postMessage(request);
    },
    async close(): Promise<void> {
      await worker?.terminate();
    },
  };
}

function portable(view: View): QueryRequest['view'] {
  return {
    revision: view.revision,
    ...(view.slots === undefined ? {} : { slots: view.slots }),
    ...(view.scopes === undefined ? {} : { scopes: [...view.scopes] }),
  };
}

function overrun(time: number): Problem {
  return new Problem('query-over-budget', {
    detail: `the question did not end within ${time} ms`,
    violations: [{ rule: 'budget-time', message: 'time budget' }],
  });
}
