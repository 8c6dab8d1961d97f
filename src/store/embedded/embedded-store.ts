/**
 * The embedded store: SQLite files in one folder.
 *
 *     callers ── write-queue ── writer thread ── store.sqlite     groups of writes, one fsync each
 *        └────── read-link ──── reader thread ──────┘             questions, snapshots
 *
 * Neither the disk nor SQLite is ever waited for in the callers' thread.
 */
import { resolve } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type Commit, Problem } from '../../model/index.js';
import { startWorker } from '../../thread/worker.js';
import { HISTORY, type StoreOptions } from '../options.js';
import type { Store, WriteResult } from '../store.js';
import { refuseRepeats, subscribers } from '../subscribers.js';
import { backup, check } from './care.js';
import { dataFile } from './database.js';
import { type FromReader, type FromWriter, fromPlain, type ThreadData, type ToReader, type ToWriter } from './messages.js';
import { readLink, unpackCommits, unpackStates } from './read-link.js';
import { writeQueue } from './write-queue.js';

const SNAPSHOT_IDLE_MS = 60_000;

/** Opens the store in `folder`, which is made if it is missing. Rejects with Problem `store-locked`, `corrupt-store`, `store-unavailable` or `disk-full`. */
export async function openEmbedded(path: string, options: StoreOptions = {}): Promise<Store> {
  const { now = Date.now, observe = () => {} } = options;
  const folder = resolve(path);
  const data: ThreadData = {
    folder,
    history: { ...HISTORY, ...options.history },
    snapshotIdleMs: options.snapshotIdleMs ?? SNAPSHOT_IDLE_MS,
  };
  // Both start at once; the reader opens its files when the writer has made or recovered them.
  const writer = startWorker(new URL('./writer.js', import.meta.url), { workerData: data });
  const reader = startWorker(new URL('./reader.js', import.meta.url), { workerData: data });
  const revision = await opened(writer).catch(async (error) => {
    await reader.terminate();
    throw error;
  });
  reader.postMessage({ kind: 'open' } satisfies ToReader);
  await opened(reader).catch(async (error) => {
    await end(writer, { kind: 'close' });
    throw error;
  });

  const listeners = subscribers(observe);
  const queue = writeQueue(writer, listeners.publish, (writes, ms) => observe({ kind: 'group', writes, ms }));
  const reading = readLink(reader);
  let closing: Promise<void> | undefined;
  let finished = false;
  let gone: Problem | undefined;
  const refuse = () => {
    if (closing !== undefined) throw new Problem('store-unavailable', { detail: 'The store is closed.' });
    if (gone !== undefined) throw gone;
  };

  writer.on('message', (message: FromWriter) => {
    if (message.kind === 'written') queue.answered(message);
    else if (message.kind === 'unavailable') observe({ kind: 'unavailable', problem: fromPlain(message.problem) });
    else if (message.kind === 'available') observe({ kind: 'available' });
  });
  reader.on('message', (message: FromReader) => {
    if (message.kind === 'answer' || message.kind === 'failed') reading.answered(message);
  });
  for (const thread of [writer, reader]) {
    thread.on('error', (error) => abandon(`a thread of the store failed: ${error instanceof Error ? error.message : error}`, error));
    thread.on('exit', () => {
      if (!finished) abandon('a thread of the store ended');
    });
  }
  observe({ kind: 'opened', revision, file: dataFile(folder) });

  return {
    supports: { durable: true, onlineBackup: true, exclusive: true },
    async write(changes): Promise<WriteResult> {
      refuse();
      refuseRepeats(changes);
      if (changes.length === 0) return { ok: true, revision: await reading.ask({ op: 'revision' }) };
      return queue.submit(changes, now());
    },
    async get(id) {
      refuse();
      return unpackStates(await reading.ask({ op: 'get', id }))[0];
    },
    async revision() {
      refuse();
      return reading.ask({ op: 'revision' });
    },
    async commits(after, limit) {
      refuse();
      const packed = await reading.ask({ op: 'commits', after, limit });
      return packed === undefined ? undefined : unpackCommits(packed);
    },
    subscribe: (listener: (commit: Commit) => void) => listeners.subscribe(listener),
    async resources() {
      refuse();
      const { snapshot, revision, count } = await reading.ask({ op: 'snapshot' });
      return { revision, count, batches: batches(snapshot) };
    },
    async backup(target, onProgress) {
      refuse();
      return backup(folder, target, onProgress);
    },
    check() {
      refuse();
      return check(folder);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };

  /** One batch is on its way while the reader works on the one before. */
  async function* batches(snapshot: number) {
    let next = reading.ask({ op: 'next', snapshot });
    try {
      for (;;) {
        const packed = await next;
        if (packed.states.length === 0) return;
        next = reading.ask({ op: 'next', snapshot });
        next.catch(() => {}); // seen when it is awaited
        yield unpackStates(packed);
      }
    } finally {
      reading.ask({ op: 'release', snapshot }).catch(() => {}); // the thread may be gone, and its snapshots with it
    }
  }

  function abandon(why: string, cause?: unknown): void {
    if (gone !== undefined) return;
    gone = new Problem('store-unavailable', { detail: `${folder}: ${why}.`, hint: 'Restart the server.', cause });
    queue.fail(gone);
    reading.fail(gone);
    observe({ kind: 'unavailable', problem: gone });
  }

  async function close(): Promise<void> {
    await queue.drained();
    finished = true;
    if (gone === undefined) {
      await end(reader, { kind: 'close' });
      // Last, because the last connection moves the log into the table file.
      await end(writer, { kind: 'close' });
    }
    const closed = new Problem('store-unavailable', { detail: 'The store is closed.' });
    reading.fail(closed);
    await Promise.all([reader.terminate(), writer.terminate()]);
    observe({ kind: 'closed' });
  }
}

/** Waits for a thread's first word; resolves with the revision if it tells one. */
function opened(thread: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    const lost = () => reject(new Problem('internal-error', { detail: 'A thread of the store ended before it had started.' }));
    thread.once('error', reject);
    thread.once('exit', lost);
    thread.once('message', (message: FromWriter | FromReader) => {
      thread.off('error', reject);
      thread.off('exit', lost);
      if (message.kind === 'refused') reject(fromPlain(message.problem));
      else resolve('revision' in message ? message.revision : 0);
    });
  });
}

/** Also when its last act fails: then there is nothing more to wait for. */
function end(thread: Worker, lastWord: ToReader | ToWriter): Promise<void> {
  return new Promise((resolve) => {
    thread.once('exit', () => resolve());
    thread.postMessage(lastWord);
  });
}
