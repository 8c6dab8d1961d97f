/** Which journal a database belongs to: a name drawn once, kept in the journal's folder and in the database. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder's name, drawn when it has none. The folder is locked by its journal. */
export function journalName(folder: string): string {
  const file = join(folder, 'journal.name');
  try {
    const found = readFileSync(file, 'utf8').trim();
    if (found !== '') return found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const name = randomUUID();
  writeFileSync(file, `${name}\n`, { mode: 0o600, flush: true });
  return name;
}
