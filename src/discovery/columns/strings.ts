/**
 * Strings, each kept once: UTF-8 bytes in one heap, found by a hash over them. Interning works on byte ranges, so
 * shredding a document makes no JavaScript string. String 0 is the empty one. A string's number never changes.
 */
import { beginnings } from './beginnings.js';
import { bucketOf, firstInBucket, type HashIndex, insert, insertLast, reserveBuckets, settled, version } from './hash-index.js';
import { numberOf } from './number.js';
import { sign } from './signatures.js';
import { grow, renewViews, STRING, type State, Word } from './state.js';

const OFFSET = 0;
export const HASH = 1;
export const NEXT = 2;
/** its first posting; see postings.ts */
export const FIRST_POSTING = 3;

/** Bits of `stringFlags`. */
export const NOT_ASCII = 1;
/** holds a character that text writes as a reference: & < > and the carriage return (Canonical XML 1.0 §2.3) */
export const ESCAPED_IN_TEXT = 2;
/** the same for attribute values: & < " tab, line feed, carriage return */
export const ESCAPED_IN_ATTRIBUTE = 4;
/** longer than LONG: has a signature */
export const IS_LONG = 8;
/** Prints of the string's first 8, 16 and 32 bytes stand in the upper bits: see beginnings.ts. */

/** Longer strings (in bytes) have substring signatures. */
export const LONG = 64;

const INDEX: HashIndex = {
  buckets: 'stringBuckets',
  records: 'strings',
  stride: STRING,
  next: NEXT,
  word: Word.stringBuckets,
  hash: (state, id) => state.strings[id * STRING + HASH],
};

/** ESCAPES[byte]: the flags a string gets for holding this byte. */
const ESCAPES = new Uint8Array(256).fill(NOT_ASCII, 128);
for (const char of '&<>\r') ESCAPES[char.charCodeAt(0)] |= ESCAPED_IN_TEXT;
for (const char of '&<"\t\n\r') ESCAPES[char.charCodeAt(0)] |= ESCAPED_IN_ATTRIBUTE;

/** Buffers of this thread for the bytes of a JavaScript string on its way in. */
let encoded = Buffer.allocUnsafe(4096);

/** UTF-8 of `text` in a buffer that the next call overwrites; lone surrogates become U+FFFD. Returns the length. */
export function encode(text: string): number {
  if (encoded.length < text.length * 3) encoded = Buffer.allocUnsafe(text.length * 3 + 1024);
  return encoded.write(text);
}

export function encodedBytes(): Uint8Array {
  return encoded;
}

/** Hash of bytes [from, to). The shredder computes the same while it looks for the end of a text. */
export function hashBytes(state: State, bytes: Uint8Array, from: number, to: number): number {
  const factor = state.header[Word.factor];
  let hash = state.header[Word.seed] | 0;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], factor);
  return finishHash(hash);
}

