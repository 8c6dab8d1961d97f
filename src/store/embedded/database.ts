/**
 * The files of an embedded store and how connections to them are opened.
 *
 *     DIR/store.sqlite (-wal, -shm)   the tables
 *     DIR/store.mark                  the last revision known to be durable, see mark.ts
 *     DIR/lock, DIR/lock.owner        who uses the folder, see lock.ts
 *
 * No other code of this process may open these SQLite files: closing any descriptor of a file drops all POSIX locks
 * that the process holds on it, and with them SQLite's.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { Problem } from '../../model/index.js';
import { CHECKSUM_BYTES } from '../checksum.js';
import { createTables, type Meta, SCHEMA, SQL, SQLITE } from '../sql.js';
import { readMark } from './mark.js';

export type Connection = Database.Database;

export const dataFile = (folder: string) => join(folder, 'store.sqlite');
export const markFile = (folder: string) => join(folder, 'store.mark');
export const lockFile = (folder: string) => join(folder, 'lock');
export const ownerFile = (folder: string) => join(folder, 'lock.owner');

/** Makes the folder, for its owner only, so durably that a store in it cannot vanish with its parent's entry. */
export function makeFolder(folder: string): void {
  let missing = resolve(folder);
  const parents: string[] = [];
  while (!existsSync(missing)) {
    missing = dirname(missing);
    parents.push(missing);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const parent of parents) syncFolder(parent);
}

export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The one connection that writes. */
export function openForWriting(folder: string): Connection {
  const db = new Database(dataFile(folder), { timeout: 5000 });
  try {
    // 16 KiB: six documents of 2.4 KB fill a page; smaller pages leave a third of themselves empty. Takes effect on a new file only.
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = WAL');
    // In WAL mode only FULL syncs at each commit; NORMAL loses the last commits with the power.
    db.pragma('synchronous = FULL');
    // Where fsync does not reach the platter (macOS), this does.
    db.pragma('fullfsync = ON');
    db.pragma('checkpoint_fullfsync = ON');
    // The writer checkpoints itself: SQLite's own would run inside a commit and swallow its errors.
    db.pragma('wal_autocheckpoint = 0');
    db.pragma('journal_size_limit = 67108864');
    db.pragma('cache_size = -65536');
    harden(db);
    // The log and its index take their mode from this file. (By path: a descriptor must not be opened here, see above.)
    chmodSync(dataFile(folder), 0o600);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection that only reads; the writer must have opened the store before. */
export function openForReading(folder: string): Connection {
  const db = new Database(dataFile(folder), { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    harden(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function harden(db: Connection): void {
  db.pragma('cell_size_check = ON');
  db.pragma('trusted_schema = OFF');
  // A failing disk is then an error of a call, where a mapped page would be a SIGBUS.
  db.pragma('mmap_size = 0');
}

/** Creates the tables of a new store. */
export function createStore(db: Connection): void {
  if (!isEmpty(db)) return;
  db.transaction(() => {
    for (const statement of createTables(SQLITE)) db.exec(statement);
    db.prepare(SQL.insertMeta).run(SCHEMA, Buffer.alloc(CHECKSUM_BYTES));
  }).immediate();
}

/**
 * Refuses what is not a store, is newer than this program, or does not hold what it must: the counter agrees with the
 * newest change and does not stand before a revision known to have been durable. Reads only: a store that is refused
 * stays as it is, with its log.
 */
export function verifyStore(folder: string): void {
  const file = dataFile(folder);
  const db = openForReading(folder);
  try {
    if (isEmpty(db)) {
      const marked = readMark(markFile(folder));
      if (marked > 0) throw lost(folder, 0, marked);
      return;
    }
    if (db.prepare("SELECT name FROM sqlite_schema WHERE name = 'meta'").get() === undefined) {
      throw new Problem('corrupt-store', { detail: `${file} is an SQLite file, but not a store.`, hint: 'Choose another folder.' });
    }
    const version = db.prepare(SQL.selectVersion).pluck().get();
    if (typeof version === 'number' && version > SCHEMA) {
      throw new Problem('store-unavailable', {
        detail: `${file} was written by a newer version (tables ${version}; this one knows up to ${SCHEMA}).`,
        hint: 'Start the newer version, or restore a backup that this one has made.',
      });
    }
    if (version !== SCHEMA) throw damaged(folder, 'the table version is not readable');
    const { revision } = readMeta(db, folder);
    const last = (db.prepare(SQL.selectLastChange).pluck().get() as number | null) ?? 0;
    if (last !== revision)
      throw damaged(folder, `the revision counter stands at ${revision}, but the newest change is of revision ${last}`);
    const marked = readMark(markFile(folder));
    if (marked > revision) throw lost(folder, revision, marked);
  } finally {
    db.close();
  }
}

function isEmpty(db: Connection): boolean {
  return db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
}

function lost(folder: string, revision: number, marked: number): Problem {
  return new Problem('corrupt-store', {
    detail: damaged(folder, `it ends at revision ${revision}, but revision ${marked} was durable`).detail,
    hint: `Restore a backup into a new folder. If an older state was put here on purpose, delete ${markFile(folder)}.`,
  });
}

/** The meta row, or Problem `corrupt-store`. */
export function readMeta(db: Connection, folder: string): Meta {
  const meta = db.prepare(SQL.selectMeta).get() as Meta | undefined;
  if (meta === undefined) throw damaged(folder, 'the revision counter is missing');
  const numbers = [meta.revision, meta.at, meta.count, meta.floor, meta.historyChanges, meta.historyBytes];
  if (
    !numbers.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    !(meta.digest instanceof Uint8Array) ||
    meta.digest.byteLength !== CHECKSUM_BYTES
  ) {
    throw damaged(folder, 'the revision counter is not readable');
  }
  return meta;
}

/** Stored bytes that cannot be trusted. `what` says where, with the resource's id if there is one. */
export function damaged(folder: string, what: string, cause?: unknown): Problem {
  return new Problem('corrupt-store', {
    detail: `${dataFile(folder)} is damaged: ${what}.`,
    hint: 'Run `facetry check` to see the extent, then restore a backup into a new folder.',
    cause,
  });
}
