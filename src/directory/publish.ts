/**
 * The life of a published document, top to bottom: bytes → resource → change → durable commit, visible to discovery.
 *
 * Two writers of one resource never lose a change unseen: each change names the revision it was made against, and
 * the store refuses it when that is no longer the current one; then the writer looks again and decides anew.
 */
import { Problem, type ResourceId, type ResourceMeta } from '../model/index.js';
import { at } from './at.js';
import { type Current, currentOf } from './current.js';
import { differenceText } from './difference-text.js';
import type { Caller, Published, WriteOptions } from './directory.js';
import { etagOf, matches } from './etag.js';
import { type IdempotencyKey, idempotencyOf, mintFor, requireSameRequest } from './idempotency.js';
import { OPEN_CALLER } from './open-caller.js';
import { planChange } from './plan-change.js';
import { readOver } from './read-over.js';
import { requireWriter } from './rights.js';
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
  requireWriter(caller);
  if (body.length === 0) throw new Problem('empty-body', { hint: 'send one XML resource document as the body' });
  const key = intent.kind === 'create' ? idempotencyOf(caller, options, body) : undefined;

  // bytes → resource
  const reading = {
    ...(intent.kind === 'put' ? { id: intent.id } : { mintId: key === undefined ? rooms.mintId : () => mintFor(key) }),
    ...(options.charset === undefined ? {} : { charset: options.charset }),
  };
  const replaced = () => (intent.kind === 'put' ? currentOf(rooms, caller, intent.id) : undefined);
  let read = await readOver(rooms, body, reading, replaced);
  const { id } = read.resource;

  for (;;) {
    // resource → change, against what the caller sees now
    const current = currentOf(rooms, caller, id);
    if (read.over !== undefined && read.over !== current?.revision) read = await readOver(rooms, body, reading, replaced);
    const { notices } = read;
    const { xml } = read.resource;
    const etag = etagOf(xml);
    if (key !== undefined && isRepeat(key, current)) return { outcome: 'created', id, etag: current.etag, notices };
    checkPreconditions(id, current, intent, options);
    const { outcome, change } = planChange(rooms, { caller, id, current, xml, options, created: createdBy(caller, key) });
    if (options.dryRun === true) {
      if (change !== undefined) await rooms.registry.try([change]);
      return {
        outcome,
        id,
        etag,
        ...at(rooms, caller, rooms.live.revision),
        notices,
        canonical: xml,
        diff: differenceText(current?.xml, xml),
      };
    }
    if (change === undefined) return { outcome, id, etag, ...at(rooms, caller, (current as Current).revision), notices };

    // change → durable commit, visible to discovery
    const written = await rooms.store.write([change]);
    if (written.ok) {
      await rooms.live.reached(written.revision);
      return { outcome, id, etag, ...at(rooms, caller, written.revision), notices };
    }
    // Somebody else was faster. Each round of this loop is somebody's success, so it ends.
  }
}

/** The request was answered before, and the answer may have been lost. */
function isRepeat(key: IdempotencyKey, current: Current | undefined): current is Current {
  if (current?.meta.key?.key !== key.key) return false;
  requireSameRequest(key, current.meta.key);
  return true;
}

/** What the meta of a new resource says of its creation. */
export function createdBy({ principal }: Caller, key?: IdempotencyKey): Pick<ResourceMeta, 'by' | 'key'> {
  return { ...(principal === OPEN_CALLER.principal ? {} : { by: principal }), ...(key === undefined ? {} : { key }) };
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
  checkTags(`"${id}"`, () => current?.etag, current !== undefined, options);
}

/** `what` has the entity tag that `tag` tells, if it exists. */
export function checkTags(what: string, tag: () => string | undefined, exists: boolean, options: WriteOptions): void {
  if (options.ifMatch !== undefined && !matches(options.ifMatch, tag())) {
    throw new Problem('precondition-failed', {
      detail: exists ? `${what} now has the entity tag ${tag()}` : `there is no ${what} to match`,
      hint: 'read it again, apply the change to what it is now, and send that with its new entity tag',
    });
  }
  if (options.ifNoneMatch === '*' && exists) {
    throw new Problem('precondition-failed', { detail: `${what} exists`, hint: 'leave out If-None-Match to replace it' });
  }
}
