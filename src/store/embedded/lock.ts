/**
 * One process, one opening, a folder. The lock is SQLite's own exclusive lock on an empty database, held by a
 * transaction that never ends: the operating system lets go of it when the process ends, however it ends, and SQLite
 * keeps two openings within one process apart. The owner's pid stands in a file of its own, for the message only: it may
 * be stale without harm.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { Problem } from '../../model/index.js';
import { lockFile, ownerFile } from './database.js';
import { sqliteCode } from './failure.js';

/** Takes the lock; returns what gives it back. */
export function lockFolder(folder: string): () => void {
  const db = new Database(lockFile(folder), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!sqliteCode(error)?.startsWith('SQLITE_BUSY')) throw error;
    const pid = readOwner(folder);
    throw new Problem('store-locked', {
      detail: `The store in ${folder} is in use by ${pid === undefined ? 'another process' : pid === process.pid ? `this process (pid ${pid})` : `process ${pid}`}.`,
      hint: 'Stop that process, or choose another folder.',
    });
  }
  try {
    writeFileSync(ownerFile(folder), `${process.pid}\n`);
  } catch {
    // a full disk must not keep a store from opening for reads
  }
  return () => {
    rmSync(ownerFile(folder), { force: true });
    db.close();
  };
}

function readOwner(folder: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(ownerFile(folder), 'utf8'), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    return undefined;
  }
}
