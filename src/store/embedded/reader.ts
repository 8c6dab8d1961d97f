/**
 * The reading thread: answers questions in the order they come, beside the writing thread and never behind its fsync. A
 * snapshot is read in batches, so that short questions find their turn between them.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from '../../model/index.js';
import { openForReading } from './database.js';
import { toProblem } from './failure.js';
import { blockOf, type FromReader, type ReadAnswers, type ReadRequest, type ThreadData, type ToReader, toPlain } from './messages.js';
import { openSnapshot, reads, type Snapshot } from './read.js';

const { folder, snapshotIdleMs } = workerData as ThreadData;
const say = (message: FromReader) => parentPort?.postMessage(message, message.kind === 'answer' ? blockOf(message.answer) : []);

// The first word is `open`.
parentPort?.once('message', () => {
  try {
    start();
  } catch (error) {
    say({ kind: 'refused', problem: toPlain(toProblem(error, folder)) });
    parentPort?.close();
  }
});

function start(): void {
  const db = openForReading(folder);
  const { get, revision, commits } = reads(db, folder);
  const snapshots = new Map<number, { readonly snapshot: Snapshot; idle: NodeJS.Timeout }>();
  let opened = 0;

  parentPort?.on('message', (message: ToReader) => {
    if (message.kind === 'close') {
      for (const number of snapshots.keys()) release(number);
      db.close();
      parentPort?.close();
      return;
    }
    if (message.kind === 'open') return;
    const { number, request } = message;
    try {
      say({ kind: 'answer', number, answer: answer(request) });
    } catch (error) {
      say({
        kind: 'failed',
        number,
        problem: toPlain(toProblem(error, folder, placeOf(request))),
      });
    }
  });
  say({ kind: 'opened' });

  function answer(request: ReadRequest): ReadAnswers[keyof ReadAnswers] {
    switch (request.op) {
      case 'get':
        return get(request.id);
      case 'revision':
        return revision();
      case 'commits':
        return commits(request.after, request.limit);
      case 'snapshot': {
        const snapshot = openSnapshot(folder);
        const number = ++opened;
        snapshots.set(number, { snapshot, idle: expire(number) });
        return { snapshot: number, revision: snapshot.revision, count: snapshot.count };
      }
      case 'next':
        return next(request.snapshot);
      case 'release':
        release(request.snapshot);
        return undefined;
    }
  }

  function next(number: number): ReadAnswers['next'] {
    const entry = snapshots.get(number);
    if (entry === undefined) {
      const detail = `The reader took no batch for ${snapshotIdleMs} ms, so its snapshot was given up.`;
      throw new Problem('store-unavailable', { detail, hint: 'Read again from the beginning, and faster.' });
    }
    clearTimeout(entry.idle);
    const batch = entry.snapshot.next();
    if (batch.states.length === 0) release(number);
    else entry.idle = expire(number);
    return batch;
  }

  /** While a snapshot is open the log cannot start again from its beginning: an abandoned one would fill the disk. */
  function expire(number: number): NodeJS.Timeout {
    return setTimeout(() => release(number), snapshotIdleMs);
  }

  function release(number: number): void {
    const entry = snapshots.get(number);
    if (entry === undefined) return;
    clearTimeout(entry.idle);
    snapshots.delete(number);
    entry.snapshot.close();
  }
}

/** What could not be read, for the message. */
function placeOf(request: ReadRequest): string | undefined {
  if (request.op === 'get') return `resource "${request.id}"`;
  return request.op === 'commits' ? `the history after revision ${request.after}` : undefined;
}
