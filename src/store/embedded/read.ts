/**
 * The questions to the tables. Each runs in one read transaction, so it sees the store as of one revision; in WAL mode that
 * is the last commit whose fsync has succeeded, since only then the writer moves the end of the log for others.
 */
import { isIntact, toggle } from '../checksum.js';
import { type ChangeRow, type Meta, SQL, type StateColumns, type StateRow, stateRow } from '../sql.js';
import { type Connection, damaged, openForReading, readMeta } from './database.js';
import { type PackedCommits, type PackedState, type PackedStates, pack, packState } from './messages.js';

/** Documents in one answer, so that neither thread is busy for long with it. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_ROWS = 1024;
const COMMITS_BYTES = 8 * 1024 * 1024;

export interface Reads {
  get(id: string): PackedStates;
  revision(): number;
  commits(after: number, limit: number): PackedCommits | undefined;
}

export function reads(db: Connection, folder: string): Reads {
  const selectResource = db.prepare(SQL.selectResource);
  const selectChanges = db.prepare(SQL.selectChanges);

  return {
    get(id) {
      const row = selectResource.get(id) as StateRow | undefined;
      if (row === undefined) return packStates([]);
      verify(folder, row, id);
      return packStates([row]);
    },
    revision: () => readMeta(db, folder).revision,
    commits: db.transaction((after: number, limit: number) => {
      const meta = readMeta(db, folder);
      if (after + 1 < meta.floor || after > meta.revision) return undefined;
      const most = Math.min(limit, meta.revision - after);
      // An iterator that is made must be read: it holds its connection at a revision.
      if (most <= 0) return { commits: [], block: pack([]) };
      return packCommits(folder, selectChanges.iterate(after) as IterableIterator<ChangeRow>, most, after);
    }),
  };
}

/** `limit` commits after `after`, fewer when they are large. Rows must be gapless. */
function packCommits(folder: string, rows: Iterable<ChangeRow>, limit: number, after: number): PackedCommits {
  const commits: { revision: number; at: number; changes: (PackedState | string)[] }[] = [];
  const documents: Uint8Array[] = [];
  let bytes = 0;
  let missing = 0;
  for (const row of rows) {
    const where = `change ${row.seq} of revision ${row.revision} (resource "${row.id}")`;
    if (missing === 0) {
      if (commits.length >= limit || bytes >= COMMITS_BYTES) break;
      if (row.revision !== after + commits.length + 1)
        throw damaged(folder, `revision ${after + commits.length + 1} is missing from the history`);
      commits.push({ revision: row.revision, at: row.modifiedAt, changes: [] });
      missing = row.size;
    }
    const commit = commits[commits.length - 1];
    if (row.revision !== commit.revision || row.seq !== commit.changes.length) throw damaged(folder, `${where} is out of sequence`);
    if (!isIntact(row)) throw damaged(folder, `${where} does not match its checksum`);
    commit.changes.push(row.xml === null ? row.id : packState(row));
    if (row.xml !== null) {
      documents.push(row.xml);
      bytes += row.xml.byteLength;
    }
    missing--;
  }
  if (missing !== 0 || commits.length === 0)
    throw damaged(folder, `revision ${after + Math.max(commits.length, 1)} is not whole in the history`);
  return { commits, block: pack(documents) };
}

export interface Snapshot {
  readonly revision: number;
  readonly count: number;
  /** the next resources in publication order; empty at the end */
  next(): PackedStates;
  close(): void;
}

/** A connection of its own, whose read transaction holds the store as it is now. */
export function openSnapshot(folder: string): Snapshot {
  const db = openForReading(folder);
  try {
    db.exec('BEGIN');
    const meta = readMeta(db, folder);
    // raw: a third faster than letting SQLite's binding make an object of each row
    const rows = db.prepare(SQL.selectResources).raw().iterate() as IterableIterator<StateColumns>;
    const tally = tallyOf(folder, meta);
    return {
      revision: meta.revision,
      count: meta.count,
      next() {
        const batch: StateRow[] = [];
        let bytes = 0;
        while (bytes < BATCH_BYTES && batch.length < BATCH_ROWS) {
          const next = nextRow(rows, folder, tally.last);
          if (next === undefined) break;
          tally.add(next);
          batch.push(next);
          bytes += next.xml.byteLength;
        }
        if (batch.length === 0) tally.finish();
        return packStates(batch);
      },
      close() {
        rows.return?.();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function nextRow(rows: Iterator<StateColumns>, folder: string, after: string | undefined): StateRow | undefined {
  try {
    const { value, done } = rows.next();
    return done ? undefined : stateRow(value);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    if ((error as { code?: string }).code?.startsWith('SQLITE_CORRUPT')) {
      throw damaged(
        folder,
        `${after === undefined ? 'the first resource' : `the resource published after "${after}"`} is not readable: ${said}`,
        error,
      );
    }
    throw error;
  }
}

/** Holds the rows against the counter row: each is intact, and together they are those that were written. */
function tallyOf(folder: string, meta: Meta) {
  const digest = Uint8Array.from(meta.digest);
  let count = 0;
  let last: string | undefined;
  return {
    get last() {
      return last;
    },
    add(row: StateRow) {
      verify(folder, row, row.id);
      toggle(digest, row.checksum);
      count++;
      last = row.id;
    },
    finish() {
      if (count !== meta.count) throw damaged(folder, `${count} resources were found where revision ${meta.revision} has ${meta.count}`);
      if (digest.some((byte) => byte !== 0)) throw damaged(folder, `the resources found are not those of revision ${meta.revision}`);
    },
  };
}

function verify(folder: string, row: StateRow, id: string): void {
  if (row.id !== id || !isIntact(row)) throw damaged(folder, `the stored resource "${id}" does not match its checksum`);
}

function packStates(rows: readonly StateRow[]): PackedStates {
  return { states: rows.map(packState), block: pack(rows.map(({ xml }) => xml)) };
}
