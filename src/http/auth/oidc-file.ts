/**
 * The file of mode `oidc`:
 *
 *     issuer: https://id.example.org/realms/site
 *     audience: facetry
 *     scopesClaim: groups
 *     scopes:                       # value of the claim → scopes; without this, values that are scopes
 *       site-a-staff: [/infra/site-a]
 *       operators: "*"              # everything there is, for admins
 *     rolesClaim: realm_access.roles
 *     roles:                        # value of the claim → roles; without this, values that are roles
 *       directory-writer: [publisher]
 */
import { z } from 'zod';
import type { Caller } from '../../directory/index.js';
import { isScope, Problem, type Scope } from '../../model/index.js';
import { parsePolicy } from './policy-file.js';
import { callerOf, ROLES, type Role } from './rights.js';
import { facetPattern, principalName, roleName, scopeName } from './tokens-file.js';

const address = z
  .string({ error: 'must be an https:// address' })
  .refine((text) => isSafeAddress(text), { error: 'must be an https:// address (http:// only on this machine)' });
const claim = z.string({ error: 'must be the name of a claim' }).min(1, { error: 'must be the name of a claim' });
const whole = (least: number, most: number) => {
  const error = `must be a number of seconds from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};

const fileShape = z.strictObject(
  {
    issuer: address,
    audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], { error: 'must be a name or a list of names' }),
    /** default: as the issuer's discovery document says */
    jwks: address.optional(),
    principalClaim: claim.default('sub'),
    scopesClaim: claim,
    scopes: z.record(z.string(), z.union([z.literal('*'), z.array(scopeName)], { error: 'must be a list of scopes, or "*"' })).optional(),
    rolesClaim: claim.optional(),
    roles: z.record(z.string(), z.array(roleName), { error: 'must map values to lists of roles' }).optional(),
    /** roles of everybody with a valid token and a scope */
    defaultRoles: z.array(roleName, { error: `must be a list of ${ROLES.join(', ')}` }).default([]),
    facetsClaim: claim.optional(),
    facets: z.record(z.string(), z.array(facetPattern), { error: 'must map values to lists of namespaces' }).optional(),
    /** seconds that two clocks may differ */
    clockTolerance: whole(0, 300).default(30),
    /** seconds after which the issuer's keys are asked for again */
    keysFresh: whole(1, 86_400).default(600),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'must hold issuer, audience and scopesClaim' : undefined) },
);

export type OidcPolicy = z.output<typeof fileShape>;

/** @throws PolicyFileError */
export function readOidc(file: string, text: string): OidcPolicy {
  return parsePolicy(file, text, fileShape);
}

/** Keys and claims that come over a line which others can change are worth nothing. */
export function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

/** The caller that verified claims make. Problem `forbidden` when they give no right at all, `unauthorized` when they name nobody. */
export function callerOfClaims(policy: OidcPolicy, claims: Readonly<Record<string, unknown>>): Caller {
  const principal = principalName.safeParse(claimOf(claims, policy.principalClaim));
  if (!principal.success) {
    throw new Problem('unauthorized', {
      detail: `the token has no usable claim ${policy.principalClaim}`,
      hint: 'it says who the caller is',
    });
  }
  const roles = new Set<Role>(policy.defaultRoles);
  for (const value of valuesOf(claims, policy.rolesClaim)) {
    for (const role of mapped(policy.roles, value) ?? (policy.roles === undefined && isRole(value) ? [value] : [])) roles.add(role);
  }
  let everything = false;
  const scopes = new Set<Scope>();
  for (const value of valuesOf(claims, policy.scopesClaim)) {
    const granted = mapped(policy.scopes, value) ?? (policy.scopes === undefined && isScope(value) ? [value] : []);
    if (granted === '*') everything = true;
    else for (const scope of granted) scopes.add(scope);
  }
  // A missing claim must not make an admin of something an admin of everything, so everything has to be said.
  const all = everything && roles.has('admin');
  if (roles.size === 0 || (scopes.size === 0 && !all)) {
    throw new Problem('forbidden', {
      detail: roles.size === 0 ? 'the token gives no role in this directory' : 'the token gives no scope in this directory',
      hint: `claims are read as the directory's configuration says: ${[policy.scopesClaim, policy.rolesClaim].filter(Boolean).join(', ')}`,
    });
  }
  const facets =
    policy.facetsClaim === undefined
      ? undefined
      : valuesOf(claims, policy.facetsClaim).flatMap(
          (value) => mapped(policy.facets, value) ?? (policy.facets === undefined && facetPattern.safeParse(value).success ? [value] : []),
        );
  return callerOf({ principal: principal.data, scopes: all ? undefined : [...scopes], roles: [...roles], facets });
}

function isRole(value: string): value is Role {
  return (ROLES as readonly string[]).includes(value);
}

function mapped<T>(table: Readonly<Record<string, T>> | undefined, value: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, value) ? table[value] : undefined;
}

/** A list, or words with blanks between them, as `scope` of RFC 8693 §4.2 is written. */
function valuesOf(claims: Readonly<Record<string, unknown>>, name: string | undefined): readonly string[] {
  const value = name === undefined ? undefined : claimOf(claims, name);
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/** `https://example.org/groups` is the name of a claim; `realm_access.roles` is a claim within a claim. */
function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let at: unknown = claims;
  for (const step of name.split('.')) {
    at = typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : undefined;
  }
  return at;
}
