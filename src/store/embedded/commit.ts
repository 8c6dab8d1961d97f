/**
 * Applies a group of writes in one transaction. Each write is a commit of its own with a revision of its own: it is
 * checked against what the writes before it have left, and a conflict leaves out that write alone.
 */
import type { Expectation } from '../../model/index.js';
import { isIntact, removalChecksum, stateChecksum, toggle } from '../checksum.js';
import type { HistoryBounds } from '../options.js';
import { type Meta, SQL, type StateRow } from '../sql.js';
import type { Conflict } from '../store.js';
import { type Connection, damaged } from './database.js';
import { type Origin, type PackedChange, type PackedWrite, toPlain, type WriteOutcome } from './messages.js';

/** A write with its documents: `documents[i]` belongs to `changes[i]`; undefined for a removal. */
export interface Submitted {
  readonly write: PackedWrite;
  readonly documents: readonly (Uint8Array | undefined)[];
}

export interface Committed {
  readonly outcomes: readonly WriteOutcome[];
  /** the meta row after the group; unchanged when every write was refused */
  readonly meta: Meta;
}

type CurrentRow = StateRow & { readonly ordinal: number };
type OldestRow = { readonly revision: number; readonly seq: number; readonly bytes: number };
type Draft = { -readonly [K in keyof Meta]: Meta[K] };

/** `commit(meta, group)` returns when the group is durable and throws when nothing of it happened. */
export function committer(db: Connection, folder: string, bounds: HistoryBounds): (meta: Meta, group: readonly Submitted[]) => Committed {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const selectResource = db.prepare(SQL.selectResource);
  const insertResource = db.prepare(SQL.insertResource);
  const updateResource = db.prepare(SQL.updateResource);
  const deleteResource = db.prepare(SQL.deleteResource);
  const insertChange = db.prepare(SQL.insertChange);
  const selectOldestChanges = db.prepare(SQL.selectOldestChanges);
  const deleteOldestChanges = db.prepare(SQL.deleteOldestChanges);
  const updateMeta = db.prepare(SQL.updateMeta);

  return (meta, group) => {
    begin.run();
    try {
      const draft: Draft = { ...meta, digest: Uint8Array.from(meta.digest) };
      const outcomes = group.map((submitted) => applyWrite(draft, submitted));
      if (draft.revision === meta.revision) {
        rollback.run();
        return { outcomes, meta };
      }
      prune(draft, draft.historyChanges - meta.historyChanges);
      updateMeta.run(draft.revision, draft.at, draft.count, draft.digest, draft.floor, draft.historyChanges, draft.historyBytes);
      commit.run();
      return { outcomes, meta: draft };
    } catch (error) {
      // SQLite has rolled back by itself after the graver errors
      if (db.inTransaction) rollback.run();
      throw error;
    }
  };

  function applyWrite(draft: Draft, { write, documents }: Submitted): WriteOutcome {
    const rows: (CurrentRow | undefined)[] = [];
    const conflicts: Conflict[] = [];
    for (const change of write.changes) {
      const row = selectResource.get(change.id) as CurrentRow | undefined;
      if (row !== undefined && !(row.id === change.id && isIntact(row))) {
        // What the row says of its revision is not to be trusted, so no expectation can be held against it.
        return { kind: 'failed', problem: toPlain(damaged(folder, `the stored resource "${change.id}" does not match its checksum`)) };
      }
      const conflict = conflictOf(change, row);
      if (conflict !== undefined) conflicts.push(conflict);
      rows.push(row);
    }
    if (conflicts.length > 0) return { kind: 'conflict', conflicts };

    const revision = draft.revision + 1;
    const at = Math.max(write.at, draft.at);
    const origins: Origin[] = [];
    for (let seq = 0; seq < write.changes.length; seq++) {
      const size = write.changes.length;
      origins.push(applyChange(draft, { revision, seq, size, at }, write.changes[seq], documents[seq], rows[seq]));
    }
    draft.revision = revision;
    draft.at = at;
    return { kind: 'committed', revision, at, origins };
  }

  function applyChange(
    draft: Draft,
    { revision, seq, size, at }: { revision: number; seq: number; size: number; at: number },
    change: PackedChange,
    document: Uint8Array | undefined,
    row: CurrentRow | undefined,
  ): Origin {
    const { id } = change;
    if (row !== undefined) toggle(draft.digest as Uint8Array, row.checksum);
    draft.historyChanges++;
    if (document === undefined) {
      deleteResource.run((row as CurrentRow).ordinal);
      draft.count--;
      const checksum = removalChecksum({ id, revision, modifiedAt: at });
      insertChange.run(revision, seq, size, id, null, null, null, at, checksum, null, null);
      return null;
    }
    const [created, createdSeq, createdAt] = row === undefined ? [revision, seq, at] : [row.created, row.createdSeq, row.createdAt];
    const meta = change.meta ?? null;
    const checksum = stateChecksum({ id, revision, created, createdSeq, createdAt, modifiedAt: at, meta, xml: document });
    if (row === undefined) {
      insertResource.run(id, revision, created, createdSeq, createdAt, at, checksum, meta, document);
      draft.count++;
    } else {
      updateResource.run(revision, at, checksum, meta, document, row.ordinal);
    }
    insertChange.run(revision, seq, size, id, created, createdSeq, createdAt, at, checksum, meta, document);
    toggle(draft.digest as Uint8Array, checksum);
    draft.historyBytes += document.byteLength;
    return row === undefined ? null : [created, createdSeq, createdAt];
  }

  /**
   * Forgets the oldest changes beyond the bounds, within the group's own transaction and at most twice as many as it has
   * added, so that history shrinks to its bounds without a pause. A commit whose first changes are gone lies below the
   * floor and is no longer offered.
   */
  function prune(draft: Draft, added: number): void {
    const over = () => draft.historyChanges > bounds.changes || draft.historyBytes > bounds.bytes;
    if (!over()) return;
    let last: OldestRow | undefined;
    for (const row of selectOldestChanges.all(2 * added + 16) as OldestRow[]) {
      if (!over() || row.revision === draft.revision) break;
      draft.historyChanges--;
      draft.historyBytes -= row.bytes;
      last = row;
    }
    if (last === undefined) return;
    deleteOldestChanges.run(last.revision, last.seq);
    draft.floor = last.revision + 1;
  }
}

function conflictOf({ id, expect, bytes }: PackedChange, row: StateRow | undefined): Conflict | undefined {
  if (isAsExpected(expect, row) && (row !== undefined || bytes >= 0)) return undefined;
  return row === undefined ? { id, expected: expect } : { id, expected: expect, actual: row.revision };
}

function isAsExpected(expect: Expectation | undefined, row: StateRow | undefined): boolean {
  if (expect === undefined) return true;
  return 'absent' in expect ? row === undefined : row?.revision === expect.revision;
}
