import { serializeNode, slotVisible } from '../discovery/columns/index.js';
import { type Columns, Kind, type View } from '../discovery/index.js';
import {
  keyOf,
  type NameKey,
  nameKey,
  parseMeta,
  publicId,
  type ResourceId,
  type ResourceKey,
  type ResourceMeta,
  type Revision,
  type Scope,
  twinNumber,
} from '../model/index.js';
import type { Caller } from './directory.js';
import { etagOf } from './etag.js';
import type { Rooms } from './rooms.js';
import { scopesOf } from './views.js';

/** A resource as one caller sees it now, and what a change of it needs to know. */
export interface Current {
  readonly id: ResourceId;
  /** what the store keeps it under */
  readonly key: ResourceKey;
  readonly slot: number;
  /** the caller's view */
  readonly xml: Uint8Array;
  readonly etag: string;
  /** the commit that wrote it: what a change is made against */
  readonly revision: Revision;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly meta: ResourceMeta;
  /** scopes it is in which the caller does not see */
  readonly hidden: readonly Scope[];
}

/** Undefined: for this caller there is no such resource. Of several with the id that it sees, the one published first. */
export function currentOf(rooms: Pick<Rooms, 'viewOf'>, caller: Caller, id: ResourceId): Current | undefined {
  const view = rooms.viewOf(caller);
  const slot = visibleSlot(view, id);
  return slot < 0 ? undefined : currentAt(view, slot, id);
}

export function visibleSlot(view: View, id: ResourceId): number {
  let found = -1;
  for (const slot of slotsOf(view, id)) {
    if (slotVisible(view, slot) && (found < 0 || view.columns.slots.ordinal(slot) < view.columns.slots.ordinal(found))) found = slot;
  }
  return found;
}

/** Every resource with this id, seen or not. */
export function* slotsOf({ columns, revision }: Pick<View, 'columns' | 'revision'>, id: ResourceId): Iterable<number> {
  for (let slot = columns.slots.find(id, revision); slot >= 0; slot = columns.slots.twin(slot, revision)) yield slot;
}

/** The slot of what the store keeps under a key, seen or not; -1: none. */
export function slotOfKey(view: Pick<View, 'columns' | 'revision'>, key: ResourceKey): number {
  const twin = twinNumber(key);
  for (const slot of slotsOf(view, publicId(key))) if ((metaOf(view.columns, slot).twin ?? 0) === twin) return slot;
  return -1;
}

export function metaOf(columns: Columns, slot: number): ResourceMeta {
  return parseMeta(columns.slots.meta(slot));
}

/** The key for another resource with this id: the first that nobody has. */
export function freeKey(view: View, id: ResourceId): { readonly key: ResourceKey; readonly twin: number } {
  const taken = new Set<number>();
  for (const slot of slotsOf(view, id)) taken.add(metaOf(view.columns, slot).twin ?? 0);
  let twin = 0;
  while (taken.has(twin)) twin++;
  return { key: keyOf(id, twin), twin };
}

function currentAt(view: View, slot: number, id: ResourceId): Current {
  const { columns } = view;
  const { slots, strings } = columns;
  const xml = serializeNode(view, 2 * slots.row(slot));
  let etag: string | undefined;
  let meta: ResourceMeta | undefined;
  return {
    id,
    slot,
    xml,
    // neither the tag nor the meta is wanted by most writes
    get etag() {
      etag ??= etagOf(xml);
      return etag;
    },
    get meta() {
      meta ??= metaOf(columns, slot);
      return meta;
    },
    get key() {
      return keyOf(id, this.meta.twin ?? 0);
    },
    revision: slots.born(slot),
    createdAt: slots.createdAt(slot),
    modifiedAt: slots.modifiedAt(slot),
    get hidden() {
      const { scopes } = view;
      if (scopes === undefined) return [];
      return scopesOf(columns, slot).flatMap((scope) => (scopes.has(scope) ? [] : [strings.text(scope) as Scope]));
    },
  };
}

/** A facet by itself, with the namespace declarations it needs; undefined when the resource has none of that name. */
export function facetXml(view: View, slot: number, facet: NameKey): Uint8Array | undefined {
  const { rows, labels, names, slots } = view.columns;
  const root = slots.row(slot);
  const last = root + (rows.data[root] & 0x7fff_ffff);
  for (let row = root + 1; row <= last; row++) {
    if (rows.parent[row] !== root || labels.kind(rows.label[row]) !== Kind.Element) continue;
    const name = labels.name(rows.label[row]);
    if (nameKey({ ns: names.ns(name), local: names.local(name) }) === facet) return serializeNode(view, 2 * row);
  }
  return undefined;
}
