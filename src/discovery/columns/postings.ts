/**
 * Postings: for each (label, string) the newest row and how many there are; `rows.link` leads to the older ones.
 * An entry does not say which label and string it is for: its newest row does. It keeps the hash of both, so that a search
 * looks at no other entry's rows; and since for one string different labels never have the same hash (`mix` is a bijection
 * of its first word then), hash and string together decide.
 */
import { bucketOf, firstInBucket, type HashIndex, insert, mix, reserveBuckets, settled, version } from './hash-index.js';
import { grow, POSTING, renewViews, type State, Word } from './state.js';

const HEAD = 0;
const COUNT = 1;
const NEXT = 2;
const HASH = 3;

const INDEX: HashIndex = {
  buckets: 'postingBuckets',
  records: 'postings',
  stride: POSTING,
  next: NEXT,
  word: Word.postingBuckets,
  hash: (state, entry) => state.postings[entry * POSTING + HASH],
};

export function initPostings(state: State): void {
  state.ends.postings = 1;
}

/** Links a row to its predecessors. `fresh`: no row had this string before, so there is no entry to look for. */
export function appendPosting(state: State, row: number, label: number, string: number, fresh: boolean): void {
  const hash = mix(label, string);
  const { postings, rowData } = state;
  if (!fresh) {
    for (
      let entry = state.postingBuckets[bucketOf(hash, state.header[Word.postingBuckets])];
      entry !== 0;
      entry = postings[entry * POSTING + NEXT]
    ) {
      if (postings[entry * POSTING + HASH] !== hash) continue;
      const head = postings[entry * POSTING + HEAD];
      if (rowData[head] !== string) continue;
      state.rowLink[row] = head;
      postings[entry * POSTING + COUNT]++;
      Atomics.store(postings, entry * POSTING + HEAD, row);
      return;
    }
  }
  state.rowLink[row] = 0;
  newEntry(state, row, hash);
}

function newEntry(state: State, row: number, hash: number): number {
  const entry = state.ends.postings;
  grow(state, 'postings', (entry + 1) * POSTING);
  state.postings[entry * POSTING + HEAD] = row;
  state.postings[entry * POSTING + COUNT] = 1;
  state.postings[entry * POSTING + HASH] = hash;
  state.ends.postings = entry + 1;
  insert(state, INDEX, hash, entry, entry);
  return entry;
}

export function reservePostings(state: State, entries: number): void {
  grow(state, 'postings', (entries + 1) * POSTING);
  reserveBuckets(state, INDEX, entries);
}

/**
 * Takes a row with its link as a snapshot has them: `entryOf` tells the entry of each row before it. False when the link
 * cannot be right: then it leads past another row, or there is none although the label had this string before.
 */
export function restorePosting(state: State, row: number, entryOf: Uint32Array): boolean {
  const label = state.rowLabel[row];
  const string = state.rowData[row];
  const older = state.rowLink[row];
  const hash = mix(label, string);
  if (older === 0) {
    if (findPosting(state, label, string) !== 0) return false;
    entryOf[row] = newEntry(state, row, hash);
    return true;
  }
  if (older >= row) return false;
  const entry = entryOf[older];
  if (state.postings[entry * POSTING + HEAD] !== older || state.postings[entry * POSTING + HASH] !== hash) return false;
  state.postings[entry * POSTING + HEAD] = row;
  state.postings[entry * POSTING + COUNT]++;
  entryOf[row] = entry;
  return true;
}

/** Entry of (label, string), or 0; safe beside a writer in another thread. */
function findPosting(state: State, label: number, string: number): number {
  const hash = mix(label, string);
  for (;;) {
    const before = version(state, INDEX);
    let entry = firstInBucket(state, INDEX, hash);
    while (entry !== 0) {
      if ((entry + 1) * POSTING > state.postings.length) renewViews(state);
      if (state.postings[entry * POSTING + HASH] === hash) {
        const head = Atomics.load(state.postings, entry * POSTING + HEAD);
        if (head >= state.rowData.length) renewViews(state);
        if (state.rowData[head] === string) return entry;
      }
      entry = state.postings[entry * POSTING + NEXT];
    }
    if (settled(state, INDEX, before)) return 0;
  }
}

/** The newest published row with this label and string, or 0. */
export function postingHead(state: State, label: number, string: number): number {
  const entry = findPosting(state, label, string);
  if (entry === 0) return 0;
  let row = Atomics.load(state.postings, entry * POSTING + HEAD);
  // a writer in another thread may be ahead of what this reader goes by
  while (row >= state.seen.rows) {
    if (row >= state.rowLink.length) renewViews(state);
    row = state.rowLink[row];
  }
  return row;
}

export function postingCount(state: State, label: number, string: number): number {
  const entry = findPosting(state, label, string);
  return entry === 0 ? 0 : Atomics.load(state.postings, entry * POSTING + COUNT);
}
