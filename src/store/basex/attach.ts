/**
 * Coming to a database: is it there, is it whole, is it ours? Ends with the state document naming this process as owner, or
 * with a Problem that says whose it is. Whatever is damaged is made anew from the journal.
 */
import { hostname } from 'node:os';
import { Problem, type Revision } from '../../model/index.js';
import type { Store } from '../store.js';
import { shown } from './address.js';
import { type Put, rowOf } from './group.js';
import type { Accept, ForeignChange } from './options.js';
import { BUCKETS, bucketPath, bucketPlace } from './paths.js';
import { LAYOUT, type Queries, STALE } from './queries.js';
import { adopt } from './resync.js';
import { type Address, BaseXRefusal, type Session } from './session.js';
import { takeUnflushedNote, unflushedSince, type Writing, writing } from './writing.js';

/** Seconds without a sign of life after which an owner is taken for dead. */
const STALE_SECONDS = 30;
/** ms for what goes over the whole database */
const WHOLE_MS = 600_000;
/** Documents of entries made in one update: each is small. */
const BUCKETS_AT_ONCE = 64;

export interface Attachment {
  readonly address: Address;
  readonly queries: Queries;
  readonly journal: Store;
  /** the journal's */
  readonly folder: string;
  /** the journal's name */
  readonly name: string;
  /** this process's, a new one at each opening */
  readonly owner: string;
  readonly patience: number;
  /** told while a database is made anew */
  readonly onRebuild: (done: number, total: number) => void;
  /** the database was left in peace, see clean.ts */
  readonly clean: boolean;
  readonly accept?: Accept;
  readonly onForeign: (change: ForeignChange) => void;
}

interface Found {
  readonly exists: boolean;
  readonly documents?: number;
  /** of the last change */
  readonly timestamp?: string;
  /** those of resources */
  readonly resources?: number;
  readonly state?: {
    readonly layout: string;
    readonly journal: string;
    readonly owner: string;
    readonly host: string;
    readonly pid: string;
    readonly revision: number;
    readonly building: boolean;
    /** seconds since its last sign of life */
    readonly age: number;
  } | null;
}

/** Resolves to the revision the database has, or `rebuild`: it has to be made anew. Changes nothing but the owner. */
export async function attach(session: Session, a: Attachment, clean: boolean): Promise<Revision | 'rebuild'> {
  const { address, name, patience } = a;
  const journalRevision = await a.journal.revision();
  const found = await look(session, a);
  if (found === 'damaged' || !found.exists) return 'rebuild';
  const { state } = found;
  // BaseX has ended with what it had not written, see writing.ts; the note names a millisecond of this very database.
  const torn = found.timestamp === unflushedSince(a.folder);
  if (torn && (state === undefined || state === null)) return 'rebuild';
  if (state === undefined || state === null) {
    if ((found.documents ?? 0) === 0) return 'rebuild';
    throw new Problem('conflict', {
      detail: `${shown(address)} holds documents that no directory has put there.`,
      hint: 'Name a database of its own for the directory; it is made if there is none.',
    });
  }
  const lost = journalRevision === 0 && state.revision > 0 && !state.building;
  if (state.journal !== name) {
    if (state.owner !== '' && state.age < STALE_SECONDS) {
      throw new Problem('store-locked', {
        detail: `${shown(address)} is in use by process ${state.pid} on ${state.host}, seen ${Math.round(state.age)} s ago.`,
        hint: 'Stop that directory, or name another database.',
      });
    }
    if (!lost)
      throw new Problem('conflict', {
        detail: `${shown(address)} belongs to another journal than that of this directory.`,
        hint: 'Give --data the folder it was started with, or name another database; or drop this one in BaseX, and it is made anew.',
      });
  }
  if (lost) {
    await adopt(session, a);
    return 'rebuild';
  }
  if (torn || state.building || state.layout !== LAYOUT) return 'rebuild';
  if (state.revision > journalRevision) {
    throw new Problem('conflict', {
      detail: `${shown(address)} is at revision ${state.revision}, the journal only at ${journalRevision}: an older journal was put in its place.`,
      hint: 'Restore the newer journal; or drop the database in BaseX, and it is made anew from this journal.',
    });
  }
  // The journal's folder is locked by this process, so whoever owned the database under its name is gone.
  try {
    await session.query({ text: a.queries.claim, values: claimValues(a, state.owner, state.revision, 'no'), patience });
  } catch (error) {
    if (isDamage(error)) return 'rebuild';
    throw error;
  }
  // The claim has put everything on the disk.
  takeUnflushedNote(a.folder);
  if (!clean && state.revision === journalRevision && found.resources !== (await countOf(a.journal))) return 'rebuild';
  return state.revision;
}

