/**
 * Slots: one record for every version of every resource. A version is visible at the revisions from `born` up to, not
 * including, `died`.
 *
 *     row | id string | born | died | elder version | next in bucket | policy data string      doubles: ordinal | created at | modified at | created revision
 *
 * Slots count from 0; records and the links between them from 1, for 0 means none there. The hash directory knows the newest
 * version of each id only: a new version takes the place of its elder in the bucket's chain and links to it. A reader in
 * another thread that stands on the elder at that moment goes on from there unharmed, for the elder keeps its link, and the
 * newer version is younger than the revision it reads at.
 */
import { bucketOf, firstInBucket, type HashIndex, insert, mix, settled, version } from './hash-index.js';
import { FACTS, grow, OUT_OF_ORDER, renewViews, SLOT, SOME_DEAD, type State, TWINS, Word } from './state.js';

const ROW = 0;
const ID = 1;
const BORN = 2;
const DIED = 3;
const ELDER = 4;
const NEXT = 5;
const META = 6;

export const ALIVE = 0xffff_ffff;

const INDEX: HashIndex = {
  buckets: 'slotBuckets',
  records: 'slots',
  stride: SLOT,
  next: NEXT,
  word: Word.slotBuckets,
  hash: (state, entry) => mix(state.slots[entry * SLOT + ID], 0),
};

/** When a version came to be. `ordinal` orders resources by their first publication. */
export interface SlotFacts {
  readonly ordinal: number;
  /** ms since the epoch */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** revision of the first publication */
  readonly created: number;
  /** string id of the policy data; 0 = none */
  readonly meta: number;
}

export function appendSlot(state: State, row: number, id: number, born: number, facts: SlotFacts): number {
  const slot = state.ends.slots;
  const entry = slot + 1;
  grow(state, 'slots', (entry + 1) * SLOT);
  grow(state, 'slotFacts', (slot + 1) * FACTS);
  const { slots, slotFacts } = state;
  if (slot > 0 && facts.ordinal < greatestOrdinal(state)) state.header[Word.flags] |= OUT_OF_ORDER;
  const at = entry * SLOT;
  slots[at + ROW] = row;
  slots[at + ID] = id;
  slots[at + BORN] = born;
  slots[at + DIED] = ALIVE;
  slots[at + ELDER] = 0;
  slots[at + META] = facts.meta;
  slotFacts[slot * FACTS] = facts.ordinal;
  slotFacts[slot * FACTS + 1] = facts.createdAt;
  slotFacts[slot * FACTS + 2] = facts.modifiedAt;
  slotFacts[slot * FACTS + 3] = facts.created;
  state.ends.slots = slot + 1;
  enter(state, entry, id);
  return slot;
}

/** While rows are in order the last slot has the greatest ordinal; once they are not, the answer no longer matters. */
function greatestOrdinal(state: State): number {
  return state.slotFacts[(state.ends.slots - 1) * FACTS];
}

function enter(state: State, entry: number, id: number): void {
  const { slots, slotBuckets } = state;
  const hash = mix(id, 0);
  const bucket = bucketOf(hash, state.header[Word.slotBuckets]);
  let before = 0;
  for (let other = slotBuckets[bucket]; other !== 0; other = slots[other * SLOT + NEXT]) {
    if (slots[other * SLOT + ID] === id) {
      slots[entry * SLOT + ELDER] = other;
      if (slots[other * SLOT + DIED] === ALIVE && slotOrdinal(state, other - 1) !== slotOrdinal(state, entry - 1))
        state.header[Word.flags] |= TWINS;
      slots[entry * SLOT + NEXT] = slots[other * SLOT + NEXT];
      if (before === 0) Atomics.store(slotBuckets, bucket, entry);
      else Atomics.store(slots, before * SLOT + NEXT, entry);
      return;
    }
    before = other;
  }
  insert(state, INDEX, hash, entry, entry);
}

/** Ends a version: it is no longer visible at `revision`. */
export function closeSlot(state: State, slot: number, revision: number): void {
  Atomics.store(state.slots, (slot + 1) * SLOT + DIED, revision);
  state.header[Word.flags] |= SOME_DEAD;
}

/** Newest version of the resource with this id string, open or not; -1 when there never was one. The writer's view. */
export function newestSlot(state: State, id: number): number {
  const hash = mix(id, 0);
  for (
    let entry = state.slotBuckets[bucketOf(hash, state.header[Word.slotBuckets])];
    entry !== 0;
    entry = state.slots[entry * SLOT + NEXT]
  ) {
    if (state.slots[entry * SLOT + ID] === id) return entry - 1;
  }
  return -1;
}

/** The version open at `revision`, or -1; safe beside a writer in another thread. */
export function slotAt(state: State, id: number, revision: number): number {
  const hash = mix(id, 0);
  for (;;) {
    const before = version(state, INDEX);
    let entry = firstInBucket(state, INDEX, hash);
    while (entry !== 0) {
      if ((entry + 1) * SLOT > state.slots.length) renewViews(state);
      if (state.slots[entry * SLOT + ID] === id) return openVersion(state, entry, revision);
      entry = state.slots[entry * SLOT + NEXT];
    }
    if (settled(state, INDEX, before)) return -1;
  }
}

function openVersion(state: State, newest: number, revision: number): number {
  for (let entry = newest; entry !== 0; entry = state.slots[entry * SLOT + ELDER]) {
    const slot = entry - 1;
    if (slot < state.seen.slots && isOpen(state, slot, revision)) return slot;
  }
  return -1;
}

/**
 * The next resource with the id of `slot`'s that is open at `revision`, or -1. An id names one resource in each scope, but
 * scopes that do not see each other may use it for different ones.
 */
export function twinOf(state: State, slot: number, revision: number): number {
  if ((state.seen.flags & TWINS) === 0) return -1;
  return openVersion(state, state.slots[(slot + 1) * SLOT + ELDER], revision);
}

/** The open version with this id that is the one looked for, or -1. The writer's view. */
export function openSlot(state: State, id: number, isIt: (slot: number) => boolean): number {
  for (let slot = newestSlot(state, id); slot >= 0; slot = state.slots[(slot + 1) * SLOT + ELDER] - 1) {
    if (slotDied(state, slot) === ALIVE && isIt(slot)) return slot;
    if ((state.header[Word.flags] & TWINS) === 0) return -1;
  }
  return -1;
}

export function isOpen(state: State, slot: number, revision: number): boolean {
  const at = (slot + 1) * SLOT;
  return state.slots[at + BORN] <= revision && state.slots[at + DIED] > revision;
}

export function slotRow(state: State, slot: number): number {
  return state.slots[(slot + 1) * SLOT + ROW];
}

export function slotId(state: State, slot: number): number {
  return state.slots[(slot + 1) * SLOT + ID];
}

export function slotBorn(state: State, slot: number): number {
  return state.slots[(slot + 1) * SLOT + BORN];
}

export function slotDied(state: State, slot: number): number {
  return state.slots[(slot + 1) * SLOT + DIED];
}

export function slotOrdinal(state: State, slot: number): number {
  return state.slotFacts[slot * FACTS];
}

export function slotFactsOf(state: State, slot: number): SlotFacts {
  const at = slot * FACTS;
  const { slotFacts } = state;
  return {
    ordinal: slotFacts[at],
    createdAt: slotFacts[at + 1],
    modifiedAt: slotFacts[at + 2],
    created: slotFacts[at + 3],
    meta: slotMeta(state, slot),
  };
}

/** String id of the policy data that the version was stored with; 0 = none. */
export function slotMeta(state: State, slot: number): number {
  return state.slots[(slot + 1) * SLOT + META];
}
