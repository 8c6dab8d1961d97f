/** `dir:age`, `dir:fresh` and `dir:owner`: what XPath asks of the policy data, in whichever thread it is evaluated. */
import type { Columns, Policy } from '../../discovery/index.js';
import { type NameKey, parseMeta, type ResourceMeta } from '../../model/index.js';
import { ownerText } from './owner-text.js';
import { cellOf, type LeaseTable, leasedFacets } from './table.js';

/** What a question needs of the leases; made of shared memory, so it travels to the query thread as it is. */
export interface LeaseSight {
  readonly first: Uint32Array;
  readonly cells: Float64Array;
  /** ms of directory time, of the wall clock */
  readonly now: number;
  readonly wall: number;
  /** May the dates of commits be used? Not for who is limited to scopes: they tell of changes that it does not see. */
  readonly dated: boolean;
}

export function policyOver(columns: Columns, sight: LeaseSight): Policy {
  const metas = new Map<number, ResourceMeta>();
  const metaOf = (slot: number): ResourceMeta => {
    const known = metas.get(slot) ?? parseMeta(columns.slots.meta(slot));
    if (metas.size > 10_000) metas.clear();
    metas.set(slot, known);
    return known;
  };

  const ages = (slot: number): ReadonlyMap<NameKey, number> => leaseAges(metaOf(slot), sight, slot, sight.now);
  const facetAge = (slot: number, facet: string): number => {
    const leased = ages(slot).get(facet as NameKey);
    return leased ?? (sight.wall - (metaOf(slot).facets[facet as NameKey]?.updated ?? modifiedAt(slot))) / 1000;
  };
  const modifiedAt = (slot: number): number => {
    if (sight.dated) return columns.slots.modifiedAt(slot);
    const known = Object.values(metaOf(slot).facets).map(({ updated }) => updated);
    return known.length === 0 ? Number.NaN : Math.max(...known);
  };

  return {
    age(slot, facet) {
      if (facet !== undefined) return Math.max(0, facetAge(slot, facet));
      return Math.max(0, Math.min((sight.wall - modifiedAt(slot)) / 1000, ...ages(slot).values()));
    },
    fresh(slot, facet) {
      const meta = metaOf(slot);
      const held = ages(slot);
      const isFresh = (name: NameKey) => (held.get(name) ?? 0) <= (meta.facets[name]?.ttl ?? Number.POSITIVE_INFINITY);
      return facet === undefined ? [...held.keys()].every(isFresh) : isFresh(facet as NameKey);
    },
    owner(slot, facet) {
      const { facets } = metaOf(slot);
      if (facet !== undefined) return ownerText(facets[facet as NameKey]);
      const owners = new Set(Object.values(facets).map(ownerText));
      return owners.size === 1 ? ([...owners][0] as string) : '';
    },
  };
}

/** Seconds since each leased facet was written or renewed. */
export function leaseAges(meta: ResourceMeta, table: LeaseTable, slot: number, now: number): ReadonlyMap<NameKey, number> {
  return new Map(
    leasedFacets(meta).map(([facet, lease], index) => {
      const cell = cellOf(table, slot, index);
      const renewed = cell < 0 ? (lease.renewed ?? now) : (table.cells[cell] as number);
      return [facet, (now - renewed) / 1000];
    }),
  );
}
