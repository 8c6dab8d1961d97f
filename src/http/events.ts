import type { Audit } from './audit.js';

/** What this room reports while it works; the logger, the metrics and the tests subscribe. */
export type HttpEvent =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  | RequestEvent
  /** one of the documents of a bulk request was written, or refused with `status` */
  | { readonly kind: 'audited'; readonly id: string; readonly status: number; readonly principal?: string; readonly audit: Audit }
  /** an error that is nobody's fault but ours; the caller was told `internal-error` and the request id */
  | { readonly kind: 'fault'; readonly id: string; readonly error: unknown }
  /** bytes that are no HTTP request, or one that took too long to arrive */
  | { readonly kind: 'malformed'; readonly status: number; readonly reason: string; readonly remote?: string }
  /** a connection over the limit was closed unread */
  | { readonly kind: 'dropped'; readonly remote?: string }
  /** more than can be answered in time: new requests are refused, until `recovered` */
  | { readonly kind: 'overloaded'; readonly lagMs: number; readonly inFlight: number }
  | { readonly kind: 'recovered' }
  /** who may do what was read from its file … */
  | { readonly kind: 'access-loaded'; readonly file: string; readonly principals: number }
  /** … and is in force although something about the file should be mended … */
  | { readonly kind: 'access-warned'; readonly file: string; readonly reason: string }
  /** … or is not: what was in force before still holds */
  | { readonly kind: 'access-refused'; readonly file: string; readonly reason: string }
  /** the keys of the token issuer cannot be fetched; those that are known go on */
  | { readonly kind: 'issuer-away'; readonly issuer: string; readonly reason: string }
  | { readonly kind: 'issuer-back'; readonly issuer: string }
  | { readonly kind: 'draining' }
  /** `cut`: connections that were still busy when the grace period ended */
  | { readonly kind: 'closed'; readonly cut: number };

/** One answered, or broken off, request. The query string is left out: it may hold what does not belong into logs. */
export interface RequestEvent {
  readonly kind: 'request';
  readonly id: string;
  readonly method: string;
  /** the route's template, `/resources/{id}`; undefined when no route matched */
  readonly route?: string;
  readonly path: string;
  readonly status: number;
  /** from the request's headers to the last byte handed to the system */
  readonly ms: number;
  readonly principal?: string;
  readonly remote?: string;
  /** a well-formed W3C `traceparent`, passed on unchanged */
  readonly trace?: string;
  /** the connection ended before the answer did */
  readonly aborted: boolean;
  /** it was a write; `resource` and `outcome` are there when it came that far */
  readonly audit?: Audit;
}

export type OnEvent = (event: HttpEvent) => void;
