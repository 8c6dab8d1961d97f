/**
 * When each leased facet was last written or renewed, in memory that the query thread shares:
 *
 *     first   slot ▸ 1 + cell of its first leased facet, 0 = it has none
 *     cells   cell ▸ directory time, ms; the leased facets of a slot one after the other, in the order of its meta
 *
 * Cells are only appended; those of slots that died are given back when the columns are compacted and the table made anew.
 */
import type { FacetMeta, NameKey, ResourceMeta } from '../../model/index.js';

export interface LeaseTable {
  readonly first: Uint32Array;
  readonly cells: Float64Array;
}

export interface GrowingTable extends LeaseTable {
  /** Gives a slot cells with these times. */
  add(slot: number, times: readonly number[]): void;
  set(cell: number, time: number): void;
}

export type Leased = FacetMeta & { readonly ttl: number };

/** The facets of a resource that are leased, in the order of their cells. */
export function leasedFacets(meta: ResourceMeta): readonly (readonly [facet: NameKey, lease: Leased])[] {
  return Object.entries(meta.facets).filter((entry): entry is [NameKey, Leased] => (entry[1] as FacetMeta).ttl !== undefined);
}

/** Cell of the slot's leased facet number `index`; -1 when the slot has no cells. */
export function cellOf({ first }: LeaseTable, slot: number, index: number): number {
  const start = slot < first.length ? (first[slot] as number) : 0;
  return start === 0 ? -1 : start - 1 + index;
}

export function createTable(): GrowingTable {
  let first = new Uint32Array(new SharedArrayBuffer(4096));
  let cells = new Float64Array(new SharedArrayBuffer(4096));
  let used = 0;
  return {
    get first() {
      return first;
    },
    get cells() {
      return cells;
    },
    add(slot, times) {
      if (slot >= first.length) {
        const larger = new Uint32Array(new SharedArrayBuffer(Math.max(slot + 1, first.length * 2) * 4));
        larger.set(first);
        first = larger;
      }
      if (used + times.length > cells.length) {
        const larger = new Float64Array(new SharedArrayBuffer(Math.max(used + times.length, cells.length * 2) * 8));
        larger.set(cells);
        cells = larger;
      }
      cells.set(times, used);
      first[slot] = used + 1;
      used += times.length;
    },
    set(cell, time) {
      cells[cell] = time;
    },
  };
}
