/**
 * An online copy: a folder that opens as a store. The source stands in one read transaction, so that the copy is the
 * store as of one revision however long it takes and however much is written meanwhile.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Problem } from '../../model/index.js';
import { dataFile, makeFolder, openForReading, syncFolder } from './database.js';

/** Pages of 16 KiB a step; between steps progress is told. */
const STEP = 256;

/** `onProgress` is told bytes. Refuses a target that holds anything; leaves nothing behind when it fails. */
export async function copyStore(folder: string, target: string, onProgress: (done: number, total: number) => void): Promise<void> {
  const into = resolve(target);
  const existed = existsSync(into);
  if (existed && !(statSync(into).isDirectory() && readdirSync(into).length === 0)) {
    throw new Problem('conflict', { detail: `${into} exists already.`, hint: 'A backup overwrites nothing: name a new folder.' });
  }
  makeFolder(into);
  const part = `${dataFile(into)}.part`;
  const db = openForReading(folder);
  try {
    db.exec('BEGIN');
    const pageBytes = db.pragma('page_size', { simple: true }) as number;
    await db.backup(part, {
      progress: ({ totalPages, remainingPages }) => {
        if (totalPages > 0) onProgress((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
        return STEP;
      },
    });
    const total = statSync(part).size;
    syncFile(part);
    renameSync(part, dataFile(into));
    syncFolder(into);
    onProgress(total, total);
  } catch (error) {
    if (existed) for (const file of [part, `${part}-journal`]) rmSync(file, { force: true });
    else rmSync(into, { recursive: true, force: true });
    throw error;
  } finally {
    db.close();
  }
  syncFolder(dirname(into));
}

function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
