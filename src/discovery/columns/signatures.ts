/**
 * Substring signatures of long strings, so that `contains` leaves most of them unread.
 *
 * A string's signature has a bit for each of its trigrams (three successive bytes, hashed). A string can contain a needle only
 * if it has all the bits of the needle's trigrams. Signatures stand bit-sliced, as in BitFunnel (Goodwin et al., SIGIR 2017):
 * a block holds the strings of one length class, and for each bit one bitmap over its strings. A needle of 17 bytes thus
 * costs the AND of 15 short bitmaps for every block, whatever the strings' length.
 *
 *     a block:   next block | strings in it | string ids (room) | bitmap of bit 0 | bitmap of bit 1 | … | bitmap of bit S-1
 *
 * Class c holds strings up to 128·2^c bytes (the last one all that are longer) and gives each 80·2^c bits: about a tenth of
 * the strings' bytes. The room of a block shrinks as S grows, so that a block almost empty wastes little.
 * Columns of one plain document (local arrays) have none: there a search reads the strings.
 */
import { grow, renewViews, type State, Word } from './state.js';

export const CLASSES = 10;
const HEAD = 2;
/** words from the header: first and last block of a class */
const wordOf = (sizeClass: number) => Word.classes + sizeClass * 2;

/** 64 < length <= 128 is class 0. */
function classOf(length: number): number {
  return Math.min(CLASSES - 1, 25 - Math.clz32(length - 1));
}

function bitsOf(sizeClass: number): number {
  return 80 << sizeClass;
}

/** Strings in a block, a multiple of 32. */
function roomOf(sizeClass: number): number {
  return Math.max(32, 1024 >>> Math.max(0, sizeClass - 3));
}

function blockWords(sizeClass: number): number {
  const room = roomOf(sizeClass);
  return HEAD + room + bitsOf(sizeClass) * (room >>> 5);
}

/** Which bit a trigram sets, of `bits` (fewer than 2^16). */
function bitOf(trigram: number, bits: number): number {
  return Math.imul(Math.imul(trigram, 0x9e37_79b1) >>> 16, bits) >>> 16;
}

/** Adds the signature of string `id`, whose bytes are heap[start, end). */
export function sign(state: State, id: number, start: number, end: number): void {
  if (!state.shared) return;
  const sizeClass = classOf(end - start);
  const block = blockWithRoom(state, sizeClass);
  const { signatures, heap } = state;
  const room = roomOf(sizeClass);
  const place = signatures[block + 1];
  signatures[block + HEAD + place] = id;
  const bits = bitsOf(sizeClass);
  const stride = room >>> 5;
  const base = block + HEAD + room + (place >>> 5);
  const bit = 1 << (place & 31);
  let trigram = (heap[start] << 8) | heap[start + 1];
  for (let i = start + 2; i < end; i++) {
    trigram = ((trigram << 8) | heap[i]) & 0xff_ffff;
    signatures[base + bitOf(trigram, bits) * stride] |= bit;
  }
  Atomics.store(signatures, block + 1, place + 1);
}

function blockWithRoom(state: State, sizeClass: number): number {
  const word = wordOf(sizeClass);
  const last = state.header[word + 1];
  if (last !== 0 && state.signatures[last + 1] < roomOf(sizeClass)) return last;
  const block = Math.max(1, state.ends.signatures);
  const end = block + blockWords(sizeClass);
  grow(state, 'signatures', end);
  state.signatures.fill(0, block, end);
  state.ends.signatures = end;
  state.header[word + 1] = block;
  if (last === 0) Atomics.store(state.header, word, block);
  else Atomics.store(state.signatures, last, block);
  return block;
}

/**
 * A bit per string id, set for the long strings whose signatures have all trigrams of the needle. Undefined when the needle
 * is too short to have one, or there are no signatures: then any string may contain it.
 */
export function candidates(state: State, needle: Uint8Array, length: number): Uint32Array | undefined {
  if (length < 3 || !state.shared) return undefined;
  const trigrams = new Set<number>();
  for (let i = 2; i < length; i++) trigrams.add((needle[i - 2] << 16) | (needle[i - 1] << 8) | needle[i]);
  const found = new Uint32Array((state.seen.strings + 31) >>> 5);
  for (let sizeClass = 0; sizeClass < CLASSES; sizeClass++) {
    const bits = bitsOf(sizeClass);
    const slices = Uint32Array.from(new Set([...trigrams].map((trigram) => bitOf(trigram, bits))));
    scanClass(state, sizeClass, slices, found);
  }
  return found;
}

function scanClass(state: State, sizeClass: number, slices: Uint32Array, found: Uint32Array): void {
  const room = roomOf(sizeClass);
  const stride = room >>> 5;
  const words = blockWords(sizeClass);
  const count = state.seen.strings;
  for (let block = Atomics.load(state.header, wordOf(sizeClass)); block !== 0; block = Atomics.load(state.signatures, block)) {
    if (block + words > state.signatures.length) renewViews(state);
    const { signatures } = state;
    const ids = block + HEAD;
    const base = ids + room;
    for (let word = 0; word < stride; word++) {
      let hits = -1;
      for (let i = 0; i < slices.length && hits !== 0; i++) hits &= signatures[base + slices[i] * stride + word];
      while (hits !== 0) {
        const place = 31 - Math.clz32(hits & -hits);
        hits &= hits - 1;
        const id = signatures[ids + word * 32 + place];
        if (id < count) found[id >>> 5] |= 1 << (id & 31);
      }
    }
  }
}

/** Takes signature blocks as a snapshot has them: [first, last] of each class. False when the blocks do not hang together. */
export function restoreSignatures(state: State, classes: readonly number[], end: number): boolean {
  const { signatures, header } = state;
  let found = 1;
  for (let sizeClass = 0; sizeClass < CLASSES; sizeClass++) {
    const [first, last] = classes.slice(sizeClass * 2, sizeClass * 2 + 2);
    const words = blockWords(sizeClass);
    if ((first === 0) !== (last === 0)) return false;
    for (let block = first; block !== 0; block = block === last ? 0 : signatures[block]) {
      // blocks of a class were made one after the other, so a chain only rises and cannot go round in a circle
      if (block < 1 || block + words > end || signatures[block + 1] > roomOf(sizeClass) || (block !== last && signatures[block] <= block))
        return false;
      found += words;
    }
    if (last !== 0) signatures[last] = 0;
    header[wordOf(sizeClass)] = first;
    header[wordOf(sizeClass) + 1] = last;
  }
  state.ends.signatures = end;
  return found === Math.max(1, end);
}
