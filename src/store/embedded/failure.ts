/** SQLite's errors as Problems. */
import { statfsSync } from 'node:fs';
import { Problem } from '../../model/index.js';
import { damaged, dataFile } from './database.js';

/** SQLite's result code of an error (`SQLITE_IOERR_FSYNC`), or undefined when it is not SQLite's. */
export function sqliteCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** `where` names what was being read, if anything. */
export function toProblem(error: unknown, folder: string, where?: string): Problem {
  if (error instanceof Problem) return error;
  const code = sqliteCode(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code?.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(folder, where ? `${where}: ${said}` : said, error);
  // Growing the shared index of the log fails as SQLITE_IOERR_SHMSIZE and a deferred allocation as SQLITE_IOERR_FSYNC, on a full disk too.
  if (
    code === 'SQLITE_FULL' ||
    (code?.startsWith('SQLITE_IOERR') && isFull(folder)) ||
    (error as NodeJS.ErrnoException | null)?.code === 'ENOSPC'
  ) {
    return new Problem('disk-full', {
      detail: `No space is left for ${dataFile(folder)}.`,
      hint: 'Free some space. A running store goes on reading meanwhile and resumes writing by itself.',
      retryAfter: 5,
      cause: error,
    });
  }
  if (code !== undefined) {
    return new Problem('store-unavailable', {
      detail: `${dataFile(folder)} cannot be used: ${said} (${code}).`,
      hint: 'Look at the disk and the permissions of the folder; the store keeps trying.',
      retryAfter: 1,
      cause: error,
    });
  }
  const system = error as NodeJS.ErrnoException | null;
  if (system?.syscall !== undefined) return new Problem('store-unavailable', { detail: `${folder}: ${said}.`, cause: error });
  return new Problem('internal-error', { detail: `The store failed: ${said}`, cause: error });
}

function isFull(folder: string): boolean {
  try {
    return statfsSync(folder).bavail < 16;
  } catch {
    return false;
  }
}
