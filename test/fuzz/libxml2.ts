import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../src/thread/worker.js';
import type { Libxml2Answer, Libxml2Request } from './libxml2-worker.js';

/** `hang`: no answer in time. `crash`: the thread died of it (a trap in WebAssembly leaves the module unusable). */
export type Answer = Libxml2Answer | { readonly type: 'hang' | 'crash'; readonly value: string };

export interface Libxml2 {
  /** One answer per question, in their order. */
  ask(request: Libxml2Request): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/** libxml2's evaluator behind a thread that is replaced when it does not answer within `patience` ms. */
export function createLibxml2(patience = 5_000): Libxml2 {
  let worker: Worker | undefined;

  async function ask(request: Libxml2Request): Promise<readonly Answer[]> {
    const outcome = await once(request);
    if (Array.isArray(outcome)) return outcome;
    if (request.asks.length === 1) return [outcome as Answer];
    const alone: Answer[] = [];
    for (const each of request.asks) alone.push(...(await ask({ ...request, asks: [each] })));
    return alone;
  }

  function once(request: Libxml2Request): Promise<readonly Answer[] | Answer> {
    worker ??= startWorker(new URL('./libxml2-worker.js', import.meta.url), { stderr: true, stdout: true });
    const current = worker;
    return new Promise((resolve) => {
      const finish = (outcome: readonly Answer[] | Answer) => {
        clearTimeout(timer);
        current.removeAllListeners('message').removeAllListeners('error').removeAllListeners('exit');
        if (!Array.isArray(outcome)) {
          worker = undefined;
          void current.terminate();
        }
        resolve(outcome);
      };
      const timer = setTimeout(() => finish({ type: 'hang', value: `no answer within ${patience} ms` }), patience);
      current.once('message', finish);
      current.once('error', (error) => finish({ type: 'crash', value: String(error) }));
      current.once('exit', (code) => finish({ type: 'crash', value: `exit ${code}` }));
      current.postMessage(request);
    });
  }

  return {
    ask,
    close: async () => {
      await worker?.terminate();
      worker = undefined;
    },
  };
}
