/**
 * What people did in the database with BaseX's own tools. A document that was changed or added becomes a commit, if it
 * is a valid resource; one that was deleted, a removal. What is not valid is put aside under `facetry/quarantine/`, and the
 * journal's document takes its place again: it is never served. After a crash, where damage and work look alike, all that differs is put aside. Looked for a few hundred documents at a time, between the writes.
 */
import type { Change, ResourceId, StoredResource } from '../../model/index.js';
import { Problem } from '../../model/index.js';
import type { Attachment } from './attach.js';
import { groupOfResources } from './group.js';
import type { Accept, ForeignChange } from './options.js';
import { idOf, pathOf } from './paths.js';
import type { Session } from './session.js';

/** Documents looked at in one query: some tens of milliseconds that a write may have to wait. */
const CHUNK = 250;
const LOOK_MS = 60_000;

interface Odd {
  readonly path: string;
  /** that its entry names; '' without one */
  readonly revision: string;
  /** the document is as it was written */
  readonly same: boolean;
  /** base64; absent: the document is gone */
  readonly xml?: string;
}

/** What is left to look at: paths in the database. */
export type Rest = readonly string[];

/** Everything, to begin with; after a crash also what should be there. */
export async function pathsOf(
  session: Session,
  { queries, journal }: Pick<Attachment, 'queries' | 'journal'>,
  clean: boolean,
): Promise<Rest> {
  const there = JSON.parse((await session.query({ text: queries.paths, patience: LOOK_MS })).toString('utf8')) as string[];
  if (clean) return there;
  const all = new Set(there);
  for await (const batch of (await journal.resources()).batches) for (const { id } of batch) all.add(pathOf(id));
  return [...all];
}

/** Looks at the first few; resolves to those that are left. */
export async function lookOn(session: Session, a: Attachment, rest: Rest, applied: number, clean: boolean): Promise<Rest> {
  const { accept } = a;
  if (accept === undefined) return [];
  const values = { paths: JSON.stringify(rest.slice(0, CHUNK)), all: clean ? 'no' : 'yes' };
  const lines = (await session.query({ text: a.queries.odd, values, patience: LOOK_MS })).toString('utf8').split('\n');
  for (const line of lines.filter((one) => one !== '')) {
    const odd = JSON.parse(line) as Odd;
    await (clean ? settle(session, a, accept, odd, applied) : mend(session, a, odd, applied));
  }
  return rest.slice(CHUNK);
}

async function settle(session: Session, a: Attachment, accept: Accept, odd: Odd, applied: number): Promise<void> {
  const { path, revision } = odd;
  const id = idOf(path);
  const current = id === undefined ? undefined : await a.journal.get(id);
  // Written meanwhile: the database will hear of it, and this is an old sight of it.
  if (current !== undefined && revision !== '' && current.revision !== Number(revision)) return;
  if (odd.xml === undefined) {
    if (id === undefined || current === undefined) return;
    await commit(a, { kind: 'remove', id, expect: { revision: current.revision } }, { path, id, outcome: 'removed' });
    return;
  }
  const accepted =
    id === undefined ? new Problem('invalid-resource', { detail: 'its path is none of a resource' }) : await judged(accept, id, odd.xml);
  if (accepted instanceof Problem) {
    await session.query({ text: a.queries.quarantine, values: { owner: a.owner, path }, patience: a.patience });
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
    const known = current === undefined ? { expect: { absent: true } as const } : { expect: { revision: current.revision } };
    const meta = current?.meta === undefined ? {} : { meta: current.meta };
    await commit(a, { kind: 'put', id: id as ResourceId, xml: accepted, ...meta, ...known }, { path, id, outcome: 'taken' });
  }
}

/** After a crash: what differs from the journal is put aside, and the journal's document takes its place. */
async function mend(session: Session, a: Attachment, { path, revision, same, xml }: Odd, applied: number): Promise<void> {
  const id = idOf(path);
  const current = id === undefined ? undefined : await a.journal.get(id);
  // Of a later revision than the database has: it will hear of it.
  if (current !== undefined && current.revision > applied) return;
  if (same && current?.revision === Number(revision)) return;
  if (xml !== undefined || current === undefined) {
    await session.query({ text: a.queries.quarantine, values: { owner: a.owner, path }, patience: a.patience });
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

async function restore(session: Session, a: Attachment, current: StoredResource, applied: number): Promise<void> {
  const revision = String(applied);
  const values = { owner: a.owner, from: revision, to: revision, changes: groupOfResources([current]) };
  await session.query({ text: a.queries.apply, values, patience: a.patience });
}

/**
 * A lost journal, made anew from the database in one commit: documents, owners and the order of publication are kept, revisions
 * and times begin anew. Throws Problem `corrupt-store` when a document is no valid resource.
 */
export async function adopt(session: Session, a: Attachment): Promise<void> {
  const paths = await pathsOf(session, a, true);
  const found: { readonly order: number; readonly seq: number; readonly change: Change }[] = [];
  for (let from = 0; from < paths.length; from += CHUNK) {
    const values = { paths: JSON.stringify(paths.slice(from, from + CHUNK)) };
    const lines = (await session.query({ text: a.queries.contents, values, patience: LOOK_MS })).toString('utf8').split('\n');
    for (const line of lines.filter((one) => one !== '')) {
      const { path, xml, meta, created, createdSeq } = JSON.parse(line) as Record<string, string>;
      const id = idOf(path);
      if (id === undefined || xml === undefined) continue;
      const bytes = a.accept === undefined ? Buffer.from(xml, 'base64') : await judged(a.accept, id, xml);
      if (bytes instanceof Problem) {
        a.onForeign({ path, id, outcome: 'quarantined', detail: bytes.message });
        throw new Problem('corrupt-store', {
          detail: `The journal is lost, and the document at "${path}" in BaseX is no valid resource: ${bytes.violations[0]?.message ?? bytes.message}.`,
          hint: 'Mend or delete that document in BaseX, and start again.',
        });
      }
      const change: Change = { kind: 'put', id, xml: bytes, ...(meta === undefined ? {} : { meta }) };
      found.push({ order: created === '' ? Number.POSITIVE_INFINITY : Number(created), seq: Number(createdSeq), change });
    }
    a.onRebuild(Math.min(from + CHUNK, paths.length), paths.length);
  }
  found.sort((one, other) => (one.order === other.order ? one.seq - other.seq : one.order - other.order));
  await a.journal.write(found.map(({ change }) => change));
}
