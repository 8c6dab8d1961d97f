/**
 * The file of mode `tokens`:
 *
 *     tokens:
 *       - name: site-a-keeper
 *         sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
 *         scopes: [/infra/site-a]
 *         roles: [publisher]
 *         facets: [urn:facetry:host, urn:site-a:*]
 *         expires: 2027-01-01T00:00:00Z
 *
 * Two entries may bear one name: while a token is replaced, both are the same principal.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Caller } from '../../directory/index.js';
import { isScope, type Scope } from '../../model/index.js';
import { PolicyFileError, parsePolicy } from './policy-file.js';
import { callerOf, ROLES } from './rights.js';

/** ISO 8601: a day (it begins at midnight UTC), or a moment with its zone. */
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/;

export const principalName = z
  .string({ error: 'must be a name' })
  .regex(/^[^\s\p{C}](?:[^\p{C}]{0,126}[^\s\p{C}])?$/u, { error: 'must be a name of 1 to 128 characters without control characters' });
export const scopeName = z
  .string({ error: 'must be a scope such as /a/b' })
  .refine(isScope, { error: 'must be a scope such as /a/b' })
  .transform((text) => text as Scope);
export const roleName = z.enum(ROLES, { error: `must be one of ${ROLES.join(', ')}` });
export const facetPattern = z
  .string({ error: 'must be a namespace, or the beginning of one and *' })
  .regex(/^[^\s*]*\*?$/, { error: 'must be a namespace, or the beginning of one and *' })
  .min(1, { error: 'must be a namespace, or the beginning of one and *' });
const moment = z
  .string({ error: 'must be a date such as 2027-01-01 or 2027-01-01T12:00:00Z' })
  .refine((text) => MOMENT.test(text) && !Number.isNaN(Date.parse(text)), {
    error: 'must be a date such as 2027-01-01 or 2027-01-01T12:00:00Z',
  })
  .transform((text) => Date.parse(text));

const entryShape = z
  .strictObject({
    name: principalName,
    sha256: z
      .string({ error: 'must be 64 hexadecimal digits, in quotes' })
      .regex(/^[\da-f]{64}$/i, { error: 'must be 64 hexadecimal digits, in quotes: the SHA-256 of the token, not the token' })
      .transform((text) => text.toLowerCase()),
    scopes: z.array(scopeName, { error: 'must be a list of scopes' }).min(1, { error: 'must name a scope' }).optional(),
    roles: z.array(roleName, { error: `must be a list of ${ROLES.join(', ')}` }).min(1, { error: 'must name a role' }),
    facets: z.array(facetPattern, { error: 'must be a list of namespaces' }).optional(),
    expires: moment.optional(),
  })
  .refine(({ scopes, roles }) => scopes !== undefined || roles.includes('admin'), {
    error: 'has no scopes: only an admin may go without',
  });
const fileShape = z.strictObject(
  { tokens: z.array(entryShape, { error: 'must be a list of entries, each with name, sha256, scopes and roles' }) },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must hold "tokens:" and a list of entries' : undefined) },
);

export type TokenEntry = z.input<typeof entryShape>;

export interface KnownToken {
  readonly caller: Caller;
  /** ms since the epoch */
  readonly expires?: number;
}

/** SHA-256 of a token, in hexadecimal → whom it makes. */
export type TokenSet = ReadonlyMap<string, KnownToken>;

/** @throws PolicyFileError */
export function readTokens(file: string, text: string): TokenSet {
  const { tokens } = parsePolicy(file, text, fileShape);
  const set = new Map<string, KnownToken>();
  for (const { name, sha256, scopes, roles, facets, expires } of tokens) {
    if (set.has(sha256)) throw new PolicyFileError(file, [{ rule: 'access', message: `two entries have the token of "${name}"` }]);
    set.set(sha256, {
      caller: callerOf({ principal: name, scopes, roles, facets }),
      ...(expires === undefined ? {} : { expires }),
    });
  }
  return set;
}

/** Tokens are long and random, so one plain hash keeps them: there is nothing to guess from it. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