async function look(session: Session, { queries, patience }: Attachment): Promise<Found | 'damaged'> {
  try {
    return JSON.parse((await session.query({ text: queries.state, patience })).toString('utf8')) as Found;
  } catch (error) {
    // It answers, and cannot open the database: an update was cut off, or a file is broken.
    if (isDamage(error)) return 'damaged';
    throw error;
  }
}

/** It answers, and what it answers cannot come from a database in order. */
export function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  return error instanceof BaseXRefusal && !error.message.includes(STALE) && !/permission|opened by another process/i.test(error.message);
}

async function countOf(journal: Store): Promise<number> {
  const { count, batches } = await journal.resources();
  for await (const _ of batches) break;
  return count;
}

/** BaseX's own look at its tables, some seconds with 100 000 resources. Opens the database, which stays open: else each update would open it anew. */
export async function isWhole(session: Session, { address }: Pick<Attachment, 'address'>): Promise<boolean> {
  await session.command(`OPEN ${address.database}`, WHOLE_MS);
  return /No inconsistencies found/i.test(await session.command('INSPECT', WHOLE_MS));
}

/** Makes the database anew with all that the journal holds. */
export async function rebuild(session: Session, a: Attachment): Promise<{ readonly revision: Revision; readonly database: Writing }> {
  const { address, queries, owner, patience } = a;
  // a session that comes from elsewhere in its life has this off
  await session.command('SET AUTOFLUSH true', patience);
  await session.command('CLOSE', patience);
  await session.command(`DROP DB ${address.database}`, WHOLE_MS);
  await session.command(`CREATE DB ${address.database}`, WHOLE_MS);
  await session.query({ text: queries.claim, values: claimValues(a, '', 0, 'yes'), patience });
  const database = await writing(session, a);
  const buckets = Array.from({ length: BUCKETS }, (_, bucket) => ({
    bucket: bucketPath(bucket),
    b: bucketPlace(bucket),
    entries: [] as Entry[],
  }));
  const paths = JSON.stringify(buckets.map(({ bucket }) => bucket));
  await database.update({ text: queries.addBuckets, values: { owner, paths }, patience: WHOLE_MS });
  const { revision, count, batches } = await a.journal.resources();
  let done = 0;
  for await (const batch of batches) {
    const rows = batch.map((resource) => rowOf(resource));
    const values = { owner, changes: JSON.stringify(rows) };
    const hashes = (await database.update({ text: queries.add, values, patience: WHOLE_MS })).toString('utf8').split('\n');
    for (const [k, { path, b, facts }] of rows.entries()) {
      buckets[b - bucketPlace(0)]?.entries.push({ path, text: `${hashes[k]} ${facts}` });
    }
    done += batch.length;
    a.onRebuild(done, count);
  }
  for (let from = 0; from < BUCKETS; from += BUCKETS_AT_ONCE) {
    const values = { owner, buckets: JSON.stringify(buckets.slice(from, from + BUCKETS_AT_ONCE)) };
    await database.update({ text: queries.addEntries, values, patience: WHOLE_MS });
  }
  await database.update({ text: queries.built, values: { owner, revision: String(revision) }, patience: WHOLE_MS });
  await database.flush();
  return { revision, database };
}

interface Entry extends Pick<Put, 'path'> {
  readonly text: string;
}

function claimValues({ name, owner }: Attachment, expected: string, revision: Revision, building: 'yes' | 'no') {
  return { expected, journal: name, owner, host: hostname(), pid: String(process.pid), revision: String(revision), building };
}
