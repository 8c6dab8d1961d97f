/**
 * A document that a caller wants its view of a resource to be → what the store is asked to do. Here rights, ownership and what the
 * caller does not see come together: scopes hidden from it stay as they are.
 */
import { type Change, type NameKey, Problem, type ResourceId, type ResourceMeta, type Scope } from '../model/index.js';
import { assembleParts, type CanonicalParts, partsOf } from '../xml/index.js';
import { type Current, freeKey, slotsOf } from './current.js';
import { type Difference, differenceOf } from './difference.js';
import type { Caller, Published, WriteOptions } from './directory.js';
import { metaAfter, requireOwnership, writerOf } from './ownership.js';
import { INTERFACE_KEY, interfaceIn } from './registry/interface-facet.js';
import { requireRegistrar, requireRights, writesAnything } from './rights.js';
import type { Rooms } from './rooms.js';
import { scopesOf } from './views.js';

export interface Wish {
  readonly caller: Caller;
  readonly id: ResourceId;
  /** undefined: for this caller there is no such resource yet */
  readonly current: Current | undefined;
  /** canonical, with the scopes that the caller sees; undefined: the resource shall go */
  readonly xml: string | undefined;
  /** facets the writer names one by one: free ones become its own even when they stay as they are */
  readonly meant?: readonly NameKey[];
  readonly options: WriteOptions;
  /** what only the creation of a resource knows */
  readonly created?: Pick<ResourceMeta, 'by' | 'key'>;
}

export interface PlannedChange {
  readonly outcome: Published['outcome'];
  /** undefined: nothing is to be stored */
  readonly change?: Change;
}

export function planChange(rooms: Rooms, wish: Wish): PlannedChange {
  return isPlain(rooms, wish) ? plainChange(rooms, wish) : fullChange(rooms, wish);
}

/** Nobody is limited, nothing is owned and nothing hidden: the usual case of a directory for one team, and the quick one. */
function isPlain({ live }: Rooms, { caller, current, options, created }: Wish): boolean {
  return (
    writesAnything(caller) &&
    writerOf(caller, options) === undefined &&
    options.lease === undefined &&
    created?.key === undefined &&
    (current === undefined || live.columns.slots.meta(current.slot) === '')
  );
}

function plainChange(rooms: Rooms, { caller, id, current, xml }: Wish): PlannedChange {
  if (current === undefined) {
    const { key, twin } = freeKey(rooms.viewOf(caller), id);
    if (twin !== 0) throw new Error(`who sees everything cannot miss "${id}"`);
    return { outcome: 'created', change: { kind: 'put', id: key, xml: encoder.encode(xml), expect: { absent: true } } };
  }
  const expect = { revision: current.revision };
  if (xml === undefined) return { outcome: 'replaced', change: { kind: 'remove', id: current.key, expect } };
  const bytes = encoder.encode(xml);
  if (same(bytes, current.xml)) return { outcome: 'unchanged' };
  return { outcome: 'replaced', change: { kind: 'put', id: current.key, xml: bytes, expect } };
}

