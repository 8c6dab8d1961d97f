/**
 * The snapshot of the columns beside the store: what makes a restart take a second instead of ten. It is a cache and
 * nothing more: it names the commit it shows and the digest of its bytes, and when anything about it is wrong it is
 * thrown away and the columns are made from the store.
 *
 *     columns.snapshot =  length of the header (8 hex digits, LF) | header, JSON | parts … | SHA-256 of all before it
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe, setTimeout as pause } from 'node:timers/promises';
import { restoreColumns, type SnapshotHeader, snapshotParts } from '../discovery/columns/index.js';
import type { Columns } from '../discovery/index.js';
import type { Revision } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { DirectoryEvent, Upkeep } from './events.js';
import type { Live } from './live.js';

const FILE = 'columns.snapshot';
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 9;
/** bytes written or read at once: digesting them takes about a millisecond */
const SLICE = 1024 * 1024;
/** A snapshot is worth writing when starting without it would read this many more commits or this part of the resources. */
const WORTH = { commits: 2000, part: 0.05 };
/** ms between two looks */
const INTERVAL = 60_000;

interface Header extends SnapshotHeader {
  /** date of the commit at `revision`: another history has another one */
  readonly at: number;
}

/** Undefined: there is none that can be used; an event says why. */
export async function loadSnapshot(folder: string, store: Store, onEvent: (event: DirectoryEvent) => void): Promise<Columns | undefined> {
  const file = await open(join(folder, FILE)).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    return await read(file, store);
  } catch (error) {
    onEvent({ kind: 'snapshot-refused', reason: (error as Error).message });
    return undefined;
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, store: Store): Promise<Columns> {
  const { size } = await file.stat();
  const digest = createHash('sha256');
  const length = new Uint8Array(LENGTH_BYTES);
  let at = await fill(file, length, 0, digest);
  const bytes = Number.parseInt(Buffer.from(length).toString('latin1'), 16);
  if (!(bytes > 0 && bytes < 1024 * 1024)) throw new Error('it does not begin with a header');
  const text = new Uint8Array(bytes);
  at = await fill(file, text, at, digest);
  const header = JSON.parse(Buffer.from(text).toString('utf8')) as Header;
  const parts = (header.parts ?? []).reduce((sum, part) => sum + part.bytes, 0);
  if (size !== at + parts + DIGEST_BYTES) throw new Error(`it has ${size} bytes, not ${at + parts + DIGEST_BYTES}`);
  await mustBelong(header, store);
  const restored = await restoreColumns({
    header,
    read: async (_name, into) => {
      at = await fill(file, into, at, digest);
    },
    rest: breathe,
  });
  const written = new Uint8Array(DIGEST_BYTES);
  await fill(file, written, at, createHash('sha256'));
  if (!digest.digest().equals(written)) throw new Error('its digest is not that of its bytes');
  if (!restored.ok) throw new Error(restored.reason);
  return restored.columns;
}

/** The store has the very commit the snapshot shows, and can tell what came after it. */
async function mustBelong(header: Header, store: Store): Promise<void> {
  const latest = await store.revision();
  if (header.revision > latest) throw new Error(`it shows revision ${header.revision}, and the store is at ${latest}`);
  const at = await dateOf(store, header.revision);
  if (at === undefined) throw new Error(`the store's history no longer reaches back to revision ${header.revision}`);
  if (at !== header.at) throw new Error('it belongs to another history of the store');
}

async function dateOf(store: Store, revision: Revision): Promise<number | undefined> {
  if (revision === 0) return 0;
  const [commit] = (await store.commits(revision - 1, 1)) ?? [];
  return commit?.revision === revision ? commit.at : undefined;
}

async function fill(file: FileHandle, into: Uint8Array, at: number, digest: Hash): Promise<number> {
  for (let from = 0; from < into.length; ) {
    const { bytesRead } = await file.read(into, from, Math.min(SLICE, into.length - from), at + from);
    if (bytesRead === 0) throw new Error('it is shorter than its header says');
    digest.update(into.subarray(from, from + bytesRead));
    from += bytesRead;
  }
  return at + into.length;
}

/** Writes one beside the old one and puts it in its place when it is on disk. Returns its size in bytes. */
async function write(folder: string, columns: Columns, at: number): Promise<number> {
  const { header, parts } = snapshotParts(columns);
  const text = Buffer.from(JSON.stringify({ ...header, at } satisfies Header));
  const target = join(folder, FILE);
  const file = await open(`${target}.new`, 'w', 0o600);
  const digest = createHash('sha256');
  let size = 0;
  try {
    for (const bytes of [Buffer.from(`${text.length.toString(16).padStart(8, '0')}\n`), text, ...parts.map((part) => part.bytes)]) {
      for (let from = 0; from < bytes.length; from += SLICE) {
        const slice = bytes.subarray(from, from + SLICE);
        digest.update(slice);
        await file.writeFile(slice);
      }
      size += bytes.length;
    }
    await file.writeFile(digest.digest());
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${target}.new`, target);
  return size + DIGEST_BYTES;
}

/** Writes a snapshot now and then, when enough has changed, and when the directory closes. */
export function keepSnapshot(
  folder: string,
  live: Live,
  store: Store,
  onEvent: (event: DirectoryEvent) => void,
  loaded: Revision | undefined,
): Upkeep {
  const stop = new AbortController();
  let shown = loaded ?? 0;

  async function save(): Promise<void> {
    const { columns } = live;
    const { revision } = columns;
    const at = await dateOf(store, revision);
    // A commit that came in between has moved the columns on: the next look will find a calmer moment.
    if (at === undefined || columns.revision !== revision) return;
    const started = performance.now();
    const bytes = await write(folder, columns, at);
    shown = revision;
    onEvent({ kind: 'snapshot-written', revision, bytes, ms: performance.now() - started });
  }

  const work = (async () => {
    // Without one, the next start would know nothing of before it, and who watches would be told everything anew.
    if (loaded === undefined) await save();
    while (!stop.signal.aborted) {
      await pause(INTERVAL, undefined, { signal: stop.signal, ref: false });
      const behind = live.revision - shown;
      if (behind > 0 && (behind > WORTH.commits || behind > WORTH.part * live.columns.slots.count)) await save();
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) onEvent({ kind: 'snapshot-failed', error });
  });

  return {
    async close() {
      stop.abort();
      await work;
      if (live.revision === shown) return;
      await save().catch(async (error: unknown) => {
        onEvent({ kind: 'snapshot-failed', error });
        await rm(join(folder, `${FILE}.new`), { force: true });
      });
    },
  };
}
