/** Names and texts of canonical XML, byte by byte. */
import { fail, type Shredder } from './shredder.js';
import { type State, Word } from './state.js';
import { finishHash } from './strings.js';

// Each file of the shredder has its own: a constant from another module would be a load at every byte.
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const AMP = 0x26;
const SLASH = 0x2f;
const LT = 0x3c;
const EQUALS = 0x3d;
const GT = 0x3e;

/** From the first byte of a name to the byte behind it; returns the hash of the bytes. */
export function scanName(state: State, shredder: Shredder, from: number): number {
  const { source } = shredder;
  const factor = state.header[Word.factor];
  let hash = state.header[Word.seed] | 0;
  let p = from;
  let byte = source[p];
  while (
    byte > GT ||
    (byte !== SPACE && byte !== GT && byte !== SLASH && byte !== EQUALS && byte !== LT && byte !== AMP && byte !== QUOTE && byte > SPACE)
  ) {
    hash = Math.imul(hash ^ byte, factor);
    byte = source[++p];
  }
  if (p === from) fail(p, 'a name was expected');
  shredder.at = p;
  return finishHash(hash);
}

/**
 * From the first byte of an attribute's value to its closing quote, or of a text to the `<` behind it. The string, its references
 * resolved, is then source[start, end) with the hash `hash` (fields of the shredder).
 */
export function scanText(state: State, shredder: Shredder, from: number, stop: number): void {
  const { source } = shredder;
  const factor = state.header[Word.factor];
  let hash = state.header[Word.seed] | 0;
  let p = from;
  let run = from;
  for (;;) {
    let byte = source[p];
    while (byte > GT || (byte !== LT && byte !== AMP && byte !== QUOTE && byte !== GT && byte >= SPACE)) {
      hash = Math.imul(hash ^ byte, factor);
      byte = source[++p];
    }
    if (byte === stop) break;
    if (stop === LT ? byte === QUOTE || byte === LF || byte === TAB : byte === GT) {
      hash = Math.imul(hash ^ byte, factor);
      p++;
    } else if (byte === AMP) {
      if (run === from) shredder.start = shredder.free;
      for (let i = run; i < p; i++) source[shredder.free++] = source[i];
      const char = reference(shredder, p);
      source[shredder.free++] = char;
      hash = Math.imul(hash ^ char, factor);
      p = run = shredder.at;
    } else fail(p, byte === 0 ? 'the document ends too early' : 'a character that has to be written as a reference');
  }
  if (run === from) {
    shredder.start = from;
    shredder.end = p;
  } else {
    for (let i = run; i < p; i++) source[shredder.free++] = source[i];
    shredder.end = shredder.free;
  }
  shredder.at = p;
  shredder.hash = finishHash(hash);
}

/** The character that the reference at `at` stands for. */
function reference(shredder: Shredder, at: number): number {
  const { source } = shredder;
  for (const { bytes, char } of REFERENCES) {
    let i = 0;
    while (i < bytes.length && source[at + 1 + i] === bytes[i]) i++;
    if (i === bytes.length) {
      shredder.at = at + 1 + i;
      return char;
    }
  }
  return fail(at, 'a reference that the canonical form does not have');
}

const REFERENCES = (
  [
    ['#10;', LF],
    ['amp;', AMP],
    ['lt;', LT],
    ['gt;', GT],
    ['quot;', QUOTE],
    ['#9;', TAB],
    ['#13;', CR],
  ] as const
).map(([text, char]) => ({ bytes: new TextEncoder().encode(text), char }));
