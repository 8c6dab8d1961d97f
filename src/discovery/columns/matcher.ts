/** Tests of strings against a needle, on bytes: UTF-8 is self-synchronising, so byte positions never lie. */
import { candidates } from './signatures.js';
import type { State } from './state.js';
import { encode, encodedBytes, equalBytes, IS_LONG, stringEnd, stringStart } from './strings.js';

export type MatchKind = 'contains' | 'starts-with' | 'ends-with';

/** As `Strings.matcher`. Good for the strings published now; ask for a new one after a refresh. */
export function matcherOf(state: State, kind: MatchKind, needle: string): (id: number) => boolean {
  // no XML text holds half a surrogate pair, and its replacement character must not be found instead
  if (!needle.isWellFormed()) return () => false;
  const length = encode(needle);
  const bytes = Buffer.from(encodedBytes().slice(0, length));
  if (length === 0) return () => true;
  if (kind === 'contains') return containsMatcher(state, bytes);
  return (id) => {
    const start = stringStart(state, id);
    const end = stringEnd(state, id);
    return end - start >= length && equalBytes(state.heap, kind === 'starts-with' ? start : end - length, bytes, 0, length);
  };
}

function containsMatcher(state: State, needle: Buffer): (id: number) => boolean {
  const length = needle.length;
  const skip = skipTable(needle);
  let possible: Uint32Array | undefined;
  let asked = false;
  return (id) => {
    // a flag is a byte among a million; where the string begins is looked up only if it may contain the needle
    const long = (state.stringFlags[id] & IS_LONG) !== 0;
    if (long) {
      if (!asked) {
        asked = true;
        possible = candidates(state, needle, length);
      }
      if (possible !== undefined && (possible[id >>> 5] & (1 << (id & 31))) === 0) return false;
    }
    const start = stringStart(state, id);
    const end = stringEnd(state, id);
    if (end - start < length) return false;
    // a needle too short to skip far is found faster by the C library, which costs a view and a call
    if (long && length < 4) return state.heapText.subarray(start, end).includes(needle);
    return search(state.heap, start, end, needle, skip);
  };
}

/** How far the needle may move on when its last byte meets this one (Horspool 1980). */
function skipTable(needle: Uint8Array): Int32Array {
  const table = new Int32Array(256).fill(needle.length);
  for (let i = 0; i < needle.length - 1; i++) table[needle[i]] = needle.length - 1 - i;
  return table;
}

function search(heap: Uint8Array, start: number, end: number, needle: Uint8Array, skip: Int32Array): boolean {
  const last = needle.length - 1;
  const final = needle[last];
  for (let i = start + last; i < end; ) {
    const byte = heap[i];
    if (byte === final && equalBytes(heap, i - last, needle, 0, last)) return true;
    i += skip[byte];
  }
  return false;
}
