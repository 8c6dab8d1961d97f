/**
 * Problems: everything that can be refused or go wrong, as data. HTTP says them by RFC 9457, the
 * command line by its own layout; both read this one table of codes.
 */

/** code → [HTTP status, title]. The README lists every row; a test holds the two together. */
export const PROBLEMS = {
  'bad-request': [400, 'The request cannot be understood'],
  'empty-body': [400, 'The request has no body'],
  'not-well-formed': [400, 'The document is not well-formed XML'],
  'doctype-refused': [400, 'Documents with a DOCTYPE are not accepted'],
  'encoding-refused': [400, 'The encoding of the document is not supported'],
  'invalid-xpath': [400, 'The XPath expression is not valid'],
  'invalid-xquery': [400, 'The XQuery cannot be run'],
  unauthorized: [401, 'A valid token is needed'],
  forbidden: [403, 'The caller may not do this'],
  'quota-exceeded': [403, 'The caller has as many clusters as it may have'],
  'not-found': [404, 'There is no such resource'],
  'method-not-allowed': [405, 'This address does not take that method'],
  'not-acceptable': [406, 'None of the accepted media types can be produced'],
  'request-timeout': [408, 'The request took too long to arrive'],
  'already-exists': [409, 'A resource with this id exists'],
  conflict: [409, 'The change conflicts with the state of the resource'],
  'facet-owned': [409, 'The facet belongs to somebody else'],
  'cursor-expired': [410, 'The cursor is too old'],
  'precondition-failed': [412, 'The resource has changed'],
  'document-too-large': [413, 'The document is too large'],
  'url-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'The media type of the body is not supported'],
  misdirected: [421, 'The request was meant for another server'],
  'invalid-resource': [422, 'The document is not a valid resource'],
  'invalid-schema': [422, 'The schema is not valid'],
  'invalid-patch': [422, 'The patch cannot be applied'],
  'key-reused': [422, 'The Idempotency-Key was used for another request'],
  'limit-exceeded': [422, 'The document exceeds a limit'],
  'query-over-budget': [422, 'The query needs more than its budget'],
  'too-many-requests': [429, 'Too many requests'],
  'headers-too-large': [431, 'The headers of the request are too large'],
  'internal-error': [500, 'The directory failed'],
  'corrupt-store': [500, 'Stored data is damaged'],
  'unknown-method': [501, 'The directory does not know that method'],
  'site-refused': [502, 'The site refused'],
  starting: [503, 'The directory is starting'],
  overloaded: [503, 'The directory is overloaded'],
  'store-unavailable': [503, 'The store cannot be written'],
  'issuer-unavailable': [503, 'The token cannot be checked now'],
  'store-locked': [503, 'Another process uses the store'],
  'site-unreachable': [504, 'The site did not answer'],
  'disk-full': [507, 'The disk is full'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One violation in a document or expression. Lines and columns count from 1; columns in code points. */
export interface Violation {
  /** Rule, e.g. `id-qualified`, `facet-mixed-content`, `schema`; stable. */
  readonly rule: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  /** An XPath to the place, e.g. `/r:resource/f:hw[1]/f:cpu[2]`. */
  readonly path?: string;
  readonly hint?: string;
}

/** Accepted, yet worth a word: e.g. an element that a registered schema does not declare. */
export type Notice = Violation;

export interface ProblemDetails {
  readonly detail?: string;
  readonly hint?: string;
  readonly violations?: readonly Violation[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** Thrown for what ends an operation. `message` is `detail`, or the code's title. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly hint?: string;
  readonly violations: readonly Violation[];
  readonly retryAfter?: number;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    super(details.detail ?? PROBLEMS[code][1], { cause: details.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = details.detail;
    this.hint = details.hint;
    this.violations = details.violations ?? [];
    this.retryAfter = details.retryAfter;
  }

  get status(): number {
    return PROBLEMS[this.code][0];
  }

  get title(): string {
    return PROBLEMS[this.code][1];
  }
}
