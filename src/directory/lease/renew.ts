/** A sign of life from the keeper of some facets: their leases begin anew, without a commit. */
import { type NameKey, Problem, type ResourceId } from '../../model/index.js';
import { partsOf } from '../../xml/index.js';
import { currentOf } from '../current.js';
import type { Caller } from '../directory.js';
import { describeOwner, owns, writerOf } from '../ownership.js';
import { notFound } from '../publish.js';
import { publishesIn, requireWriter } from '../rights.js';
import type { Rooms } from '../rooms.js';
import type { LeaseState } from './state.js';
import { leasedFacets } from './table.js';

export interface RenewOptions {
  readonly manager?: string;
  /** which; undefined: all that are the caller's */
  readonly facets?: readonly NameKey[];
}

export interface RenewedLease {
  readonly facet: NameKey;
  /** seconds */
  readonly ttl: number;
  readonly state: LeaseState;
}

/** Problem `not-found`, `forbidden`, `facet-owned` when a named facet is somebody else's, `conflict` when it has no lease. */
export function renew(rooms: Rooms, caller: Caller, id: ResourceId, options: RenewOptions): readonly RenewedLease[] {
  requireWriter(caller);
  const current = currentOf(rooms, caller, id);
  if (current === undefined) throw notFound(id);
  const { scopes } = partsOf(Buffer.from(current.xml).toString('utf8'));
  if (!scopes.some((scope) => publishesIn(caller, scope))) {
    throw new Problem('forbidden', { detail: `this token may not publish in any scope of "${id}" that it sees` });
  }
  const writer = writerOf(caller, options);
  const leased = leasedFacets(current.meta);
  const wanted = options.facets ?? leased.flatMap(([facet, meta]) => (owns(writer, meta) ? [facet] : []));
  for (const facet of wanted) {
    const meta = current.meta.facets[facet];
    if (meta?.ttl === undefined) {
      throw new Problem('conflict', {
        detail: `the facet ${facet} of "${id}" has no lease`,
        hint: 'publish it with Facetry-TTL, then renew',
      });
    }
    if (!owns(writer, meta)) {
      throw new Problem('facet-owned', {
        detail: `${facet} belongs to ${describeOwner(meta)}`,
        hint: 'send the Facetry-Manager that published it',
      });
    }
  }
  rooms.leases.renew(current.key, wanted);
  return wanted.map((facet) => {
    const { ttl, state } = rooms.leases.lease(current.key, facet, current.meta.facets[facet]) as { ttl: number; state: LeaseState };
    return { facet, ttl, state };
  });
}
