/** From what somebody was granted to what the directory asks of a caller. */
import type { Caller } from '../../directory/index.js';
import { isScope, isWithin, Problem, type Scope } from '../../model/index.js';

/**
 * | role        | may                                                                              |
 * |-------------|----------------------------------------------------------------------------------|
 * | `consumer`  | read what its scopes see                                                         |
 * | `publisher` | also write into its scopes and those below                                       |
 * | `registrar` | as publisher, and register interfaces, whose schemas hold for everybody          |
 * | `analyst`   | read, and run reports                                                            |
 * | `admin`     | as publisher, and overrule owners of facets; without scopes: everything, anywhere |
 */
export const ROLES = ['consumer', 'publisher', 'registrar', 'analyst', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Grant {
  readonly principal: string;
  /** undefined: all there are; only admins have that */
  readonly scopes: readonly Scope[] | undefined;
  readonly roles: readonly Role[];
  /** namespaces of facets it may write, `urn:x` or `urn:x*`; undefined: any */
  readonly facets?: readonly string[] | undefined;
}

export function callerOf({ principal, scopes, roles, facets }: Grant): Caller {
  const admin = roles.includes('admin');
  if (scopes === undefined && !admin) throw new TypeError(`${principal} has no scopes and is no admin`);
  const registrar = admin || roles.includes('registrar');
  const writes = registrar || roles.includes('publisher');
  return {
    principal,
    ...(scopes === undefined ? {} : { scopes, publishes: writes ? scopes : [] }),
    ...(facets === undefined ? {} : { facets }),
    admin,
    registrar,
    analyst: roles.includes('analyst') || (admin && scopes === undefined),
  };
}

/** Sees what concerns the directory as a whole: an admin of everything, and whoever asks in open mode. */
export function isOperator(caller: Caller | undefined): boolean {
  return caller !== undefined && caller.scopes === undefined && caller.admin !== false;
}

/** Knows before anything is read of a request that it cannot be allowed to write. */
export function onlyReads(caller: Caller): boolean {
  return caller.publishes !== undefined && caller.publishes.length === 0;
}

/**
 * The caller, operating in the one scope that the header `Facetry-Scope` names: one of its own, or one below, because rights
 * hold for subtrees. Problem `bad-request` when it is no scope, `forbidden` when it is none of the caller's.
 */
export function narrowed(caller: Caller, header: string | undefined): Caller {
  if (header === undefined) return caller;
  if (!isScope(header)) {
    throw new Problem('bad-request', { detail: 'Facetry-Scope is no scope', hint: 'name one scope, such as /infra/site-a' });
  }
  if (caller.scopes !== undefined && !caller.scopes.some((scope) => isWithin(header, scope))) {
    throw new Problem('forbidden', {
      detail: `${caller.principal} does not operate in ${header}`,
      hint: `its scopes: ${caller.scopes.join(', ')}; one of these, or one below, can be named`,
    });
  }
  return { ...caller, scopes: [header], admin: caller.admin ?? caller.scopes === undefined };
}
