/**
 * The mark: a small file that remembers the last revision that was durable. It is written after the commit's fsync and
 * never synced itself, so it is at worst too low. SQLite takes a damaged frame in its log for the end of the log;
 * without the mark, acknowledged commits behind that frame (or in a log that somebody deleted) would be gone unnoticed.
 *
 *     revision 00000000000042 5f3a…\n      number and the first 16 digits of the SHA-256 of what stands before
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import type { Revision } from '../../model/index.js';

export interface Mark {
  set(revision: Revision): void;
  close(): void;
}

/** The marked revision; 0 when there is no readable mark. */
export function readMark(file: string): Revision {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return 0;
  }
  const revision = Number(text.slice(9, 25));
  return Number.isSafeInteger(revision) && text === line(revision) ? revision : 0;
}

export function openMark(file: string): Mark {
  const descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  return {
    set(revision) {
      try {
        writeSync(descriptor, line(revision), 0, 'latin1');
      } catch {
        // A full disk: the old mark is too low, which is allowed.
      }
    },
    close: () => closeSync(descriptor),
  };
}

function line(revision: Revision): string {
  const head = `revision ${String(revision).padStart(16, '0')} `;
  return `${head}${createHash('sha256').update(head).digest('hex').slice(0, 16)}\n`;
}
