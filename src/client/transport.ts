/** One request, with its time-out, its tries and its refusal as an error. */
import { delay } from './delay.js';
import { problemOf, RequestProblem, Unreachable } from './errors.js';

export interface ClientOptions {
  /** default: the global `fetch` */
  readonly fetch?: typeof fetch;
  /** who asks: a bearer token, or what gives one for each request (tokens of an issuer do not last) */
  readonly token?: string | (() => string | Promise<string>);
  /** operate in this one scope: one of those of the token, or one below */
  readonly scope?: string;
  /** sent with every request; those of a call are stronger */
  readonly headers?: Readonly<Record<string, string>>;
  /** ms until an answer must have begun; default 30 000. `signal` of a call bounds all of it. */
  readonly timeout?: number;
  /** further tries of what may be tried again; default 3 */
  readonly retries?: number;
  /** ms before the first further try, doubled each time, of which a random part is waited; default 200 */
  readonly backoff?: number;
  /** for tests */
  readonly random?: () => number;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** A question although it is a POST: trying again does no harm. */
  readonly harmless?: boolean;
  /** answers that are no refusal besides 2xx */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
  /** ms; default: the client's */
  readonly timeout?: number;
}

export type Transport = (path: string, options?: RequestOptions) => Promise<Response>;

/**
 * Rejects with RequestProblem when the directory refuses, Unreachable when no answer came, and with the signal's reason.
 *
 * Tried again: 503 and 429 for reads, questions, and writes that carry a precondition (a second one can do no harm, it would
 * be refused); a broken connection for reads and questions, and for writes with an Idempotency-Key; other writes may have happened. `Retry-After` is heeded.
 */
export function createTransport(base: string, options: ClientOptions = {}): Transport {
  const { timeout = 30_000, retries = 3, backoff = 200, random = Math.random } = options;
  const send = options.fetch ?? fetch;
  const root = base.replace(/\/+$/, '');

  return async (path, request = {}) => {
    const method = request.method ?? 'GET';
    const token = typeof options.token === 'function' ? await options.token() : options.token;
    const headers = {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(options.scope === undefined ? {} : { 'Facetry-Scope': options.scope }),
      ...options.headers,
      ...request.headers,
    };
    const reads = method === 'GET' || method === 'HEAD' || request.harmless === true;
    const guarded = Object.keys(headers).some((name) => /^(?:if-(?:match|none-match)|idempotency-key)$/i.test(name));
    const repeatable = Object.keys(headers).some((name) => /^idempotency-key$/i.test(name));
    for (let attempt = 0; ; attempt++) {
      const more = attempt < retries;
      const pause = () => backoff * 2 ** attempt * (0.5 + random() / 2);
      try {
        return await once(root + path, { ...request, method, headers });
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason;
        if (error instanceof RequestProblem) {
          const busy = error.statedStatus === 503 || error.statedStatus === 429;
          if (!more || !busy || !(reads || guarded)) throw error;
          await delay(Math.max((error.retryAfter ?? 0) * 1000, pause()), request.signal);
        } else {
          if (!more || !(reads || repeatable) || !(error instanceof Unreachable) || error.reason !== 'broken') throw error;
          await delay(pause(), request.signal);
        }
      }
    }
  };

  async function once(
    url: string,
    { body, headers, method, accept = [], signal, timeout: bound = timeout }: RequestOptions,
  ): Promise<Response> {
    // Not AbortSignal.timeout: that would also cut an answer that is long but on its way.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), bound);
    let response: Response;
    try {
      const signals = signal === undefined ? late.signal : AbortSignal.any([late.signal, signal]);
      response = await send(url, { method, headers, body, signal: signals, redirect: 'error' });
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (late.signal.aborted)
        throw new Unreachable(url, 'timeout', `${new URL(url).origin} did not answer within ${bound / 1000} s`, { cause });
      throw unreachable(url, cause);
    } finally {
      clearTimeout(timer);
    }
    if (response.ok || accept.includes(response.status)) return response;
    throw await problemOf(response);
  }
}

function unreachable(url: string, cause: unknown): Unreachable {
  const code = codeOf(cause);
  const { origin } = new URL(url);
  const refused = code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
  const why =
    code === 'ECONNREFUSED' ? 'nobody listens there' : code === 'ENOTFOUND' ? 'there is no such host' : (code ?? messageOf(cause));
  return new Unreachable(url, refused ? 'refused' : 'broken', `${origin} cannot be reached: ${why}`, { cause });
}

/** `fetch` wraps what happened, sometimes twice. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'string') return code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
