/**
 * What can be known of a store from its own data, apart from what the documents say: SQLite's structure, every checksum,
 * a gapless history, and whether resources, history and counter row tell the same story. Reads as of one revision;
 * goes on after a finding, so that one bad page does not hide the next.
 */
import { isIntact, toggle } from '../checksum.js';
import { type ChangeRow, type Meta, SQL, type StateRow } from '../sql.js';
import { type Connection, markFile, readMeta } from './database.js';
import { readMark } from './mark.js';

export interface Finding {
  readonly id?: string;
  readonly message: string;
}

/** id → checksum of its newest state in history; undefined: removed */
type Newest = Map<string, { readonly revision: number; readonly checksum: Uint8Array | undefined }>;

export function* findings(db: Connection, folder: string): Generator<Finding> {
  db.exec('BEGIN');
  yield* guarded('the structure of the file', structure(db));
  let meta: Meta;
  try {
    meta = readMeta(db, folder);
  } catch (error) {
    yield { message: messageOf(error) };
    return;
  }
  const marked = readMark(markFile(folder));
  if (marked > meta.revision) yield { message: `The store ends at revision ${meta.revision}, but revision ${marked} was durable.` };
  const newest: Newest = new Map();
  yield* guarded('the history', history(db, meta, newest));
  yield* guarded('the resources', resources(db, meta, newest));
}

/** Rows that SQLite cannot read end one part of the check, not all of it. */
function* guarded(part: string, found: Generator<Finding>): Generator<Finding> {
  try {
    yield* found;
  } catch (error) {
    yield { message: `Reading ${part} ended early: ${messageOf(error)}` };
  }
}

function* structure(db: Connection): Generator<Finding> {
  for (const line of db.prepare('PRAGMA integrity_check(100)').pluck().iterate() as IterableIterator<string>) {
    if (line !== 'ok') yield { message: `SQLite: ${line}` };
  }
}

function* history(db: Connection, meta: Meta, newest: Newest): Generator<Finding> {
  let changes = 0;
  let bytes = 0;
  let revision = meta.floor - 1;
  let at = 0;
  let seq = 0;
  let size = 0;
  for (const row of db.prepare(SQL.selectChanges).iterate(-1) as IterableIterator<ChangeRow>) {
    changes++;
    bytes += row.xml?.byteLength ?? 0;
    const name = `Change ${row.seq} of revision ${row.revision} (resource "${row.id}")`;
    if (!isIntact(row)) yield { id: row.id, message: `${name} does not match its checksum.` };
    newest.set(row.id, { revision: row.revision, checksum: row.xml === null ? undefined : row.checksum });
    // The remains of a commit that is being forgotten.
    if (row.revision < meta.floor) continue;
    if (row.revision !== revision) {
      if (seq !== size) yield { message: `Revision ${revision} has ${seq} of ${size} changes.` };
      if (row.revision !== revision + 1) yield { message: `The history has no revision ${revision + 1}.` };
      if (row.modifiedAt < at) yield { message: `Revision ${row.revision} is older than the one before it.` };
      revision = row.revision;
      at = row.modifiedAt;
      seq = 0;
      size = row.size;
    }
    if (row.seq !== seq || row.size !== size || row.modifiedAt !== at)
      yield { id: row.id, message: `${name} does not fit into its commit.` };
    seq++;
  }
  if (seq !== size) yield { message: `Revision ${revision} has ${seq} of ${size} changes.` };
  if (revision !== meta.revision) yield { message: `The history ends at revision ${revision}; the counter stands at ${meta.revision}.` };
  if (at > meta.at) yield { message: 'The last commit is younger than the counter row says.' };
  if (changes !== meta.historyChanges || bytes !== meta.historyBytes) {
    yield {
      message: `The history has ${changes} changes of ${bytes} bytes; the counter row says ${meta.historyChanges} of ${meta.historyBytes}.`,
    };
  }
}

function* resources(db: Connection, meta: Meta, newest: Newest): Generator<Finding> {
  const digest = Uint8Array.from(meta.digest);
  let count = 0;
  let created = 0;
  let createdSeq = -1;
  for (const row of db.prepare(SQL.selectResources).iterate() as IterableIterator<StateRow>) {
    const { id } = row;
    count++;
    toggle(digest, row.checksum);
    if (!isIntact(row)) yield { id, message: `Resource "${id}" does not match its checksum.` };
    if (row.created < created || (row.created === created && row.createdSeq <= createdSeq)) {
      yield { id, message: `Resource "${id}" is out of publication order.` };
    }
    created = row.created;
    createdSeq = row.createdSeq;
    const last = newest.get(id);
    newest.delete(id);
    if (row.revision > meta.revision) yield { id, message: `Resource "${id}" is of revision ${row.revision}, which has not been.` };
    else if (last === undefined ? row.revision >= meta.floor : !isSame(row, last)) {
      yield { id, message: `Resource "${id}" is not what the history says of it.` };
    }
  }
  for (const [id, { revision, checksum }] of newest) {
    if (checksum !== undefined) yield { id, message: `Resource "${id}" of revision ${revision} is missing.` };
  }
  if (count !== meta.count) yield { message: `There are ${count} resources; the counter row says ${meta.count}.` };
  if (digest.some((byte) => byte !== 0)) yield { message: 'The resources are not those that the counter row has summed up.' };
}

function isSame(row: StateRow, last: { readonly revision: number; readonly checksum: Uint8Array | undefined }): boolean {
  return last.revision === row.revision && last.checksum !== undefined && Buffer.compare(last.checksum, row.checksum) === 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
