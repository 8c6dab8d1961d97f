/**
 * The writing thread: takes groups of writes, makes each durable with one fsync, and answers in order. Waiting for the
 * disk happens here, never in the thread that serves requests.
 *
 * When the disk fails it does not trust its connection again. After a failed fsync the system may have dropped what it
 * could not write and report success the next time, while the log's end holds a commit that was refused. So the writer
 * closes the connection, opens another and commits a barrier: a transaction without content, which overwrites the refused
 * frames and must be synced. Then it compares the revision counter with the last acknowledged commit, and only then goes
 * on. Until that succeeds it refuses writes and tries again; reads have connections of their own.
 */
import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '../../model/index.js';
import { type Meta, SQL } from '../sql.js';
import { committer, type Submitted } from './commit.js';
import {
  type Connection,
  createStore,
  damaged,
  dataFile,
  makeFolder,
  markFile,
  openForWriting,
  readMeta,
  verifyStore,
} from './database.js';
import { sqliteCode, toProblem } from './failure.js';
import { lockFolder } from './lock.js';
import { type Mark, openMark } from './mark.js';
import { type FromWriter, type PackedWrite, type ThreadData, type ToWriter, toPlain, unpacker, type WriteOutcome } from './messages.js';

/**
 * How long the log may grow before it is copied into the table file. Small, so that a checkpoint takes about as long as a
 * few commits (10 ms here) and no write waits longer; what the log holds is estimated: the documents twice, and the
 * pages of indexes and counter that each group touches.
 */
const LOG_BYTES = 32 * 1024 * 1024;
const GROUP_BYTES = 192 * 1024;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

const { folder, history } = workerData as ThreadData;
const say = (message: FromWriter) => parentPort?.postMessage(message);

try {
  start();
} catch (error) {
  say({ kind: 'refused', problem: toPlain(toProblem(error, folder)) });
  parentPort?.close();
}

function start(): void {
  makeFolder(folder);
  const unlock = lockFolder(folder);
  let db: Connection | undefined;
  let meta: Meta;
  let mark: Mark;
  try {
    if (existsSync(dataFile(folder))) verifyStore(folder);
    db = openForWriting(folder);
    createStore(db);
    meta = readMeta(db, folder);
    mark = openMark(markFile(folder));
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
  let commit = committer(db, folder, history);
  let unavailable: Problem | undefined;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let logBytes = 0;

  parentPort?.on('message', (message: ToWriter) => {
    if (message.kind === 'close') return close();
    const group = unpackWrites(message.writes, message.block);
    say({ kind: 'written', outcomes: commitGroup(group) });
    logBytes += GROUP_BYTES + 2 * message.block.byteLength;
    if (logBytes >= LOG_BYTES) checkpoint();
  });
  say({ kind: 'opened', revision: meta.revision });

  function commitGroup(group: readonly Submitted[]): readonly WriteOutcome[] {
    if (unavailable !== undefined) return refuseAll(group, unavailable);
    try {
      const committed = commit(meta, group);
      if (committed.meta !== meta) mark.set(committed.meta.revision);
      meta = committed.meta;
      return committed.outcomes;
    } catch (error) {
      const problem = toProblem(error, folder);
      // A full disk leaves nothing undefined behind: the connection goes on, and the next write simply tries. One large
      // write must not take the small ones beside it down.
      if (sqliteCode(error) === 'SQLITE_FULL') {
        return group.length > 1 ? group.flatMap((submitted) => commitGroup([submitted])) : refuseAll(group, problem);
      }
      distrust(problem);
      return refuseAll(group, problem);
    }
  }

  /** Copies the log into the table file, so that the log is used from its beginning again. Waits for nobody. */
  function checkpoint(): void {
    if (unavailable !== undefined) return;
    logBytes = 0;
    try {
      db?.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // Nothing acknowledged is at risk, since the log still holds it. A full disk only makes the log grow on.
      if (sqliteCode(error) !== 'SQLITE_FULL') distrust(toProblem(error, folder));
    }
  }

  function distrust(problem: Problem): void {
    unavailable = problem;
    say({ kind: 'unavailable', problem: toPlain(problem) });
    recover();
  }

  function recover(): void {
    retry = undefined;
    try {
      db?.close();
      db = undefined;
      db = openForWriting(folder);
      db.prepare('BEGIN IMMEDIATE').run();
      const found = readMeta(db, folder);
      if (found.revision !== meta.revision) {
        throw damaged(folder, `the revision counter stands at ${found.revision}, and the last commit was ${meta.revision}`);
      }
      db.prepare(SQL.barrier).run();
      db.prepare('COMMIT').run();
      commit = committer(db, folder, history);
      unavailable = undefined;
      retryMs = FIRST_RETRY_MS;
      say({ kind: 'available' });
    } catch (error) {
      unavailable = toProblem(error, folder);
      retry = setTimeout(recover, retryMs);
      retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
    }
  }

  function close(): void {
    clearTimeout(retry);
    mark.close();
    try {
      db?.close();
    } finally {
      unlock();
      parentPort?.close();
    }
  }
}

function unpackWrites(writes: readonly PackedWrite[], block: Uint8Array): readonly Submitted[] {
  const take = unpacker(block);
  return writes.map((write) => ({ write, documents: write.changes.map(({ bytes }) => (bytes < 0 ? undefined : take(bytes))) }));
}

function refuseAll(group: readonly Submitted[], problem: Problem): readonly WriteOutcome[] {
  const plain = toPlain(problem);
  return group.map(() => ({ kind: 'failed', problem: plain }));
}
