/**
 * Updates, and when BaseX puts them on its disk. Left to itself it writes its lists of documents, names and paths after each
 * update, which takes several times as long as eight documents do. So it is told to when nothing comes for a moment, and every
 * second or so when much does. Nobody's write depends on it: the journal has them all.
 *
 *     note, update, update, … ─▶ FLUSH ─▶ no note
 *
 * A BaseX that is killed in between leaves tables that do not fit each other, and not every such database looks damaged. So a note
 * beside the journal says with which timestamp the database was on the disk last. One that still has it has lost what came after,
 * and is made anew; a BaseX that lived on, or was stopped in order, has written a later one.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Queries } from './queries.js';
import type { Query, Session } from './session.js';

/** ms without an update after which BaseX is told to write */
export const FLUSH_IDLE_MS = 200;
/** ms between two such orders under load, and how much of the time they may take */
const FLUSH_EVERY_MS = 1000;
const FLUSH_SHARE = 0.05;
/** ms: it writes lists of everything */
const FLUSH_PATIENCE_MS = 60_000;

export interface Writing {
  query(query: Query): Promise<Buffer>;
  /** a query that changes the database */
  update(query: Query): Promise<Buffer>;
  flush(): Promise<void>;
  /** there is something to flush */
  readonly pending: boolean;
  /** it has waited long enough */
  readonly due: boolean;
}

/** The session has the database open, and everything in it is on the disk. */
export async function writing(session: Session, { queries, folder, patience }: WritingOptions): Promise<Writing> {
  await session.command('SET AUTOFLUSH false', patience);
  let pending = false;
  let dueAt = 0;
  return {
    query: (query) => session.query(query),
    async update(query) {
      if (!pending) {
        leaveUnflushedNote(folder, (await session.query({ text: queries.timestamp, patience })).toString('utf8'));
        pending = true;
        dueAt = Math.max(dueAt, performance.now() + FLUSH_EVERY_MS);
      }
      return session.query(query);
    },
    async flush() {
      const began = performance.now();
      await session.command('FLUSH', FLUSH_PATIENCE_MS);
      const ended = performance.now();
      takeUnflushedNote(folder);
      pending = false;
      dueAt = ended + (ended - began) / FLUSH_SHARE;
    },
    get pending() {
      return pending;
    },
    get due() {
      return pending && performance.now() >= dueAt;
    },
  };
}

export interface WritingOptions {
  readonly queries: Pick<Queries, 'timestamp'>;
  /** the journal's */
  readonly folder: string;
  readonly patience: number;
}

const noteOf = (folder: string) => join(folder, 'basex.unflushed');

function leaveUnflushedNote(folder: string, timestamp: string): void {
  writeFileSync(noteOf(folder), timestamp, { flush: true });
}

/** Throws what the disk says, but not that there is none. */
export function takeUnflushedNote(folder: string): void {
  rmSync(noteOf(folder), { force: true });
}

/** The timestamp of the database when it was on the disk last; undefined: all of it is. */
export function unflushedSince(folder: string): string | undefined {
  try {
    return readFileSync(noteOf(folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
