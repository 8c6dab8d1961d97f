/**
 * Postings: for each (label, string) the newest row and how many there are; `rows.link` leads to the older ones.
 *
 *     newest row | rows | next in bucket | label            the string is that of the newest row
 *
 * Most strings occur under one label. So a string's record leads to its first entry, and only its entries under further
 * labels stand in a hash directory. A string new to the columns costs no search then, nor does one that nobody has.
 */
import { bucketOf, firstInBucket, type HashIndex, insert, mix, settled, version } from './hash-index.js';
import { grow, POSTING, renewViews, STRING, type State, Word } from './state.js';
import { FIRST_POSTING } from './strings.js';

const HEAD = 0;
const COUNT = 1;
const NEXT = 2;
const LABEL_OF = 3;

const INDEX: HashIndex = {
  buckets: 'postingBuckets',
  records: 'postings',
  stride: POSTING,
  next: NEXT,
  word: Word.postingBuckets,
  hash: (state, entry) => mix(state.postings[entry * POSTING + LABEL_OF], state.rowData[state.postings[entry * POSTING + HEAD]]),
};

export function initPostings(state: State): void {
  state.ends.postings = 1;
}

/** Links a row to its predecessors. */
export function appendPosting(state: State, row: number, label: number, string: number): void {
  const entry = entryFor(state, label, string);
  if (entry === 0) {
    state.rowLink[row] = 0;
    newEntry(state, row, label, string);
    return;
  }
  const { postings } = state;
  state.rowLink[row] = postings[entry * POSTING + HEAD];
  postings[entry * POSTING + COUNT]++;
  Atomics.store(postings, entry * POSTING + HEAD, row);
}

/** The writer's search: no bucket is split under it. */
function entryFor(state: State, label: number, string: number): number {
  const { postings, rowData } = state;
  const first = state.strings[string * STRING + FIRST_POSTING];
  if (first === 0 || postings[first * POSTING + LABEL_OF] === label) return first;
  let entry = state.postingBuckets[bucketOf(mix(label, string), state.header[Word.postingBuckets])];
  while (entry !== 0) {
    const at = entry * POSTING;
    if (postings[at + LABEL_OF] === label && rowData[postings[at + HEAD]] === string) break;
    entry = postings[at + NEXT];
  }
  return entry;
}

function newEntry(state: State, row: number, label: number, string: number): number {
  const entry = state.ends.postings;
  if ((entry + 1) * POSTING > state.postings.length) grow(state, 'postings', (entry + 1) * POSTING);
  const { postings, strings } = state;
  const at = entry * POSTING;
  postings[at + HEAD] = row;
  postings[at + COUNT] = 1;
  postings[at + NEXT] = 0;
  postings[at + LABEL_OF] = label;
  state.ends.postings = entry + 1;
  if (strings[string * STRING + FIRST_POSTING] === 0) Atomics.store(strings, string * STRING + FIRST_POSTING, entry);
  else insert(state, INDEX, mix(label, string), entry, ++state.ends.laterPostings);
  return entry;
}

/**
 * Takes a row with its link as a snapshot has them: `entryOf` tells the entry of each row before it. False when the link
 * cannot be right: then it leads past another row, or there is none although the label had this string before.
 */
export function restorePosting(state: State, row: number, entryOf: Uint32Array): boolean {
  const label = state.rowLabel[row];
  const string = state.rowData[row];
  const older = state.rowLink[row];
  if (older === 0) {
    if (entryFor(state, label, string) !== 0) return false;
    entryOf[row] = newEntry(state, row, label, string);
    return true;
  }
  if (older >= row || state.rowData[older] !== string) return false;
  const at = entryOf[older] * POSTING;
  if (state.postings[at + HEAD] !== older || state.postings[at + LABEL_OF] !== label) return false;
  state.postings[at + HEAD] = row;
  state.postings[at + COUNT]++;
  entryOf[row] = entryOf[older];
  return true;
}

/** Entry of (label, string), or 0; safe beside a writer in another thread. */
function findPosting(state: State, label: number, string: number): number {
  if (string < 0 || string >= state.seen.strings) return 0;
  const first = Atomics.load(state.strings, string * STRING + FIRST_POSTING);
  if (first === 0) return 0;
  if ((first + 1) * POSTING > state.postings.length) renewViews(state);
  if (state.postings[first * POSTING + LABEL_OF] === label) return first;
  const hash = mix(label, string);
  for (;;) {
    const before = version(state, INDEX);
    let entry = firstInBucket(state, INDEX, hash);
    while (entry !== 0) {
      if ((entry + 1) * POSTING > state.postings.length) renewViews(state);
      const at = entry * POSTING;
      if (state.postings[at + LABEL_OF] === label) {
        const head = Atomics.load(state.postings, at + HEAD);
        if (head >= state.rowData.length) renewViews(state);
        if (state.rowData[head] === string) return entry;
      }
      entry = state.postings[at + NEXT];
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