function fullChange(rooms: Rooms, wish: Wish): PlannedChange {
  const { caller, current, xml, options } = wish;
  const before = current === undefined ? undefined : partsOf(decoder.decode(current.xml));
  const after = xml === undefined ? undefined : partsOf(xml);
  const difference = differenceOf(before, after);
  const meta: ResourceMeta = current?.meta ?? { facets: {}, ...wish.created };
  const now = Date.now();
  const lapsed = (facet: NameKey) => current !== undefined && rooms.leases.lapsed(current.key, facet, meta.facets[facet]);

  requireRights(caller, rooms.readRule, before?.scopes, difference);
  if (touchesInterface(difference)) {
    const namespaces = [current?.xml, xml === undefined ? undefined : encoder.encode(xml)].flatMap(
      (one) => one && interfaceIn(one)?.namespace,
    );
    requireRegistrar(
      caller,
      namespaces.filter((ns) => ns !== undefined),
      rooms.registry.shipped,
    );
  }
  requireOwnership({ caller, options, meta, difference, lapsed, now });
  refuseTaken(rooms, wish, difference.scopesAdded);

  if (after === undefined) return leave(current as Current, before as CanonicalParts);
  const facets = after.facets.map(({ key }) => key);
  const { leaseOf } = rooms.leases;
  const next = metaAfter({ caller, options, before: meta, difference, facets, meant: wish.meant, lapsed, now, leaseOf });
  const stored = encoder.encode(withScopes(after, current?.hidden ?? []));
  if (current === undefined) {
    const { key, twin } = freeKey(rooms.viewOf(caller), wish.id);
    const own = metaText(twin === 0 ? next : { ...next, twin });
    return { outcome: 'created', change: { kind: 'put', id: key, xml: stored, expect: { absent: true }, ...own } };
  }
  const unchanged = same(encoder.encode(xml), current.xml);
  if (unchanged && sameButRenewed(meta, next)) {
    // a write is a sign of life, also when it says nothing new
    rooms.leases.renew(current.key, renewedIn(meta, next));
    return { outcome: 'unchanged' };
  }
  const change: Change = { kind: 'put', id: current.key, xml: stored, expect: { revision: current.revision }, ...metaText(next) };
  return { outcome: unchanged ? 'unchanged' : 'replaced', change };
}

/** Something is registered that was not, or is no longer, or in another way. */
function touchesInterface({ facetsAdded, facetsReplaced, facetsRemoved }: Difference): boolean {
  return [...facetsAdded, ...facetsReplaced, ...facetsRemoved].includes(INTERFACE_KEY);
}

/** A resource that is in scopes which the caller does not see goes from those it sees, and stays there. */
function leave(current: Current, before: CanonicalParts): PlannedChange {
  const expect = { revision: current.revision };
  if (current.hidden.length === 0) return { outcome: 'replaced', change: { kind: 'remove', id: current.key, expect } };
  const xml = encoder.encode(assembleParts({ ...before, scopes: current.hidden }));
  return { outcome: 'replaced', change: { kind: 'put', id: current.key, xml, expect, ...metaText(current.meta) } };
}

function withScopes(parts: CanonicalParts, hidden: readonly Scope[]): string {
  return assembleParts(hidden.length === 0 ? parts : { ...parts, scopes: [...parts.scopes, ...hidden] });
}

/** In one scope an id names one resource. Only what the caller sees there can be in the way. */
function refuseTaken(rooms: Rooms, { caller, id, current }: Wish, added: readonly Scope[]): void {
  const view = rooms.viewOf(caller);
  const { columns } = view;
  for (const slot of slotsOf(view, id)) {
    if (slot === current?.slot) continue;
    const scope = scopesOf(columns, slot)
      .map((member) => columns.strings.text(member) as Scope)
      .find((member) => added.includes(member));
    if (scope === undefined) continue;
    throw new Problem('conflict', {
      detail: `in ${scope} the id "${id}" is that of another resource`,
      hint: 'choose another id, or leave out that scope',
    });
  }
}

/** Facets whose lease the write began anew. */
function renewedIn(before: ResourceMeta, after: ResourceMeta): readonly NameKey[] {
  return (Object.keys(after.facets) as NameKey[]).filter((key) => after.facets[key].renewed !== before.facets[key]?.renewed);
}

/** Nothing but the times of renewal differs: those are kept beside the store, without a commit. */
function sameButRenewed(before: ResourceMeta, after: ResourceMeta): boolean {
  const plain = (meta: ResourceMeta) => JSON.stringify(meta, (name, value) => (name === 'renewed' ? undefined : value));
  return plain(before) === plain(after);
}

export function metaText(meta: ResourceMeta): { readonly meta?: string } {
  const empty = Object.keys(meta).every((name) => name === 'facets') && Object.keys(meta.facets).length === 0;
  return empty ? {} : { meta: JSON.stringify(meta) };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
