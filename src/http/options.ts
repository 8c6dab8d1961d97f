import { randomUUID } from 'node:crypto';
import { DOCUMENT_LIMITS } from '../model/index.js';
import { type Authenticate, openMode } from './authenticate.js';
import type { Check } from './check.js';
import type { OnEvent } from './events.js';
import type { Route } from './route.js';

/** Sizes. Going over is answered by 413, 414, 431 or 503. */
export interface HttpLimits {
  /** one document, inflated */
  readonly documentBytes: number;
  /** all documents of one bulk request, inflated */
  readonly bulkBytes: number;
  /** a question sent by POST, inflated */
  readonly questionBytes: number;
  /** bodies held in memory by all requests together */
  readonly intakeBytes: number;
  readonly urlBytes: number;
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly connections: number;
  /** resources on a page of `GET /resources` */
  readonly pageItems: number;
}

/** Times in ms, and the rate that extends them. */
export interface HttpTimes {
  readonly headers: number;
  readonly keepAlive: number;
  /** waiting for the bytes of a body, or for a reader to take its answer … */
  readonly patience: number;
  /** … plus one second per so many bytes moved */
  readonly bytesPerSecond: number;
  /** a whole request, however steadily it arrives */
  readonly request: number;
  /** how long the rest of a refused body is read and thrown away, so that the client gets to read the answer */
  readonly linger: number;
  /** how often connections are checked against `headers` and `request` */
  readonly check: number;
  /** how long `close` waits for what was accepted */
  readonly grace: number;
  /** the server's budget for a question; announced, enforced by the directory */
  readonly query: number;
}

export interface HttpOptions {
  readonly authenticate?: Authenticate;
  readonly onEvent?: OnEvent;
  readonly limits?: Partial<HttpLimits>;
  readonly times?: Partial<HttpTimes>;
  /** Compress answers for those who ask; default true. */
  readonly compression?: boolean;
  /** Serve `/metrics`; default true. */
  readonly metrics?: boolean;
  /** Requests per caller and window; default: no limit. */
  readonly rateLimit?: { readonly windowMs: number; readonly requests: number };
  /** Wrong tokens from one address and window; default: no limit. */
  readonly failures?: { readonly windowMs: number; readonly failures: number };
  /** More than this is refused at once; default: no bounds but those of sockets and bodies. */
  readonly load?: {
    /** requests under way, of all callers … */
    readonly maxInFlight?: number;
    /** … and of one */
    readonly maxConcurrent?: number;
    /** watches and long polls of one */
    readonly maxWatches?: number;
    /** ms that the event loop may run late, for some time */
    readonly maxLagMs?: number;
  };
  /** Further lines of `/readyz?verbose`. */
  readonly checks?: () => readonly Check[];
  /** Origins whose pages may read the answers; default none. `*`: any. */
  readonly cors?: readonly string[];
  /** Names under which the server may be addressed (`Host`), without port; default: any. Keeps DNS rebinding from a loopback server. */
  readonly hosts?: readonly string[];
  readonly newRequestId?: () => string;
  /** Further rows for the table, of those who use this server. */
  readonly routes?: readonly Route[];
  /** Shown at `/` and in `/openapi.json`. */
  readonly version?: string;
}

export interface HttpSettings extends Required<Omit<HttpOptions, 'rateLimit' | 'failures' | 'load' | 'hosts' | 'limits' | 'times'>> {
  readonly limits: HttpLimits;
  readonly times: HttpTimes;
  readonly rateLimit?: HttpOptions['rateLimit'];
  readonly failures?: HttpOptions['failures'];
  readonly load?: HttpOptions['load'];
  /** callers are known: what concerns the whole directory is for operators */
  readonly guarded: boolean;
  readonly hosts?: readonly string[];
}

const MIB = 1024 * 1024;

export const HTTP_LIMITS: HttpLimits = {
  documentBytes: DOCUMENT_LIMITS.bytes,
  bulkBytes: 512 * MIB,
  questionBytes: 2 * MIB,
  intakeBytes: 256 * MIB,
  // An id of 1024 characters may take 12 bytes each when percent-encoded.
  urlBytes: 16 * 1024,
  headerBytes: 32 * 1024,
  headerCount: 200,
  connections: 1000,
  pageItems: 1000,
};

export const HTTP_TIMES: HttpTimes = {
  headers: 15_000,
  keepAlive: 65_000,
  patience: 30_000,
  bytesPerSecond: 16 * 1024,
  request: 600_000,
  linger: 2_000,
  check: 5_000,
  grace: 10_000,
  query: 2_000,
};

export function settingsOf(options: HttpOptions = {}): HttpSettings {
  return {
    authenticate: options.authenticate ?? openMode,
    onEvent: options.onEvent ?? (() => {}),
    limits: { ...HTTP_LIMITS, ...options.limits },
    times: { ...HTTP_TIMES, ...options.times },
    compression: options.compression ?? true,
    metrics: options.metrics ?? true,
    cors: options.cors ?? [],
    newRequestId: options.newRequestId ?? randomUUID,
    version: options.version ?? '0',
    routes: options.routes ?? [],
    checks: options.checks ?? (() => []),
    guarded: options.authenticate !== undefined && options.authenticate !== openMode,
    rateLimit: options.rateLimit,
    failures: options.failures,
    load: options.load,
    hosts: options.hosts,
  };
}
