/** Tests of strings against a needle, on bytes: UTF-8 is self-synchronising, so byte positions never lie. */
import { beginningOf } from './beginnings.js';
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
  if (kind === 'ends-with') {
    return (id) => {
      const end = stringEnd(state, id);
      return end - stringStart(state, id) >= length && equalBytes(state.heap, end - length, bytes, 0, length);
    };
  }
  const { mask, print } = beginningOf(bytes);
  return (id) => {
    // nearly all others are told apart here, without a look at where and what they are
    if ((state.stringFlags[id] & mask) !== print) return false;
    const start = stringStart(state, id);
    return stringEnd(state, id) - start >= length && equalBytes(state.heap, start, bytes, 0, length);
  };
}

function containsMatcher(state: State, needle: Buffer): (id: number) => boolean {
  const length = needle.length;
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
    return long ? state.heapText.subarray(start, end).includes(needle) : shortContains(state.heap, start, end - length, needle);
  };
}

/** Is the needle at one of the places from `start` to `last`? A call into native code costs more than these few bytes. */
function shortContains(heap: Uint8Array, start: number, last: number, needle: Uint8Array): boolean {
  const first = needle[0];
  for (let i = start; i <= last; i++) if (heap[i] === first && equalBytes(heap, i, needle, 0, needle.length)) return true;
  return false;
}
