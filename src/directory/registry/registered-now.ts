import { serializeNode } from '../../discovery/columns/index.js';
import { INTERFACE, keyOf, type ResourceKey } from '../../model/index.js';
import { metaOf } from '../current.js';
import type { Live } from '../live.js';
import { carriers } from './carriers.js';
import { type Entries, type Entry, entryOf } from './entries.js';

/** The interfaces that the resources of the columns register. */
export function registeredNow({ columns, revision }: Pick<Live, 'columns' | 'revision'>): Entries {
  const found = new Map<ResourceKey, Entry>();
  const view = { columns, revision };
  for (const slot of carriers(view, new Set([INTERFACE.ns]))) {
    const key = keyOf(columns.slots.id(slot), metaOf(columns, slot).twin ?? 0);
    const entry = entryOf(key, serializeNode(view, 2 * columns.slots.row(slot)), columns.slots.ordinal(slot));
    if (entry !== undefined) found.set(key, entry);
  }
  return found;
}