/** A product carries upwards only: brings the high bits down, for buckets are chosen by low bits. */
export function finishHash(hash: number): number {
  let h = hash ^ (hash >>> 15);
  h = Math.imul(h, 0x2c1b_3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/** Reserves the empty string; called once for new columns. */
export function initStrings(state: State): void {
  state.ends.strings = 1;
  state.ends.heap = 0;
  state.strings[STRING + OFFSET] = 0;
}

/**
 * The id of the string with bytes [from, to) of `bytes`; a new one when `ends.strings` has risen.
 * `hash` is hashBytes of them.
 */
export function internBytes(state: State, bytes: Uint8Array, from: number, to: number, hash: number): number {
  const length = to - from;
  if (length === 0) return 0;
  const { strings, heap } = state;
  let last = 0;
  for (let id = firstWithHash(state, hash); id !== 0; id = strings[id * STRING + NEXT]) {
    const at = id * STRING;
    if (strings[at + HASH] === hash) {
      const offset = strings[at];
      if (strings[at + STRING] - offset === length && equalBytes(heap, offset, bytes, from, length)) return id;
    }
    last = id;
  }
  return append(state, bytes, from, to, hash, last);
}

/** First entry of the bucket of a hash: the writer's own search. */
export function firstWithHash(state: State, hash: number): number {
  return state.stringBuckets[bucketOf(hash, state.header[Word.stringBuckets])];
}

function append(state: State, bytes: Uint8Array, from: number, to: number, hash: number, last: number): number {
  const { ends } = state;
  const id = ends.strings;
  const offset = ends.heap;
  const end = offset + to - from;
  if (end > state.heap.length) grow(state, 'heap', end);
  if ((id + 2) * STRING > state.strings.length) {
    grow(state, 'strings', (id + 2) * STRING);
    grow(state, 'stringFlags', id + 1);
    grow(state, 'stringNumbers', id + 1);
  }
  if (id >= state.stringFlags.length) grow(state, 'stringFlags', id + 1);
  if (id >= state.stringNumbers.length) grow(state, 'stringNumbers', id + 1);
  const { heap, strings } = state;
  let flags = beginnings(bytes, from, to);
  for (let i = from, o = offset; i < to; i++, o++) {
    const byte = bytes[i];
    heap[o] = byte;
    flags |= ESCAPES[byte];
  }
  if (to - from > LONG) flags |= IS_LONG;
  strings[id * STRING + OFFSET] = offset;
  strings[id * STRING + HASH] = hash;
  strings[id * STRING + FIRST_POSTING] = 0;
  strings[(id + 1) * STRING + OFFSET] = end;
  state.stringFlags[id] = flags;
  ends.strings = id + 1;
  ends.heap = end;
  if (to - from > LONG) sign(state, id, offset, end);
  insertLast(state, INDEX, hash, last, id, id);
  return id;
}

/**
 * Takes the strings of a snapshot: (offset, hash) of each, whose flags and bytes are in place already. Yields every few milliseconds;
 * false when one of them cannot be right: it ends before it begins, or its hash is not that of its bytes.
 */
export function* restoreStrings(state: State, pairs: Uint32Array, count: number, heapEnd: number): Generator<boolean, void, undefined> {
  if (pairs[0] !== 0 || pairs[2] !== 0 || pairs[count * 2] !== heapEnd) yield false;
  grow(state, 'strings', (count + 1) * STRING);
  grow(state, 'stringNumbers', count);
  reserveBuckets(state, INDEX, count);
  state.strings[count * STRING + OFFSET] = heapEnd;
  // the last first, so that each bucket begins with its oldest again
  for (let to = count - 1; to > 0; to -= RESTORED) yield restoreStringsIn(state, pairs, Math.max(0, to - RESTORED), to, heapEnd);
  state.ends.strings = count;
  state.ends.heap = heapEnd;
}

/** Strings restored without a pause: some milliseconds. */
const RESTORED = 16_384;

/** Strings (after, to], the last first. */
function restoreStringsIn(state: State, pairs: Uint32Array, after: number, to: number, heapEnd: number): boolean {
  const { strings, heap } = state;
  for (let id = to; id > after; id--) {
    const start = pairs[id * 2];
    const end = pairs[id * 2 + 2];
    const hash = pairs[id * 2 + 1];
    if (end <= start || end > heapEnd || hashBytes(state, heap, start, end) !== hash) return false;
    strings[id * STRING + OFFSET] = start;
    strings[id * STRING + HASH] = hash;
    insert(state, INDEX, hash, id, id);
  }
  return true;
}

export function internText(state: State, text: string): number {
  const length = encode(text);
  return internBytes(state, encoded, 0, length, hashBytes(state, encoded, 0, length));
}

/** Id of the string with these bytes, or -1; safe beside a writer in another thread. */
export function findBytes(state: State, bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length === 0) return 0;
  const hash = hashBytes(state, bytes, from, to);
  for (;;) {
    const before = version(state, INDEX);
    let id = firstInBucket(state, INDEX, hash);
    while (id !== 0) {
      const at = id * STRING;
      if (at + STRING >= state.strings.length) renewViews(state);
      if (state.strings[at + HASH] === hash) {
        const offset = state.strings[at];
        // a string beyond the published ones may be half written; it cannot be meant
        if (
          id < state.seen.strings &&
          state.strings[at + STRING] - offset === length &&
          equalBytes(state.heap, offset, bytes, from, length)
        )
          return id;
      }
      id = state.strings[at + NEXT];
    }
    if (settled(state, INDEX, before)) return -1;
  }
}

export function findText(state: State, text: string): number {
  return text.isWellFormed() ? findBytes(state, encoded, 0, encode(text)) : -1;
}

export function equalBytes(heap: Uint8Array, offset: number, bytes: Uint8Array, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (heap[offset + i] !== bytes[from + i]) return false;
  return true;
}

export function stringStart(state: State, id: number): number {
  return state.strings[id * STRING];
}

export function stringEnd(state: State, id: number): number {
  return state.strings[id * STRING + STRING];
}

export function textOf(state: State, id: number): string {
  const start = state.strings[id * STRING];
  const end = state.strings[id * STRING + STRING];
  return (state.stringFlags[id] & NOT_ASCII) === 0 ? state.heapText.latin1Slice(start, end) : state.heapText.utf8Slice(start, end);
}

/** +0 and -0 as they are kept: memory that was never written reads as 0, which therefore has to mean "not computed". */
const PLUS_ZERO = 5e-324;
const MINUS_ZERO = 1e-323;

export function numberOfString(state: State, id: number): number {
  const known = state.stringNumbers[id];
  if (known !== 0) return known === PLUS_ZERO ? 0 : known === MINUS_ZERO ? -0 : known;
  const number = numberOf(state.heap, stringStart(state, id), stringEnd(state, id));
  if (number === 0) state.stringNumbers[id] = Object.is(number, -0) ? MINUS_ZERO : PLUS_ZERO;
  else if (number !== PLUS_ZERO && number !== MINUS_ZERO) state.stringNumbers[id] = number;
  return number;
}
