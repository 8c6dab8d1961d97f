/** What this room reports while it works; the logger, the metrics and the tests subscribe. */
export type HttpEvent =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  | RequestEvent
  /** an error that is nobody's fault but ours; the caller was told `internal-error` and the request id */
  | { readonly kind: 'fault'; readonly id: string; readonly error: unknown }
  /** bytes that are no HTTP request, or one that took too long to arrive */
  | { readonly kind: 'malformed'; readonly status: number; readonly reason: string; readonly remote?: string }
  /** a connection over the limit was closed unread */
  | { readonly kind: 'dropped'; readonly remote?: string }
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
}

export type OnEvent = (event: HttpEvent) => void;
