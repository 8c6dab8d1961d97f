/**
 * Every row that holds a document carries the SHA-256 of all it says, so that a damaged file is noticed before a wrong
 * byte leaves the store. Checked on every read.
 */
import { createHash } from 'node:crypto';
import type { RemovalRow, StateRow } from './sql.js';

export const CHECKSUM_BYTES = 32;

type Checked<Row> = Omit<Row, 'checksum'>;

/** JSON ends where it ends, so no two different rows are hashed as the same bytes. */
export function stateChecksum(row: Checked<StateRow>): Buffer {
  const head = JSON.stringify([row.id, row.revision, row.created, row.createdSeq, row.createdAt, row.modifiedAt, row.meta]);
  return createHash('sha256').update(head).update(row.xml).digest();
}

export function removalChecksum(row: Pick<RemovalRow, 'id' | 'revision' | 'modifiedAt'>): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([row.id, row.revision, row.modifiedAt]))
    .digest();
}

export function isIntact(row: StateRow | RemovalRow): boolean {
  // a damaged row may hold any type where a number or text was written
  if (!(row.checksum instanceof Uint8Array) || !(row.xml === null || row.xml instanceof Uint8Array)) return false;
  const expected = row.xml === null ? removalChecksum(row as RemovalRow) : stateChecksum(row as StateRow);
  return expected.equals(row.checksum);
}

/** Adds a row to a set's digest, or takes it out again: exclusive or is its own inverse. `digest` is changed in place. */
export function toggle(digest: Uint8Array, checksum: Uint8Array): void {
  for (let i = 0; i < CHECKSUM_BYTES; i++) digest[i] ^= checksum[i];
}
