/**
 * Was the database left in peace? A note in the journal's folder says so between a clean close and the next opening. Without it,
 * whatever differs in the database may as well be damage as somebody's work, and nothing of it becomes a commit.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const noteOf = (folder: string) => join(folder, 'basex.clean');

/** Tells, and takes the note away: it holds for one opening. */
export function takeCleanNote(folder: string): boolean {
  const note = noteOf(folder);
  const clean = existsSync(note);
  rmSync(note, { force: true });
  return clean;
}

export function leaveCleanNote(folder: string): void {
  writeFileSync(noteOf(folder), '');
}
