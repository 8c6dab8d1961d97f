/**
 * Linear hashing (Litwin 1980) over records that already exist: a directory of buckets, and in each record one word that
 * links the records of a bucket. Growing splits ONE bucket per insertion, so no insertion ever waits for a rehash.
 *
 * One thread writes. Others may look up meanwhile: a split moves records from one chain to another, so a reader whose chain
 * was split under it could miss a record. Every split therefore changes a version word before and after; who has found
 * nothing and sees another version than before looks again (`settled`). A split keeps the order of records, so a reader
 * that is carried from one chain to the other goes on forwards and always arrives at an end. Entry 0 means none.
 */
import { type ArrayName, grow, renewViews, type State } from './state.js';

export interface HashIndex {
  readonly buckets: ArrayName & `${string}Buckets`;
  readonly records: ArrayName;
  readonly stride: number;
  /** word of the record that links to the next one in its bucket */
  readonly next: number;
  /** header words: number of buckets, version */
  readonly word: number;
  readonly hash: (state: State, entry: number) => number;
}

export const FIRST_BUCKETS = 16;

/** The bucket of a hash among n: as many low bits as n buckets need, one fewer where that bucket does not exist yet. */
export function bucketOf(hash: number, n: number): number {
  const mask = 0xffff_ffff >>> Math.clz32(n - 1);
  const bucket = hash & mask;
  return bucket < n ? bucket : bucket & (mask >>> 1);
}

/** First entry of the bucket of a hash, or 0; for readers, whose views may be shorter than what the writer has by now. */
export function firstInBucket(state: State, index: HashIndex, hash: number): number {
  const bucket = bucketOf(hash, Atomics.load(state.header, index.word));
  if (bucket >= state[index.buckets].length) renewViews(state);
  return Atomics.load(state[index.buckets] as Uint32Array, bucket);
}

/** Puts a complete record at the front of its bucket, and splits a bucket when there are more records than buckets. */
export function insert(state: State, index: HashIndex, hash: number, entry: number, entries: number): void {
  const buckets = state[index.buckets] as Uint32Array;
  const records = state[index.records] as Uint32Array;
  const n = state.header[index.word];
  const bucket = bucketOf(hash, n);
  records[entry * index.stride + index.next] = buckets[bucket];
  Atomics.store(buckets, bucket, entry);
  if (entries > n) split(state, index, n);
}

/** The same at the end of its bucket, behind `last` (0: the bucket is empty): so what came early, and often, is found first. */
export function insertLast(state: State, index: HashIndex, hash: number, last: number, entry: number, entries: number): void {
  const records = state[index.records] as Uint32Array;
  const n = state.header[index.word];
  records[entry * index.stride + index.next] = 0;
  if (last === 0) Atomics.store(state[index.buckets] as Uint32Array, bucketOf(hash, n), entry);
  else Atomics.store(records, last * index.stride + index.next, entry);
  if (entries > n) split(state, index, n);
}

function split(state: State, index: HashIndex, n: number): void {
  grow(state, index.buckets, n + 1);
  const buckets = state[index.buckets] as Uint32Array;
  const records = state[index.records] as Uint32Array;
  const { stride, next, word, hash } = index;
  const mask = 0xffff_ffff >>> Math.clz32(n);
  const from = n & (mask >>> 1);
  Atomics.add(state.header, word + 1, 1);
  let stay = 0;
  let move = 0;
  let entry = buckets[from];
  buckets[from] = 0;
  buckets[n] = 0;
  for (; entry !== 0; entry = records[entry * stride + next]) {
    if ((hash(state, entry) & mask) === n) {
      if (move === 0) buckets[n] = entry;
      else records[move * stride + next] = entry;
      move = entry;
    } else {
      if (stay === 0) buckets[from] = entry;
      else records[stay * stride + next] = entry;
      stay = entry;
    }
  }
  if (stay !== 0) records[stay * stride + next] = 0;
  if (move !== 0) records[move * stride + next] = 0;
  Atomics.store(state.header, word, n + 1);
  Atomics.add(state.header, word + 1, 1);
}

/** For a directory that is empty still: as many buckets as entries are to come, so that none has to be split. */
export function reserveBuckets(state: State, index: HashIndex, entries: number): void {
  if (entries <= state.header[index.word]) return;
  grow(state, index.buckets, entries);
  state.header[index.word] = entries;
}

/** Version to compare with after a fruitless search; waits out a split that is under way. */
export function version(state: State, index: HashIndex): number {
  for (;;) {
    const now = Atomics.load(state.header, index.word + 1);
    if ((now & 1) === 0) return now;
  }
}

/** Was nothing split since `before`? Then what was not found is not there. */
export function settled(state: State, index: HashIndex, before: number): boolean {
  return Atomics.load(state.header, index.word + 1) === before;
}

/** Mixes two words into a hash whose low bits depend on all bits of both. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e37_79b1) ^ b;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
