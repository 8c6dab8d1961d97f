/** Checks and backups, seen from the thread of the callers. Each has a thread of its own while it lasts. */
import { on } from 'node:events';
import { Problem } from '../../model/index.js';
import { startWorker } from '../../thread/worker.js';
import type { Finding } from './check.js';
import { type CareTask, type FromCaretaker, fromPlain } from './messages.js';

export async function backup(folder: string, target: string, onProgress: (done: number, total: number) => void = () => {}): Promise<void> {
  for await (const message of run(folder, { kind: 'backup', target })) {
    if (message.kind === 'progress') onProgress(message.done, message.total);
  }
}

export async function* check(folder: string): AsyncGenerator<Finding> {
  for await (const message of run(folder, { kind: 'check' })) {
    if (message.kind === 'finding') yield message.finding;
  }
}

async function* run(folder: string, task: CareTask): AsyncGenerator<FromCaretaker> {
  const thread = startWorker(new URL('./caretaker.js', import.meta.url), { workerData: { folder, task } });
  try {
    // an error of the thread is thrown here; its end is the last event in any case
    for await (const [message] of on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[FromCaretaker]>) {
      if (message.kind === 'done') return;
      if (message.kind === 'failed') throw fromPlain(message.problem);
      yield message;
    }
    throw new Problem('internal-error', { detail: `The ${task.kind} ended without a result.` });
  } finally {
    await thread.terminate();
  }
}
