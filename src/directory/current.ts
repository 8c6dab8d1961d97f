import { serializeNode, slotVisible } from '../discovery/columns/index.js';
import type { View } from '../discovery/index.js';
import type { ResourceId, Revision } from '../model/index.js';
import type { Caller } from './directory.js';
import { etagOf } from './etag.js';
import type { Rooms } from './rooms.js';

/** A resource as one caller sees it now. */
export interface Current {
  readonly xml: Uint8Array;
  readonly etag: string;
  /** the commit that wrote it: what a change is made against */
  readonly revision: Revision;
  readonly modifiedAt: number;
}

/** Undefined: for this caller there is no such resource. */
export function currentOf(rooms: Pick<Rooms, 'viewOf'>, caller: Caller, id: ResourceId): Current | undefined {
  const view: View = rooms.viewOf(caller);
  const { slots } = view.columns;
  const slot = slots.find(id, view.revision);
  if (slot < 0 || !slotVisible(view, slot)) return undefined;
  const xml = serializeNode(view, 2 * slots.row(slot));
  return { xml, etag: etagOf(xml), revision: slots.born(slot), modifiedAt: slots.modifiedAt(slot) };
}
