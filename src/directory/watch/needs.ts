/** Which standing questions can a resource concern? Those that need one of its names, or a name with its text, and those that need nothing. */
import { type Columns, Kind, type Need, SUBTREE } from '../../discovery/index.js';
import { nameKey } from '../../model/index.js';

export interface NeedIndex<Q> {
  add(question: Q, needs: readonly Need[] | undefined): void;
  remove(question: Q, needs: readonly Need[] | undefined): void;
  /** Adds to `found` every question that the resource in this slot may be selected by. */
  collect(columns: Columns, slot: number, found: Set<Q>): void;
}

interface Named<Q> {
  readonly always: Set<Q>;
  readonly byText: Map<string, Set<Q>>;
}

export function createNeedIndex<Q>(): NeedIndex<Q> {
  const unconditional = new Set<Q>();
  const byName = new Map<string, Named<Q>>();
  // Names are interned for good: what is known of one by its number stays true.
  const keys = new WeakMap<Columns, string[]>();

  function keyOf(columns: Columns, name: number): string {
    const known = keys.get(columns) ?? [];
    keys.set(columns, known);
    known[name] ??= nameKey({ ns: columns.names.ns(name), local: columns.names.local(name) });
    return known[name];
  }

  return {
    add(question, needs) {
      if (needs === undefined) unconditional.add(question);
      for (const { ns, local, value } of needs ?? []) {
        const named = byName.get(nameKey({ ns, local })) ?? { always: new Set(), byText: new Map() };
        byName.set(nameKey({ ns, local }), named);
        if (value === undefined) named.always.add(question);
        else named.byText.set(value, (named.byText.get(value) ?? new Set()).add(question));
      }
    },
    remove(question, needs) {
      unconditional.delete(question);
      for (const { ns, local, value } of needs ?? []) {
        const named = byName.get(nameKey({ ns, local }));
        if (named === undefined) continue;
        if (value === undefined) named.always.delete(question);
        else {
          named.byText.get(value)?.delete(question);
          if (named.byText.get(value)?.size === 0) named.byText.delete(value);
        }
        if (named.always.size === 0 && named.byText.size === 0) byName.delete(nameKey({ ns, local }));
      }
    },
    collect(columns, slot, found) {
      for (const question of unconditional) found.add(question);
      if (byName.size === 0) return;
      const { rows, labels, strings, slots } = columns;
      const root = slots.row(slot);
      const last = root + (rows.data[root] & ~SUBTREE);
      for (let row = root; row <= last; row++) {
        const label = rows.label[row];
        const kind = labels.kind(label);
        if (kind !== Kind.Element && kind !== Kind.Attribute) continue;
        const named = byName.get(keyOf(columns, labels.name(label)));
        if (named === undefined) continue;
        for (const question of named.always) found.add(question);
        if (named.byText.size === 0) continue;
        const data = rows.data[row];
        if (kind === Kind.Element && (data & SUBTREE) !== 0) {
          // Its text is that of its descendants together: nobody has it at hand.
          for (const questions of named.byText.values()) for (const question of questions) found.add(question);
        } else for (const question of named.byText.get(strings.text(data)) ?? []) found.add(question);
      }
    },
  };
}
