/** A facet goes from its owner to another one. The document stays as it is; who may write it changes. */
import { nameKey } from '../model/index.js';
import { partsOf } from '../xml/index.js';
import type { Current } from './current.js';
import type { Caller, Edit, WriteOptions } from './directory.js';
import { requireOwnership } from './ownership.js';
import { metaText, type PlannedChange } from './plan-change.js';
import { requireRights } from './rights.js';
import type { Rooms } from './rooms.js';

export function giveFacet(
  rooms: Rooms,
  caller: Caller,
  current: Current,
  { name, to }: Extract<Edit, { kind: 'give-facet' }>,
  options: WriteOptions,
): PlannedChange {
  const key = nameKey(name);
  const { meta } = current;
  const now = Date.now();
  const difference = { head: false, scopesAdded: [], scopesRemoved: [], facetsAdded: [], facetsReplaced: [key], facetsRemoved: [] };
  const lapsed = () => rooms.leases.lapsed(current.key, key, meta.facets[key]);
  const parts = partsOf(Buffer.from(current.xml).toString('utf8'));
  requireRights(caller, rooms.readRule, parts.scopes, difference);
  requireOwnership({ caller, options, meta, difference, lapsed, now });
  const { [key]: previous, ...others } = meta.facets;
  const facets =
    to === undefined ? others : { ...others, [key]: { ...previous, updated: previous?.updated ?? current.modifiedAt, ...to, since: now } };
  // The stored document holds scopes that the caller may not see: it is taken from the columns whole.
  const xml = rooms.wholeOf(current.slot);
  return {
    outcome: 'unchanged',
    change: { kind: 'put', id: current.key, xml, expect: { revision: current.revision }, ...metaText({ ...meta, facets }) },
  };
}
