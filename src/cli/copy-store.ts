/**
 * All resources of one store into another: documents, what is known of them (owners, leases) and the order of publication; revisions
 * and times begin anew. It goes on where it was broken off: what the target has already is not written again.
 *
 *     source ── batches ──▶ differs from the target's? ── commits ──▶ target
 *        └── digest ─────────────── equal? ─────────────── digest ──────┘
 */
import { createHash } from 'node:crypto';
import { type Change, Problem, type ResourceId, type StoredResource } from '../model/index.js';
import type { Store } from '../store/index.js';

/** Changes in one commit. */
const COMMIT = 500;

export interface Copied {
  readonly resources: number;
  /** written now; the others were there */
  readonly written: number;
  /** SHA-256 of all there is, in order; that of both stores */
  readonly digest: string;
}

/** Rejects with Problem `conflict` when the target holds what the source does not, `corrupt-store` when the copy turns out to differ. */
export async function copyStore(
  source: Store,
  target: Store,
  { onProgress = () => {}, signal }: { readonly onProgress?: (done: number, total: number) => void; readonly signal?: AbortSignal } = {},
): Promise<Copied> {
  const there = new Map<ResourceId, string>();
  for await (const batch of (await target.resources()).batches) for (const one of batch) there.set(one.id, digestOf(one));
  const { count, batches } = await source.resources();
  const ids = new Set<ResourceId>();
  const whole = createHash('sha256');
  const ahead: Change[] = [];
  let written = 0;
  const write = async () => {
    const changes = ahead.splice(0);
    // Nobody else writes: both stores are locked by this process.
    if (changes.length > 0 && !(await target.write(changes)).ok) throw new Problem('conflict', { detail: 'somebody writes to the target' });
    written += changes.length;
  };
  for await (const batch of batches) {
    for (const one of batch) {
      signal?.throwIfAborted();
      ids.add(one.id);
      const digest = digestOf(one);
      whole.update(digest);
      if (there.get(one.id) === digest) continue;
      const { id, xml, meta } = one;
      ahead.push({ kind: 'put', id, xml, ...(meta === undefined ? {} : { meta }) });
      if (ahead.length === COMMIT) await write();
    }
    onProgress(ids.size, count);
  }
  await write();
  const strangers = [...there.keys()].filter((id) => !ids.has(id));
  if (strangers.length > 0) {
    throw new Problem('conflict', {
      detail: `the target holds ${strangers.length} resources that the source does not, such as "${strangers[0]}"`,
      hint: 'Copy into an empty store, or into one that a copy of this source was broken off in.',
    });
  }
  const digest = whole.digest('hex');
  const copied = createHash('sha256');
  for await (const batch of (await target.resources()).batches) for (const one of batch) copied.update(digestOf(one));
  if (copied.digest('hex') !== digest) {
    throw new Problem('corrupt-store', {
      detail: 'the target does not hold what the source does, in its order',
      hint: 'The source has changed between two attempts: copy once more, into an empty store.',
    });
  }
  return { resources: ids.size, written, digest };
}

/** JSON ends where it ends, so no two different resources are hashed as the same bytes. */
function digestOf({ id, xml, meta }: StoredResource): string {
  return createHash('sha256')
    .update(JSON.stringify([id, meta ?? null]))
    .update(xml)
    .digest('hex');
}
