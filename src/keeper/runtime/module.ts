import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { startWorker } from '../../thread/worker.js';
import type { Row } from '../delegate.js';
import { diagnosticsOf } from './diagnostics.js';
import { DelegateFailure, timedOut } from './failure.js';
import { DELEGATE_LIMITS } from './limits.js';
import type { ModuleAnswer, ModuleQuestion } from './module-worker.js';
import { readRows } from './rows.js';
import type { Runtime } from './runtime.js';

export interface ModuleRuntime extends Runtime {
  describe(): Promise<unknown>;
}

/**
 * A module in a thread of its own, which is started when it is needed and again after whatever ended it. Questions wait for each
 * other; the time of one counts from when it is asked of the module.
 */
export function moduleRuntime(path: string, onDiagnostics: (text: string) => void): ModuleRuntime {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  function start(): Worker {
    const started = startWorker(new URL('./module-worker.js', import.meta.url), {
      workerData: { module: pathToFileURL(path).href },
      resourceLimits: { maxOldGenerationSizeMb: DELEGATE_LIMITS.memory / 1024 / 1024, maxYoungGenerationSizeMb: 16 },
      env: {},
      stdout: true,
      stderr: true,
    });
    // Whatever a module prints is diagnostics: it must not meet the keeper's own output.
    diagnosticsOf(started.stdout, onDiagnostics);
    diagnosticsOf(started.stderr, onDiagnostics);
    started.on('error', () => undefined);
    started.unref();
    return started;
  }

  function end(): void {
    void worker?.terminate();
    worker = undefined;
  }

  function askNow(question: ModuleQuestion, timeoutMs: number): Promise<unknown> {
    worker ??= start();
    const asked = worker;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => finish(() => reject(timedOut(timeoutMs)), true), timeoutMs);
      const finish = (settle: () => void, lost: boolean) => {
        clearTimeout(timer);
        asked.off('message', onMessage).off('error', onError).off('exit', onExit);
        asked.unref();
        if (lost && worker === asked) end();
        settle();
      };
      const onMessage = (answer: ModuleAnswer) =>
        finish(() => (answer.ok ? resolve(answer.value) : reject(new DelegateFailure('failed', answer.message))), false);
      const onError = (error: Error & { code?: string }) => {
        const why =
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? `it needed more than ${DELEGATE_LIMITS.memory / 1024 / 1024} MiB of memory`
            : `it crashed: ${error.message}`;
        finish(() => reject(new DelegateFailure('failed', why)), true);
      };
      const onExit = (code: number) => finish(() => reject(new DelegateFailure('failed', `it ended its thread (${code})`)), true);
      asked.on('message', onMessage).on('error', onError).on('exit', onExit);
      asked.ref();
      asked.postMessage(question);
    });
  }

  function ask(question: ModuleQuestion, timeoutMs: number): Promise<unknown> {
    const answer = last.then(() => {
      if (closed) throw new DelegateFailure('failed', 'the keeper stops');
      return askNow(question, timeoutMs);
    });
    last = answer.catch(() => undefined);
    return answer;
  }

  return {
    describe: () => ask({ kind: 'describe' }, DELEGATE_LIMITS.describe),
    collect: async (request, timeoutMs) => (await ask({ kind: 'collect', request, timeoutMs }, timeoutMs)) as readonly string[],
    list: async (request, timeoutMs): Promise<readonly Row[]> => readRows(await ask({ kind: 'list', request, timeoutMs }, timeoutMs)),
    async close() {
      closed = true;
      end();
      await last;
    },
  };
}
