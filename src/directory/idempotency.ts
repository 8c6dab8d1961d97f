/**
 * A request that may be sent twice (draft-ietf-httpapi-idempotency-key-header-07): the key goes into the meta of the resource that
 * the request creates, in the same commit, so that the two are durable together. A document without an id is given one that
 * follows from the key: so the repeated request finds what the first one made.
 */
import { hash } from 'node:crypto';
import { Problem, type ResourceId, type ResourceMeta } from '../model/index.js';
import type { Caller, WriteOptions } from './directory.js';

export type IdempotencyKey = NonNullable<ResourceMeta['key']>;

export function idempotencyOf(caller: Caller, options: WriteOptions, body: Uint8Array): IdempotencyKey | undefined {
  const { idempotencyKey } = options;
  if (idempotencyKey === undefined) return undefined;
  return { key: hash('sha256', `${caller.principal}\0${idempotencyKey}`, 'base64url'), body: hash('sha256', body, 'base64url') };
}

/** A UUID of version 8 (RFC 9562 §5.8) from the key's digest. */
export function mintFor({ key }: IdempotencyKey): ResourceId {
  const hex = Buffer.from(key, 'base64url').toString('hex');
  const variant = ((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function requireSameRequest(now: IdempotencyKey, then: IdempotencyKey): void {
  if (now.body === then.body) return;
  throw new Problem('key-reused', {
    detail: 'a request with this Idempotency-Key and another body was answered before',
    hint: 'use a new key for each request, and the same one only to send a request again',
  });
}
