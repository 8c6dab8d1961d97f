/** What is known of a resource beside its XML: who keeps which facet, since when, and how its lease stands. */
import type { NameKey, ResourceId } from '../model/index.js';
import { partsOf } from '../xml/index.js';
import { currentOf } from './current.js';
import type { Caller } from './directory.js';
import type { LeaseState } from './lease/state.js';
import { isNobody } from './open-caller.js';
import type { Rooms } from './rooms.js';

export interface FacetDescription {
  readonly name: NameKey;
  /** absent: nobody in particular */
  readonly owner?: { readonly principal: string; readonly manager?: string; readonly since: string };
  /** ISO 8601; absent when it was written by nobody in particular without a lease */
  readonly updated?: string;
  readonly lease?: {
    /** seconds */
    readonly ttl: number;
    readonly state: LeaseState;
    /** seconds since the last write or renewal */
    readonly age: number;
    /** seconds until it is removed if it is not renewed */
    readonly expiresIn: number;
  };
}

export interface MetaDescription {
  readonly id: ResourceId;
  /** ISO 8601; not for callers limited to scopes, whom they would tell of changes that they do not see */
  readonly created?: string;
  readonly updated?: string;
  readonly createdBy?: string;
  readonly facets: readonly FacetDescription[];
}

/** Undefined: for this caller there is no such resource. */
export function describeMeta(rooms: Rooms, caller: Caller, id: ResourceId): MetaDescription | undefined {
  const current = currentOf(rooms, caller, id);
  if (current === undefined) return undefined;
  const { meta, key } = current;
  const { leases } = rooms;
  const facets = partsOf(Buffer.from(current.xml).toString('utf8')).facets.map((facet): FacetDescription => {
    const known = meta.facets[facet.key];
    const lease = leases.lease(key, facet.key, known);
    const named = known !== undefined && !isNobody(known);
    const age = lease === undefined ? 0 : (leases.clock.now() - lease.renewed) / 1000;
    return {
      name: facet.key,
      ...(named
        ? {
            owner: {
              principal: known.principal,
              ...(known.manager === '' ? {} : { manager: known.manager }),
              since: iso(known.since),
            },
          }
        : {}),
      ...(known === undefined ? {} : { updated: iso(known.updated) }),
      ...(lease === undefined
        ? {}
        : {
            lease: {
              ttl: lease.ttl,
              state: lease.state,
              age: Math.round(age),
              expiresIn: Math.max(0, Math.round(lease.ttl + leases.grace - age)),
            },
          }),
    };
  });
  return {
    id,
    ...(caller.scopes === undefined ? { created: iso(current.createdAt), updated: iso(current.modifiedAt) } : {}),
    ...(meta.by === undefined || caller.scopes !== undefined ? {} : { createdBy: meta.by }),
    facets,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
