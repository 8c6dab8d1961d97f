/**
 * Leases: for how long a facet holds without a sign of life from its owner. A write gives one (meta), a renewal prolongs it
 * (no commit: memory, and the journal within a second), and when ttl and grace are over a sweep has the facet removed by a commit.
 */
import type { Columns } from '../../discovery/index.js';
import { type FacetMeta, keyOf, type NameKey, parseMeta, publicId, type ResourceKey } from '../../model/index.js';
import { slotOfKey } from '../current.js';
import type { LeaseWish } from '../directory.js';
import type { DirectoryEvent, Upkeep } from '../events.js';
import type { Live } from '../live.js';
import { type DirectoryClock, directoryClock } from './clock.js';
import { createDue } from './due.js';
import { openJournal, type Renewal } from './journal.js';
import type { LeaseSight } from './policy.js';
import { expiryOf, type Lease, type LeaseState, leaseState } from './state.js';
import { cellOf, createTable, type GrowingTable, leasedFacets } from './table.js';

export interface LeaseOptions {
  /** seconds after the ttl before what is stale is removed; default 60 */
  readonly grace?: number;
  /** ms between two looks at what is due, and two notes in the journal; default 1000 */
  readonly interval?: number;
  /** where the journal lies; undefined: renewals do not outlive the process */
  readonly folder?: string;
  /** ms that only go forward; default `performance.now` */
  readonly monotonic?: () => number;
}

export interface Leases extends Upkeep {
  readonly clock: DirectoryClock;
  readonly grace: number;
  /** Is it over its ttl? Who wants to take a facet may then. */
  lapsed(key: ResourceKey, facet: NameKey, meta: FacetMeta | undefined): boolean;
  /** The lease that a written facet gets: the one wished, else the one it had, from now. */
  leaseOf(previous: FacetMeta | undefined, wish: LeaseWish | undefined, facet: NameKey): Pick<FacetMeta, 'ttl' | 'renewed'>;
  /** These leases begin anew. False for those that there are not. */
  renew(key: ResourceKey, facets: readonly NameKey[]): readonly boolean[];
  /** The lease of a facet as it stands; undefined: it has none. */
  lease(key: ResourceKey, facet: NameKey, meta: FacetMeta | undefined): (Lease & { readonly state: LeaseState }) | undefined;
  /** Facets of a resource whose lease has expired. */
  expired(key: ResourceKey): readonly NameKey[];
  /** For questions: what `policyOver` needs. */
  sight(dated: boolean): LeaseSight;
}

/** Resources looked at in one sweep; the rest has its turn at the next one. */
const SWEEP = 200;
/** ms of directory time that may pass without a note in the journal */
const QUIET = 5000;

