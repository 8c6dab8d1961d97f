/**
 * The tables and every statement on them, in the SQL that SQLite and PostgreSQL share; what differs between the two
 * is a `Dialect`. Parameters are `?` in order (a PostgreSQL driver numbers them).
 *
 *     resources  one row a resource, as it is now             ordinal = publication order = (created, created_seq)
 *     changes    one row an applied change, document included  (revision, seq); xml null = removed
 *     meta       one row: the revision counter and what the other tables must add up to
 *
 * A commit writes its documents to `resources` and `changes` and moves the counter in one transaction. The counter is a
 * row and not a sequence, because a sequence leaves gaps when a transaction is rolled back, and a follower of the
 * change feed cannot tell a gap from a commit it has not seen yet.
 */

export interface Dialect {
  /** 64-bit integer, also as the key */
  readonly integer: string;
  readonly bytes: string;
}

export const SQLITE: Dialect = { integer: 'INTEGER', bytes: 'BLOB' };

/** Grows when the tables change; a store with a larger number is refused. */
export const SCHEMA = 1;

export function createTables({ integer, bytes }: Dialect): readonly string[] {
  return [
    `CREATE TABLE resources (
      ordinal ${integer} NOT NULL PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      revision ${integer} NOT NULL,
      created ${integer} NOT NULL,
      created_seq ${integer} NOT NULL,
      created_at ${integer} NOT NULL,
      modified_at ${integer} NOT NULL,
      checksum ${bytes} NOT NULL,
      meta TEXT,
      xml ${bytes} NOT NULL
    )`,
    // size: changes in the whole commit, so that a lost row at its end is noticed
    `CREATE TABLE changes (
      revision ${integer} NOT NULL,
      seq ${integer} NOT NULL,
      size ${integer} NOT NULL,
      id TEXT NOT NULL,
      created ${integer},
      created_seq ${integer},
      created_at ${integer},
      modified_at ${integer} NOT NULL,
      checksum ${bytes} NOT NULL,
      meta TEXT,
      xml ${bytes},
      PRIMARY KEY (revision, seq)
    )`,
    // digest: exclusive or of the checksums of all resources; with the count it shows rows that are silently gone
    // barriers: commits without content, made to be sure of the disk after it has failed
    `CREATE TABLE meta (
      one ${integer} NOT NULL PRIMARY KEY CHECK (one = 1),
      version ${integer} NOT NULL,
      revision ${integer} NOT NULL,
      at ${integer} NOT NULL,
      count ${integer} NOT NULL,
      digest ${bytes} NOT NULL,
      floor ${integer} NOT NULL,
      history_changes ${integer} NOT NULL,
      history_bytes ${integer} NOT NULL,
      barriers ${integer} NOT NULL
    )`,
  ];
}

const STATE = `id, revision, created, created_seq AS "createdSeq", created_at AS "createdAt", modified_at AS "modifiedAt", checksum, meta, xml`;

export const SQL = {
  insertMeta: `INSERT INTO meta (one, version, revision, at, count, digest, floor, history_changes, history_bytes, barriers)
    VALUES (1, ?, 0, 0, 0, ?, 1, 0, 0, 0)`,
  /** apart from `selectMeta`, so that a newer store can be told from a damaged one */
  selectVersion: `SELECT version FROM meta WHERE one = 1`,
  selectMeta: `SELECT revision, at, count, digest, floor, history_changes AS "historyChanges", history_bytes AS "historyBytes"
    FROM meta WHERE one = 1`,
  updateMeta: `UPDATE meta SET revision = ?, at = ?, count = ?, digest = ?, floor = ?, history_changes = ?, history_bytes = ? WHERE one = 1`,
  /** Changes something, because what is written back unchanged may not be written at all. */
  barrier: `UPDATE meta SET barriers = barriers + 1 WHERE one = 1`,

  selectResource: `SELECT ordinal, ${STATE} FROM resources WHERE id = ?`,
  selectResources: `SELECT ${STATE} FROM resources ORDER BY ordinal`,
  insertResource: `INSERT INTO resources (ordinal, id, revision, created, created_seq, created_at, modified_at, checksum, meta, xml)
    VALUES ((SELECT coalesce(max(ordinal), 0) + 1 FROM resources), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  updateResource: `UPDATE resources SET revision = ?, modified_at = ?, checksum = ?, meta = ?, xml = ? WHERE ordinal = ?`,
  deleteResource: `DELETE FROM resources WHERE ordinal = ?`,

  insertChange: `INSERT INTO changes (revision, seq, size, id, created, created_seq, created_at, modified_at, checksum, meta, xml)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  selectChanges: `SELECT seq, size, ${STATE} FROM changes WHERE revision > ? ORDER BY revision, seq`,
  selectOldestChanges: `SELECT revision, seq, coalesce(length(xml), 0) AS bytes FROM changes ORDER BY revision, seq LIMIT ?`,
  deleteOldestChanges: `DELETE FROM changes WHERE (revision, seq) <= (?, ?)`,
  selectLastChange: `SELECT max(revision) AS revision FROM changes`,
} as const;

/** The meta row. */
export interface Meta {
  readonly revision: number;
  readonly at: number;
  /** resources */
  readonly count: number;
  readonly digest: Uint8Array;
  /** the oldest revision whose commit is whole in `changes`; revision + 1 when there is none */
  readonly floor: number;
  readonly historyChanges: number;
  readonly historyBytes: number;
}

/** A row of `resources`, or of `changes` when it is a put. */
export interface StateRow {
  readonly id: string;
  readonly revision: number;
  readonly created: number;
  readonly createdSeq: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly checksum: Uint8Array;
  readonly meta: string | null;
  readonly xml: Uint8Array;
}

/** The same as the array that a driver's raw mode gives, in the order of `STATE`. */
export type StateColumns = readonly [string, number, number, number, number, number, Uint8Array, string | null, Uint8Array];

export function stateRow(columns: StateColumns): StateRow {
  const [id, revision, created, createdSeq, createdAt, modifiedAt, checksum, meta, xml] = columns;
  return { id, revision, created, createdSeq, createdAt, modifiedAt, checksum, meta, xml };
}

export interface RemovalRow {
  readonly id: string;
  readonly revision: number;
  readonly created: null;
  readonly modifiedAt: number;
  readonly checksum: Uint8Array;
  readonly xml: null;
}

export type ChangeRow = (StateRow | RemovalRow) & { readonly seq: number; readonly size: number };
