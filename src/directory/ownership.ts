/**
 * Who keeps which facet. A facet belongs to whoever wrote it last, a principal and the program it uses; another one's write is
 * refused until the owner hands it over, its lease lapses, or an operator forces it. What nobody in particular wrote (mode `open`,
 * without a manager) belongs to nobody, and the first who writes it by name takes it.
 */
import { type FacetMeta, type NameKey, type Owner, Problem, type ResourceMeta } from '../model/index.js';
import type { Difference } from './difference.js';
import type { Caller, LeaseWish, WriteOptions } from './directory.js';
import { isNobody, OPEN_CALLER } from './open-caller.js';
import { isAdmin } from './rights.js';

/** Undefined: nobody in particular. */
export function writerOf(caller: Caller, options: Pick<WriteOptions, 'manager'>): Owner | undefined {
  const owner = { principal: caller.principal, manager: options.manager ?? '' };
  return isNobody(owner) ? undefined : owner;
}

export function owns(writer: Owner | undefined, facet: FacetMeta | undefined): boolean {
  if (facet === undefined || isNobody(facet)) return writer === undefined;
  return writer?.principal === facet.principal && writer.manager === facet.manager;
}

/** May anybody take it? */
function isFree(facet: FacetMeta | undefined, lapsed: boolean): boolean {
  return facet === undefined || isNobody(facet) || lapsed;
}

export interface OwnershipCheck {
  readonly caller: Caller;
  readonly options: WriteOptions;
  readonly meta: ResourceMeta;
  readonly difference: Pick<Difference, 'facetsReplaced' | 'facetsRemoved'>;
  /** is the facet's lease over, grace or not? */
  readonly lapsed: (facet: NameKey) => boolean;
  /** ms since the epoch */
  readonly now: number;
}

/** Throws Problem `facet-owned` when a facet that somebody else keeps would change, `forbidden` when forcing is not allowed. */
export function requireOwnership({ caller, options, meta, difference, lapsed, now }: OwnershipCheck): void {
  if (options.force === true && !isAdmin(caller)) {
    throw new Problem('forbidden', { detail: 'only an admin may force a write', hint: 'leave out force, or use an admin token' });
  }
  if (options.force === true) return;
  const writer = writerOf(caller, options);
  const foreign = [...difference.facetsReplaced, ...difference.facetsRemoved].filter(
    (key) => !owns(writer, meta.facets[key]) && !isFree(meta.facets[key], lapsed(key)),
  );
  if (foreign.length === 0) return;
  const [first] = foreign as [NameKey];
  throw new Problem('facet-owned', {
    detail: `${first} belongs to ${describeOwner(meta.facets[first])} for ${ago(now - meta.facets[first].since)}`,
    hint: 'write the facets that are yours, let the owner hand it over (PUT …/facets/{name}/owner), wait until its lease has lapsed, or, as an admin, send ?force=true',
    ...(foreign.length === 1
      ? {}
      : { violations: foreign.map((key) => ({ rule: 'facet-owned', message: `${key} belongs to ${describeOwner(meta.facets[key])}` })) }),
  });
}

export function describeOwner({ principal, manager }: Owner): string {
  return manager === '' ? `"${principal}"` : `"${manager}" of "${principal}"`;
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export interface MetaChange {
  readonly caller: Caller;
  readonly options: WriteOptions;
  readonly before: ResourceMeta;
  readonly difference: Difference;
  /** facets of the document as it will be */
  readonly facets: readonly NameKey[];
  /** facets that the writer names: it takes them when they are free, changed or not; undefined: a whole document, its own ones are meant */
  readonly meant: readonly NameKey[] | undefined;
  readonly lapsed: (facet: NameKey) => boolean;
  readonly now: number;
  readonly leaseOf: (previous: FacetMeta | undefined, wish: LeaseWish | undefined, name: NameKey) => Pick<FacetMeta, 'ttl' | 'renewed'>;
}

/** The meta after the write. Facets of others that did not change keep theirs. */
export function metaAfter({ caller, options, before, difference, facets, meant, lapsed, now, leaseOf }: MetaChange): ResourceMeta {
  const writer = writerOf(caller, options);
  const changed = new Set([...difference.facetsAdded, ...difference.facetsReplaced]);
  const after: Record<NameKey, FacetMeta> = {};
  for (const key of facets) {
    const previous = before.facets[key];
    const named =
      meant === undefined ? owns(writer, previous) : meant.includes(key) && (owns(writer, previous) || isFree(previous, lapsed(key)));
    const mine = changed.has(key) || named;
    const next = mine ? written(previous, key) : previous;
    if (next !== undefined) after[key] = next;
  }
  return { ...before, facets: after };

  function written(previous: FacetMeta | undefined, key: NameKey): FacetMeta | undefined {
    const lease = leaseOf(previous, options.lease, key);
    if (writer === undefined && lease.ttl === undefined) return undefined;
    const kept = previous !== undefined && owns(writer, previous);
    return {
      ...(writer ?? { principal: OPEN_CALLER.principal, manager: '' }),
      since: kept ? previous.since : now,
      updated: changed.has(key) || previous === undefined ? now : previous.updated,
      ...lease,
    };
  }
}