/** `expire` removes what has expired of a resource, by a commit; it asks `expired` again when it does. */
export async function keepLeases(
  live: Live,
  expire: (key: ResourceKey) => Promise<void>,
  onEvent: (event: DirectoryEvent) => void,
  options: LeaseOptions = {},
): Promise<Leases> {
  const { grace = 60, interval = 1000, folder, monotonic = () => performance.now() } = options;
  const journal = await openJournal(folder, everyRenewal);
  const clock = directoryClock(journal.time, monotonic);
  const due = createDue();
  /** renewals later than the write that gave the lease */
  const renewals = new Map<ResourceKey, Map<NameKey, number>>();
  /** those not in the journal yet */
  let unnoted: Renewal[] = [];
  /** what the query thread sees of all this; made for these columns */
  let table: GrowingTable = createTable();
  let columns: Columns;

  for (const [key, facet, time] of journal.renewals) remember(key, facet, time);
  enterAll();
  const unsubscribe = live.subscribe(({ changes }) => {
    if (columns !== live.columns) enterAll();
    for (const change of changes) {
      if (change.kind === 'put') enter(change.resource.id, change.resource.meta ?? '');
      else forget(change.id);
    }
  });
  let working: Promise<void> = Promise.resolve();
  let notedAt = clock.now();
  const timer = setInterval(() => {
    working = working.then(sweep).then(note);
  }, interval);
  timer.unref();

  function remember(key: ResourceKey, facet: NameKey, time: number): void {
    const times = renewals.get(key) ?? new Map<NameKey, number>();
    renewals.set(key, times.set(facet, time));
  }

  function forget(key: ResourceKey): void {
    renewals.delete(key);
    due.forget(key);
  }

  /** All leases there are, in these columns: at the start, and when compacted ones have taken the place of those we knew. */
  function enterAll(): void {
    columns = live.columns;
    table = createTable();
    const { slots } = columns;
    const known = new Set<ResourceKey>();
    for (let slot = 0; slot < slots.count; slot++) {
      const text = slots.meta(slot);
      if (slots.died(slot) <= live.revision || !isLeased(text)) continue;
      const key = keyOf(slots.id(slot), parseMeta(text).twin ?? 0);
      known.add(key);
      enter(key, text, slot);
    }
    for (const key of renewals.keys()) if (!known.has(key)) renewals.delete(key);
  }

  /** A resource as it is stored now. Facets that the write did not touch keep the renewals they had. */
  function enter(key: ResourceKey, text: string, slot = slotOf(key)): void {
    due.forget(key);
    const leased = isLeased(text) ? leasedFacets(parseMeta(text)) : [];
    if (slot < 0 || leased.length === 0) {
      forget(key);
      return;
    }
    const kept = new Map<NameKey, number>();
    const times = leased.map(([facet, { renewed = 0 }]) => {
      const later = renewals.get(key)?.get(facet) ?? 0;
      if (later > renewed) kept.set(facet, later);
      return Math.max(renewed, later);
    });
    if (kept.size > 0) renewals.set(key, kept);
    else renewals.delete(key);
    table.add(slot, times);
    due.put(key, Math.min(...leased.map(([, { ttl }], k) => expiryOf({ ttl, renewed: times[k] as number }, grace))));
  }

  function slotOf(key: ResourceKey): number {
    return slotOfKey(live, key);
  }

  function lease(key: ResourceKey, facet: NameKey, meta: FacetMeta | undefined) {
    if (meta?.ttl === undefined) return undefined;
    const held = { ttl: meta.ttl, renewed: Math.max(meta.renewed ?? 0, renewals.get(key)?.get(facet) ?? 0) };
    return { ...held, state: leaseState(held, clock.now(), grace) };
  }

  function renew(key: ResourceKey, facets: readonly NameKey[]): readonly boolean[] {
    const slot = slotOf(key);
    const leased = slot < 0 ? [] : leasedFacets(parseMeta(live.columns.slots.meta(slot)));
    const now = clock.now();
    return facets.map((facet) => {
      const index = leased.findIndex(([name]) => name === facet);
      if (index < 0) return false;
      remember(key, facet, now);
      unnoted.push([key, facet, now]);
      table.set(cellOf(table, slot, index), now);
      return true;
    });
  }

  function expired(key: ResourceKey): readonly NameKey[] {
    const slot = slotOf(key);
    if (slot < 0) return [];
    const leased = leasedFacets(parseMeta(live.columns.slots.meta(slot)));
    return leased.flatMap(([facet, meta]) => (lease(key, facet, meta)?.state === 'expired' ? [facet] : []));
  }

  async function sweep(): Promise<void> {
    for (const key of due.take(clock.now(), SWEEP)) {
      try {
        if (expired(key).length > 0) await expire(key);
      } catch (error) {
        onEvent({ kind: 'expiry-failed', id: publicId(key), error });
      }
      // renewed meanwhile, or not removed: its time will come again
      const slot = slotOf(key);
      const leased = slot < 0 ? [] : leasedFacets(parseMeta(live.columns.slots.meta(slot)));
      const times = leased.map(([facet, meta]) => expiryOf(lease(key, facet, meta) as Lease, grace));
      if (times.length > 0) due.put(key, Math.max(Math.min(...times), clock.now() + interval));
    }
  }

  /** Directory time is noted every few seconds also when nothing was renewed. */
  async function note(): Promise<void> {
    const now = clock.now();
    if (unnoted.length === 0 && now - notedAt < QUIET) return;
    const batch = unnoted;
    unnoted = [];
    notedAt = now;
    try {
      await journal.note(now, batch);
    } catch (error) {
      // the disk may be full: what is in memory still holds, and goes out with the next batch
      unnoted = [...batch, ...unnoted];
      onEvent({ kind: 'leases-unnoted', error });
    }
  }

  function everyRenewal(): readonly Renewal[] {
    return [...renewals].flatMap(([key, times]) => [...times].map(([facet, time]): Renewal => [key, facet, time]));
  }

  return {
    clock,
    grace,
    lease,
    renew,
    expired,
    lapsed: (key, facet, meta) => (lease(key, facet, meta)?.state ?? 'fresh') !== 'fresh',
    leaseOf(previous, wish, facet) {
      const wished = wish?.facets?.[facet] !== undefined ? wish.facets[facet] : wish?.ttl;
      const ttl = wished === undefined ? previous?.ttl : (wished ?? undefined);
      return ttl === undefined ? {} : { ttl, renewed: Math.floor(clock.now()) };
    },
    sight: (dated) => ({ first: table.first, cells: table.cells, now: clock.now(), wall: Date.now(), dated }),
    async close() {
      clearInterval(timer);
      unsubscribe();
      await working;
      notedAt = Number.NEGATIVE_INFINITY;
      await note();
      await journal.close();
    },
  };
}

function isLeased(meta: string): boolean {
  return meta.includes('"ttl":');
}
