/**
 * What each caller may see, as bitmaps over slots. A bitmap is made once per set of scopes and then only extended
 * by the slots that came since; that a slot is still alive is the revision's business.
 */
import type { Columns, View } from '../discovery/index.js';
import { type ReadRule, type Scope, seesScope } from '../model/index.js';
import type { Caller } from './directory.js';

export interface Views {
  of(columns: Columns, caller: Caller): View;
}

interface Sight {
  readonly operating: readonly Scope[];
  /** string ids of scopes, by what has been decided of them */
  readonly seen: Set<number>;
  readonly hidden: Set<number>;
  slots: Uint32Array;
  upTo: number;
}

export function createViews(rule: ReadRule): Views {
  const sights = new WeakMap<Columns, Map<string, Sight>>();

  return {
    of(columns, caller) {
      if (caller.scopes === undefined) return { columns, revision: columns.revision };
      const known = sights.get(columns) ?? new Map<string, Sight>();
      sights.set(columns, known);
      const key = scopesKey(caller);
      const sight = known.get(key) ?? { operating: caller.scopes, seen: new Set(), hidden: new Set(), slots: new Uint32Array(0), upTo: 0 };
      known.set(key, sight);
      extend(columns, sight, rule);
      return { columns, revision: columns.revision, slots: sight.slots, scopes: sight.seen };
    },
  };
}

/** Equal for callers who see the same. */
export function scopesKey({ scopes }: Caller): string {
  return scopes === undefined ? '*' : [...scopes].sort().join(' ');
}

function extend(columns: Columns, sight: Sight, rule: ReadRule): void {
  const count = columns.slots.count;
  if (count > sight.slots.length * 32) {
    const larger = new SharedArrayBuffer(Math.max(1024, Math.ceil(count / 32) * 2) * 4);
    const slots = new Uint32Array(larger);
    slots.set(sight.slots);
    sight.slots = slots;
  }
  for (; sight.upTo < count; sight.upTo++) {
    if (scopesOf(columns, sight.upTo).some((scope) => sees(columns, sight, scope, rule))) {
      sight.slots[sight.upTo >>> 5] |= 1 << (sight.upTo & 31);
    }
  }
}

function sees(columns: Columns, sight: Sight, scope: number, rule: ReadRule): boolean {
  if (sight.seen.has(scope)) return true;
  if (sight.hidden.has(scope)) return false;
  const member = columns.strings.text(scope) as Scope;
  const visible = sight.operating.some((operating) => seesScope(operating, member, rule));
  (visible ? sight.seen : sight.hidden).add(scope);
  return visible;
}

/** String ids of a slot's scopes. They stand before the facets, so the walk is short. */
export function scopesOf(columns: Columns, slot: number): number[] {
  const { label, data, parent } = columns.rows;
  const root = columns.slots.row(slot);
  const scopes: number[] = [];
  for (let row = root + 1; row < columns.rows.count && parent[row] === root; row++) {
    if (columns.labels.isScope(label[row])) scopes.push(data[row]);
  }
  return scopes;
}
