/**
 * The public keys of an issuer, fetched when they are first wanted.
 *
 * - A key that is known is used at once; when the set has become old it is fetched anew meanwhile.
 * - A key that is not known may be a new one: the set is fetched, but not more often than every COOLDOWN, because anybody can
 *   send tokens that name keys of their invention.
 * - The issuer is away: known keys go on; an unknown one is Problem `issuer-unavailable`, because the token may well be valid.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { Problem } from '../../model/index.js';
import type { OnEvent } from '../events.js';
import { isSafeAddress, type OidcPolicy } from './oidc-file.js';

/** ms between two fetches because of keys that are not known */
const COOLDOWN = 10_000;
/** ms for one fetch */
const PATIENCE = 5_000;
const LARGEST = 1024 * 1024;

const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });
const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.string() });

export interface IssuerKeys {
  readonly key: JWTVerifyGetKey;
  /** why the last fetch brought nothing */
  readonly failure: string | undefined;
  readonly count: number;
}

export function issuerKeys(
  policy: Pick<OidcPolicy, 'issuer' | 'jwks' | 'keysFresh'>,
  onEvent: OnEvent,
  now: () => number,
  send: typeof fetch,
): IssuerKeys {
  let known: ReturnType<typeof createLocalJWKSet> | undefined;
  let count = 0;
  let failure: string | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  /** Everybody who wants it waits for the same fetch. Never rejects. */
  const refresh = () => {
    fetching ??= load().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  async function load(): Promise<void> {
    triedAt = now();
    try {
      const url = policy.jwks ?? (await discover());
      const { keys } = keySet.parse(await json(url, send));
      known = createLocalJWKSet({ keys } as Parameters<typeof createLocalJWKSet>[0]);
      count = keys.length;
      fetchedAt = now();
      if (failure !== undefined) onEvent({ kind: 'issuer-back', issuer: policy.issuer });
      failure = undefined;
    } catch (error) {
      const reason = error instanceof z.ZodError ? 'its answer is no key set' : reasonOf(error);
      if (failure === undefined) onEvent({ kind: 'issuer-away', issuer: policy.issuer, reason });
      failure = reason;
    }
  }
  /** OpenID Connect Discovery 1.0 §4: the document must speak of the issuer that was asked. */
  async function discover(): Promise<string> {
    const found = discovery.parse(await json(`${policy.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, send));
    if (found.issuer !== policy.issuer) throw new Error(`its discovery document speaks of ${found.issuer.slice(0, 200)}`);
    if (!isSafeAddress(found.jwks_uri)) throw new Error('its discovery document names keys without https');
    return found.jwks_uri;
  }

  return {
    get failure() {
      return failure;
    },
    get count() {
      return count;
    },
    async key(header, token) {
      if (known === undefined && now() - triedAt >= COOLDOWN) await refresh();
      else if (fetching !== undefined && known === undefined) await fetching;
      if (known === undefined) throw away(failure);
      if (now() - fetchedAt > policy.keysFresh * 1000 && now() - triedAt >= COOLDOWN) void refresh();
      try {
        return await known(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        if (fetching !== undefined) await fetching;
        else if (now() - triedAt >= COOLDOWN) await refresh();
        try {
          return await known(header, token);
        } catch (second) {
          if (second instanceof errors.JWKSNoMatchingKey && failure !== undefined) throw away(failure);
          throw second;
        }
      }
    },
  };
}

function away(reason: string | undefined): Problem {
  return new Problem('issuer-unavailable', {
    detail: 'the keys of the token issuer cannot be fetched, so the token cannot be checked',
    retryAfter: COOLDOWN / 1000,
    cause: reason,
  });
}

async function json(url: string, send: typeof fetch): Promise<unknown> {
  const response = await send(url, {
    headers: { Accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${url} answers ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`${url} answers more than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return cause === undefined ? message : `${message}: ${cause.code ?? cause.message}`;
}
