/**
 * What people did in the database with BaseX's own tools. A document that was changed or added becomes a commit, if it
 * is a valid resource; one that was deleted, a removal. What is not valid is put aside under `facetry/quarantine/`, and the
 * journal's document takes its place again: it is never served. After a crash, where damage and work look alike, all that differs is put aside. Looked for a few hundred documents at a time, between the writes.
 */
import { type Change, Problem, type ResourceId, type Revision, type StoredResource } from '../../model/index.js';
import type { Attachment } from './attach.js';
import { factsOf, groupOfResources, placeOf } from './group.js';
import type { Accept, ForeignChange } from './options.js';
import { idOf, pathOf } from './paths.js';
import { type Places, placesOf } from './places.js';
import type { Session } from './session.js';
import type { Writing } from './writing.js';

/** Documents looked at in one query: some tens of milliseconds that a write may have to wait. */
const CHUNK = 250;
const LOOK_MS = 60_000;

interface Odd {
  readonly path: string;
  /** '' without one */
  readonly entry: string;
  /** the document is as it was written */
  readonly same: boolean;
  /** base64; absent: the document is gone */
  readonly xml?: string;
}

/** What is left to look at: paths in the database. */
export type Rest = readonly string[];

/** Everything, to begin with; after a crash also what should be there. */
export async function pathsOf(
  session: Pick<Session, 'query'>,
  { queries, journal }: Pick<Attachment, 'queries' | 'journal'>,
  clean: boolean,
): Promise<Rest> {
  const there = JSON.parse((await session.query({ text: queries.paths, patience: LOOK_MS })).toString('utf8')) as string[];
  if (clean) return there;
  const all = new Set(there);
  for await (const batch of (await journal.resources()).batches) for (const { id } of batch) all.add(pathOf(id));
  return [...all];
}

/** Where its documents stand. */
export async function lookAtOrder(session: Pick<Session, 'query'>, { queries }: Pick<Attachment, 'queries'>): Promise<Places> {
  return placesOf(JSON.parse((await session.query({ text: queries.order, patience: LOOK_MS })).toString('utf8')) as string[]);
}

/** Looks at the first few; resolves to those that are left, and whether documents have moved. */
export async function lookOn(
  session: Writing,
  a: Attachment,
  rest: Rest,
  { applied, clean, places }: { readonly applied: Revision; readonly clean: boolean; readonly places: Places },
): Promise<{ readonly left: Rest; readonly moved: boolean }> {
  const { accept } = a;
  if (accept === undefined) return { left: [], moved: false };
  const values = { places: JSON.stringify(rest.slice(0, CHUNK).map((path) => placeOf(path, places))), all: clean ? 'no' : 'yes' };
  const lines = (await session.query({ text: a.queries.odd, values, patience: LOOK_MS })).toString('utf8').split('\n');
  const odd = lines.filter((one) => one !== '');
  for (const line of odd) {
    const found = JSON.parse(line) as Odd;
    await (clean ? settle(session, a, accept, found, applied) : mend(session, a, found, applied));
  }
  return { left: rest.slice(CHUNK), moved: odd.length > 0 };
}

async function settle(session: Writing, a: Attachment, accept: Accept, odd: Odd, applied: number): Promise<void> {
  const { path } = odd;
  const known = factsOf(odd.entry);
  const id = idOf(path);
  const current = id === undefined ? undefined : await a.journal.get(id);
  // Written meanwhile: the database will hear of it, and this is an old sight of it.
  if (current !== undefined && known !== undefined && current.revision !== known.revision) return;
  if (odd.xml === undefined) {
    if (id === undefined || current === undefined) return;
    await commit(a, { kind: 'remove', id, expect: { revision: current.revision } }, { path, id, outcome: 'removed' });
    return;
  }
  const accepted =
    id === undefined ? new Problem('invalid-resource', { detail: 'its path is none of a resource' }) : await judged(accept, id, odd.xml);
  if (accepted instanceof Problem) {
    await session.update({ text: a.queries.quarantine, values: { owner: a.owner, path }, patience: a.patience });
    if (current !== undefined) await restore(session, a, current, applied);
    a.onForeign({
      path,
      ...(id === undefined ? {} : { id }),
      outcome: 'quarantined',
      detail: accepted.violations[0]?.message ?? accepted.message,
    });
  } else if (current !== undefined && Buffer.compare(accepted, current.xml) === 0) {
    // It says the same in other words: the words of the journal stay.
    await restore(session, a, current, applied);
    a.onForeign({ path, id: current.id, outcome: 'restored' });
  } else {
    const before = current === undefined ? { expect: { absent: true } as const } : { expect: { revision: current.revision } };
    const meta = current?.meta === undefined ? {} : { meta: current.meta };
    await commit(a, { kind: 'put', id: id as ResourceId, xml: accepted, ...meta, ...before }, { path, id, outcome: 'taken' });
  }
}

