/** The texts of a document, kept until all is scanned, and then interned together. */
import { type Shredder, TEXT } from './shredder.js';
import { STRING, type State } from './state.js';
import { equalBytes, firstWithHash, HASH, internBytes, NEXT } from './strings.js';

/** Keeps the text just scanned for later: row `row` is to have it. */
export function noteText(shredder: Shredder, row: number): void {
  const at = shredder.texts * TEXT;
  if (at === shredder.noted.length) {
    const larger = new Uint32Array(at * 2);
    larger.set(shredder.noted);
    shredder.noted = larger;
  }
  const { noted } = shredder;
  noted[at] = row;
  noted[at + 1] = shredder.start;
  noted[at + 2] = shredder.end;
  noted[at + 3] = shredder.hash;
  shredder.texts++;
}

/**
 * Interns the texts of the document and gives them to their rows. In rounds, not text by text: each round does one access to
 * memory for every text, and accesses that do not wait for each other overlap (a tenth of shredding, which mostly waits for
 * memory). What the rounds do not find, new strings mostly, is searched again in full.
 */
export function internTexts(state: State, shredder: Shredder): void {
  const { source, texts, noted } = shredder;
  const { strings, heap, rowData } = state;
  const end = texts * TEXT;
  for (let at = 0; at < end; at += TEXT) noted[at + 4] = firstWithHash(state, noted[at + 3]);
  for (let at = 0; at < end; at += TEXT) {
    const hash = noted[at + 3];
    let id = noted[at + 4];
    while (id !== 0 && strings[id * STRING + HASH] !== hash) id = strings[id * STRING + NEXT];
    noted[at + 4] = id;
    noted[at + 5] = strings[id * STRING];
  }
  for (let at = 0; at < end; at += TEXT) {
    const id = noted[at + 4];
    const from = noted[at + 1];
    const length = noted[at + 2] - from;
    const offset = noted[at + 5];
    const known = id !== 0 && strings[id * STRING + STRING] - offset === length && equalBytes(heap, offset, source, from, length);
    rowData[noted[at]] = known ? id : internBytes(state, source, from, from + length, noted[at + 3]);
  }
}
