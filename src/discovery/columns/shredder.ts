/** What the shredder of one set of columns remembers from document to document, and its scratch space. */
import { createDeclaredSets, type DeclaredSets } from './declared.js';
import type { State } from './state.js';

/** Places of the label memo, a power of two. */
export const MEMO = 8192;
/** Sets of declarations are forgotten at this number: strangers choose them. */
const MOST_SETS = 4096;

/** Fields of an open element on the stack: its row, label, the place of its name, the declarations in scope, the first row of its content. */
export const FRAME = 6;

/** Words of a noted text; see noted-texts.ts. */
export const TEXT = 6;

export interface Shredder {
  /** the document with a NUL behind it, which stops every loop, and behind that its texts with references, resolved */
  source: Uint8Array;
  /** end of those texts */
  free: number;
  /** the texts met: row, start and end in `source`, hash; and room for finding their strings */
  noted: Uint32Array;
  texts: number;
  stack: Int32Array;
  sets: DeclaredSets;
  /** (label of the parent, declarations, written name) → label; direct mapped, checked against all three */
  readonly memoParent: Uint32Array;
  readonly memoSet: Uint32Array;
  readonly memoWritten: Uint32Array;
  readonly memoLabel: Uint32Array;
  /** where the last scan stopped, and what it found */
  at: number;
  start: number;
  end: number;
  hash: number;
}

const shredders = new WeakMap<State, Shredder>();

function shredderOf(state: State): Shredder {
  let shredder = shredders.get(state);
  if (shredder === undefined) {
    const memo = () => new Uint32Array(MEMO);
    shredder = {
      source: new Uint8Array(16384),
      free: 0,
      noted: new Uint32Array(1024 * TEXT),
      texts: 0,
      stack: new Int32Array(64 * FRAME),
      sets: createDeclaredSets(),
      memoParent: memo(),
      memoSet: memo(),
      memoWritten: memo(),
      memoLabel: memo(),
      at: 0,
      start: 0,
      end: 0,
      hash: 0,
    };
    shredders.set(state, shredder);
  }
  return shredder;
}

/** The shredder of these columns, with a document of this length to be written into `source`. */
export function shredderFor(state: State, length: number): Shredder {
  const shredder = shredderOf(state);
  // a reference is longer than its character, so all texts resolved are no longer than the document
  if (shredder.source.length <= length * 2) shredder.source = new Uint8Array(length * 4);
  shredder.source[length] = 0;
  shredder.free = length + 1;
  shredder.texts = 0;
  if (shredder.sets.outer.length > MOST_SETS) {
    shredder.sets = createDeclaredSets();
    shredder.memoLabel.fill(0);
  }
  return shredder;
}

export function fail(at: number, expected: string): never {
  throw new Error(`Not canonical XML at byte ${at}: ${expected}`);
}
