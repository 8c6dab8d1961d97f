import { slotVisible } from '../../discovery/columns/index.js';
import { Kind, type View } from '../../discovery/index.js';

/** Slots of the visible resources that have an element in one of the namespaces, wherever it stands; in publication order. */
export function carriers(view: View, namespaces: ReadonlySet<string>): number[] {
  const { labels, names, slots } = view.columns;
  const found = new Set<number>();
  for (let label = 1; label < labels.count; label++) {
    if (labels.kind(label) !== Kind.Element || !namespaces.has(names.ns(labels.name(label)))) continue;
    // What stands below one that is counted already is in the same resource.
    const parent = labels.parent(label);
    if (parent !== 0 && labels.kind(parent) === Kind.Element && namespaces.has(names.ns(labels.name(parent)))) continue;
    for (const rows of labels.runs(label)) {
      for (const row of rows) {
        const slot = view.columns.slotOf(row);
        if (slotVisible(view, slot)) found.add(slot);
      }
    }
  }
  return [...found].sort((a, b) => slots.ordinal(a) - slots.ordinal(b));
}
