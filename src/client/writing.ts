/** The parts of a request that writes. */
import type { WriteOptions } from './client.js';
import { bodyOf, type DocumentSource } from './documents.js';
import type { RequestOptions } from './transport.js';

export function asked({ dryRun, force }: WriteOptions): string {
  const flags = [...(dryRun === true ? ['dryRun=true'] : []), ...(force === true ? ['force=true'] : [])];
  return flags.length === 0 ? '' : `?${flags.join('&')}`;
}

export function headersOf({ ifMatch, ifAbsent, manager, ttl, idempotencyKey }: WriteOptions): Record<string, string> {
  return {
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    ...(ifAbsent === true ? { 'If-None-Match': '*' } : {}),
    ...(manager === undefined ? {} : { 'Facetry-Manager': manager }),
    ...(ttl === undefined ? {} : { 'Facetry-TTL': String(ttl) }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': JSON.stringify(idempotencyKey) }),
  };
}

export function writing(
  method: 'POST' | 'PUT' | 'PATCH',
  document: DocumentSource,
  write: WriteOptions,
  type = 'application/xml',
): RequestOptions {
  return { method, headers: { 'Content-Type': type, ...headersOf(write) }, body: bodyOf(document), signal: write.signal };
}