/** After a crash: what differs from the journal is put aside, and the journal's document takes its place. */
async function mend(session: Writing, a: Attachment, { path, entry, same, xml }: Odd, applied: number): Promise<void> {
  const id = idOf(path);
  const current = id === undefined ? undefined : await a.journal.get(id);
  // Of a later revision than the database has: it will hear of it.
  if (current !== undefined && current.revision > applied) return;
  if (same && current?.revision === factsOf(entry)?.revision) return;
  if (xml !== undefined || current === undefined) {
    await session.update({ text: a.queries.quarantine, values: { owner: a.owner, path }, patience: a.patience });
  }
  if (current !== undefined) await restore(session, a, current, applied);
  const told = { path, ...(id === undefined ? {} : { id }) };
  a.onForeign(
    xml === undefined ? { ...told, outcome: 'restored' } : { ...told, outcome: 'quarantined', detail: 'it differs after a crash' },
  );
}

async function judged(accept: Accept, id: ResourceId, xml: string): Promise<Uint8Array | Problem> {
  return accept(id, Buffer.from(xml, 'base64'));
}

async function commit(a: Attachment, change: Change, told: ForeignChange): Promise<void> {
  // Somebody else was quicker: then that is what holds.
  if ((await a.journal.write([change])).ok) a.onForeign(told);
}

async function restore(session: Writing, a: Attachment, current: StoredResource, applied: number): Promise<void> {
  const revision = String(applied);
  const values = { owner: a.owner, from: revision, to: revision, changes: groupOfResources([current]), count: '' };
  await session.update({ text: a.queries.apply, values, patience: a.patience });
}

/**
 * A lost journal, made anew from the database in one commit: documents, owners and the order of publication are kept, revisions
 * and times begin anew. Throws Problem `corrupt-store` when a document is no valid resource.
 */
export async function adopt(session: Session, a: Attachment): Promise<void> {
  const paths = await pathsOf(session, a, true);
  const places = await lookAtOrder(session, a);
  const found: { readonly order: number; readonly seq: number; readonly change: Change }[] = [];
  for (let from = 0; from < paths.length; from += CHUNK) {
    const values = { places: JSON.stringify(paths.slice(from, from + CHUNK).map((path) => placeOf(path, places))) };
    const lines = (await session.query({ text: a.queries.contents, values, patience: LOOK_MS })).toString('utf8').split('\n');
    for (const line of lines.filter((one) => one !== '')) {
      const { path, xml, entry } = JSON.parse(line) as { readonly path: string; readonly xml: string; readonly entry: string };
      const id = idOf(path);
      if (id === undefined) continue;
      const bytes = a.accept === undefined ? Buffer.from(xml, 'base64') : await judged(a.accept, id, xml);
      if (bytes instanceof Problem) {
        a.onForeign({ path, id, outcome: 'quarantined', detail: bytes.message });
        throw new Problem('corrupt-store', {
          detail: `The journal is lost, and the document at "${path}" in BaseX is no valid resource: ${bytes.violations[0]?.message ?? bytes.message}.`,
          hint: 'Mend or delete that document in BaseX, and start again.',
        });
      }
      const { meta, created = Number.POSITIVE_INFINITY, createdSeq = 0 } = factsOf(entry) ?? {};
      const change: Change = { kind: 'put', id, xml: bytes, ...(meta === undefined ? {} : { meta }) };
      found.push({ order: created, seq: createdSeq, change });
    }
    a.onRebuild(Math.min(from + CHUNK, paths.length), paths.length);
  }
  found.sort((one, other) => (one.order === other.order ? one.seq - other.seq : one.order - other.order));
  await a.journal.write(found.map(({ change }) => change));
}
