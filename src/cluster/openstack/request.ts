/** One request to a service of a site: bounded in time, and tried again only where a second one does no harm. */
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../model/index.js';
import { refusal, SiteProblem } from './site-problem.js';

export interface SiteRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** sent as JSON */
  readonly json?: unknown;
  readonly bytes?: { readonly type: string; readonly stream: AsyncIterable<Uint8Array> };
  /** ms until the whole answer must be there; default 60 000 */
  readonly timeout?: number;
  /** a question although it is a POST */
  readonly harmless?: boolean;
  /** what is done, in the words of a refusal */
  readonly what: string;
  /** taken out of errors */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface SiteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const TRIES = 4;
const PAUSE = 300;
const TIMEOUT = 60_000;

/** Rejects with SiteProblem for every answer but 2xx, and when there was none. */
export async function ask(url: string, request: SiteRequest): Promise<SiteAnswer> {
  const { method = 'GET', harmless = method === 'GET' || method === 'DELETE' } = request;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(url, method, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      const busy = error instanceof SiteProblem && (error.site === 0 || error.site === 429 || error.site >= 500);
      if (!busy || !harmless || attempt === TRIES) throw error;
      await delay(PAUSE * 2 ** (attempt - 1) * (0.5 + Math.random() / 2), undefined, { signal: request.signal });
    }
  }
}

async function once(url: string, method: string, request: SiteRequest): Promise<SiteAnswer> {
  const { json, bytes, headers, timeout = TIMEOUT, what, secrets = [], signal } = request;
  const late = AbortSignal.timeout(timeout);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        Accept: 'application/json',
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(bytes === undefined ? {} : { 'Content-Type': bytes.type }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      // a body that is still being read while the answer comes
      ...(bytes === undefined ? {} : ({ body: bytes.stream, duplex: 'half' } as unknown as RequestInit)),
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      redirect: 'error',
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    const why = late.aborted ? `no answer within ${timeout / 1000} s` : codeOf(cause);
    throw new SiteProblem(
      0,
      undefined,
      `${what}: ${new URL(url).origin} ${late.aborted ? 'gave' : 'cannot be reached:'} ${why}`,
      undefined,
      cause,
    );
  }
  if (!response.ok) throw refusal(what, response.status, text, response.headers.get('x-openstack-request-id'), secrets);
  return { status: response.status, headers: response.headers, text };
}

/** Some answers that should be JSON are not: an empty body, or a line of HTML from a proxy. */
export function jsonOf<T>({ text }: SiteAnswer, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SiteProblem(200, undefined, `${what}: the answer is not JSON`, undefined, cause);
  }
}

const isNear = (url: string) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/**
 * Passwords and tokens cross the wire: without TLS only on this machine, or where it was allowed by name. `from`: the site whose
 * catalog names the address; one that is elsewhere has nothing on this machine.
 */
export function checkAddress(url: string, insecure: boolean, from = url): void {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new Problem('bad-request', { detail: `"${url}" is no http:// or https:// address` });
  if (new URL(url).protocol === 'https:' || insecure || (isNear(url) && isNear(from))) return;
  throw new Problem('forbidden', {
    detail: `${url} is not https://, so the password would cross the network in the open`,
    hint: 'use the https:// address of the site, or allow it with "insecure": true in the credential',
  });
}

function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as Error & { code?: unknown };
    if (typeof code === 'string') return code === 'ECONNREFUSED' ? 'nobody listens there' : code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return error instanceof Error ? error.message : String(error);
}
