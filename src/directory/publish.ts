/**
 * The life of a published document, top to bottom: bytes → resource → change → durable commit, visible to discovery.
 *
 * Two writers of one resource never lose a change unseen: each change names the revision it was made against, and
 * the store refuses it when that is no longer the current one; then the writer looks again and decides anew.
 */
import { type Change, Problem, type ResourceId } from '../model/index.js';
import { type Current, currentOf } from './current.js';
import type { Caller, Published, WriteOptions } from './directory.js';
import { etagOf, matches } from './etag.js';
import type { Rooms } from './rooms.js';

/** `create` wants a new id (POST); `put` creates or replaces the one it names (PUT). */
export type Intent = { readonly kind: 'create' } | { readonly kind: 'put'; readonly id: ResourceId };

export async function publish(
  rooms: Rooms,
  caller: Caller,
  intent: Intent,
  body: Uint8Array,
  options: WriteOptions = {},
): Promise<Published> {
  if (body.length === 0) throw new Problem('empty-body', { hint: 'send one XML resource document as the body' });

  // bytes → resource
  const { resource, notices } = await rooms.xml.read(body, {
    ...(intent.kind === 'put' ? { id: intent.id } : { mintId: rooms.mintId }),
    ...(options.charset === undefined ? {} : { charset: options.charset }),
  });
  const xml = encoder.encode(resource.xml);
  const etag = etagOf(xml);

  for (;;) {
    // resource → change, against what the caller sees now
    const current = currentOf(rooms, caller, resource.id);
    checkPreconditions(resource.id, current, intent, options);
    if (current !== undefined && current.etag === etag) {
      return { outcome: 'unchanged', id: resource.id, etag, revision: current.revision, notices, ...canonicalOf(options, resource.xml) };
    }
    const outcome = current === undefined ? 'created' : 'replaced';
    if (options.dryRun === true) return { outcome, id: resource.id, etag, revision: rooms.live.revision, notices, canonical: resource.xml };

    // change → durable commit, visible to discovery
    const change: Change = {
      kind: 'put',
      id: resource.id,
      xml,
      expect: current === undefined ? { absent: true } : { revision: current.revision },
    };
    const written = await rooms.store.write([change]);
    if (written.ok) {
      await rooms.live.reached(written.revision);
      return { outcome, id: resource.id, etag, revision: written.revision, notices };
    }
    if (current === undefined) refuseHidden(rooms, caller, resource.id);
    // Somebody else was faster. Each round of this loop is somebody's success, so it ends.
  }
}

/** An id that another resource has, which this caller cannot see, can never be created by it: looking again would not end. */
function refuseHidden(rooms: Rooms, caller: Caller, id: ResourceId): void {
  const { columns } = rooms.live;
  const exists = columns.slots.find(id, columns.revision) >= 0;
  if (exists && currentOf(rooms, caller, id) === undefined) {
    throw new Problem('conflict', { detail: `the id "${id}" cannot be used here`, hint: 'choose another id' });
  }
}

export async function remove(
  rooms: Rooms,
  caller: Caller,
  id: ResourceId,
  options: WriteOptions = {},
): Promise<{ readonly revision: number }> {
  for (;;) {
    const current = currentOf(rooms, caller, id);
    if (current === undefined) throw notFound(id);
    checkPreconditions(id, current, { kind: 'put', id }, options);
    if (options.dryRun === true) return { revision: rooms.live.revision };
    const written = await rooms.store.write([{ kind: 'remove', id, expect: { revision: current.revision } }]);
    if (written.ok) {
      await rooms.live.reached(written.revision);
      return { revision: written.revision };
    }
  }
}

export function notFound(id: ResourceId): Problem {
  return new Problem('not-found', { detail: `there is no resource "${id}"` });
}

/** RFC 9110 §13.2.2, for writes; and the rule that POST never replaces. */
export function checkPreconditions(id: ResourceId, current: Current | undefined, intent: Intent, options: WriteOptions): void {
  if (intent.kind === 'create' && current !== undefined) {
    throw new Problem('already-exists', {
      detail: `a resource "${id}" exists`,
      hint: `to replace it, PUT the document to /resources/${encodeURIComponent(id)}`,
    });
  }
  if (options.ifMatch !== undefined && !matches(options.ifMatch, current?.etag)) {
    throw new Problem('precondition-failed', {
      detail: current === undefined ? `there is no resource "${id}" to match` : `"${id}" now has the entity tag ${current.etag}`,
      hint: 'read the resource again, apply the change to what it is now, and send that with its new entity tag',
    });
  }
  if (options.ifNoneMatch === '*' && current !== undefined) {
    throw new Problem('precondition-failed', { detail: `a resource "${id}" exists`, hint: 'leave out If-None-Match to replace it' });
  }
}

const encoder = new TextEncoder();

function canonicalOf(options: WriteOptions, xml: string): { canonical?: string } {
  return options.dryRun === true ? { canonical: xml } : {};
}
