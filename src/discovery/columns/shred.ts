/**
 * Shreds a resource: canonical XML bytes → rows. Made for speed, and for one form only (xml/canonical.ts): UTF-8; no XML
 * declaration, DOCTYPE, comments, instructions or CDATA; `<a/>` for empty elements; one space before each attribute, values
 * in double quotes; no references but &amp; &lt; &gt; &quot; &#9; &#10; &#13;. Whatever else deviates is refused, so that
 * what was shredded comes out of serialize.ts byte by byte as it went in (only a reference where none is due does not).
 */
import { XML_NS } from '../../model/index.js';
import { Kind, SUBTREE } from './contract.js';
import { createDeclaredSets, type DeclaredSets, resolvePrefix, withDeclaration } from './declared.js';
import { internLabel } from './labels.js';
import { internName } from './names.js';
import { reserveRows } from './rows.js';
import { STRING, type State, Word } from './state.js';
import { equalBytes, finishHash, firstWithHash, HASH, hashBytes, internBytes, internText, NEXT } from './strings.js';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const AMP = 0x26;
const SLASH = 0x2f;
const COLON = 0x3a;
const LT = 0x3c;
const EQUALS = 0x3d;
const GT = 0x3e;

/** Fields of an open element on the stack. */
const ROW = 0;
const LABEL_OF = 1;
const NAME_START = 2;
const NAME_END = 3;
const SET = 4;
const CONTENT = 5;
const FRAME = 6;

/** Words of a noted text. */
const TEXT = 6;

const MEMO = 8192;
/** Sets of declarations are forgotten at this number: strangers choose them. */
const MOST_SETS = 4096;

/** What is remembered from document to document, and scratch space. */
interface Shredder {
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

/**
 * Appends the rows of one resource, neither indexed nor published, and returns the row of its root element; its rows go to
 * `ends.rows`. Throws an Error with the offset of the byte that is not as it should be; then no row was appended.
 */
export function shred(state: State, xml: Uint8Array): number {
  const shredder = shredderOf(state);
  const { length } = xml;
  // a reference is longer than its character, so all texts resolved are no longer than the document
  if (shredder.source.length <= length * 2) shredder.source = new Uint8Array(length * 4);
  shredder.source.set(xml);
  shredder.source[length] = 0;
  shredder.free = length + 1;
  shredder.texts = 0;
  if (shredder.sets.outer.length > MOST_SETS) {
    shredder.sets = createDeclaredSets();
    shredder.memoLabel.fill(0);
  }
  reserveRows(state, (length >>> 1) + 1);
  const root = state.ends.rows;
  try {
    scanDocument(state, shredder, length);
    internTexts(state, shredder);
  } catch (error) {
    state.ends.rows = root;
    throw error;
  }
  return root;
}

function fail(at: number, expected: string): never {
  throw new Error(`Not canonical XML at byte ${at}: ${expected}`);
}

function scanDocument(state: State, shredder: Shredder, length: number): void {
  const { source } = shredder;
  const { rowLabel, rowParent, rowData, rowLink, ends } = state;
  let depth = 0;
  let parentRow = 0;
  let parentLabel = 0;
  let set = 0;
  if (source[0] !== LT) fail(0, 'a document begins with its root element');
  let p = 1;

  document: for (;;) {
    // an element, from the first byte of its name
    const nameStart = p;
    const hash = scanName(state, shredder, p);
    p = shredder.at;
    const nameEnd = p;
    // `!` and `?` above all: comments, CDATA and instructions are not for the canonical form
    if (source[nameStart] < 0x41 && source[nameStart] !== COLON) fail(nameStart, 'the name of an element was expected');
    const row = ends.rows++;
    let elementSet = set;
    let label: number;
    if (source[p] === SPACE) {
      elementSet = scanAttributes(state, shredder, p, set, row);
      p = shredder.at;
      label = elementLabel(state, shredder, parentLabel, elementSet, nameStart, nameEnd, hash);
      labelAttributes(state, shredder, label, elementSet, row);
    } else {
      label = elementLabel(state, shredder, parentLabel, elementSet, nameStart, nameEnd, hash);
    }
    rowLabel[row] = label;
    rowParent[row] = parentRow;
    rowLink[row] = 0;

    if (source[p] === SLASH) {
      if (source[p + 1] !== GT) fail(p + 1, '">" was expected');
      rowData[row] = depth === 0 || ends.rows > row + 1 ? (SUBTREE | (ends.rows - row - 1)) >>> 0 : 0;
      p += 2;
    } else {
      if (source[p] !== GT) fail(p, '" ", "/" or ">" was expected');
      p++;
      const frame = depth * FRAME;
      if (frame + FRAME > shredder.stack.length) shredder.stack = enlarged(shredder.stack);
      const { stack } = shredder;
      stack[frame + ROW] = row;
      stack[frame + LABEL_OF] = label;
      stack[frame + NAME_START] = nameStart;
      stack[frame + NAME_END] = nameEnd;
      stack[frame + SET] = elementSet;
      stack[frame + CONTENT] = ends.rows;
      depth++;
      parentRow = row;
      parentLabel = label;
      set = elementSet;
    }

    // the content of the innermost open element, until its next child begins
    const { stack } = shredder;
    for (;;) {
      if (depth === 0) break document;
      const text = source[p] !== LT;
      if (text) {
        scanText(state, shredder, p, LT);
        p = shredder.at;
      }
      if (source[p + 1] !== SLASH) {
        if (text) appendText(state, shredder, parentLabel, parentRow);
        p++;
        continue document;
      }
      const frame = (depth - 1) * FRAME;
      if (ends.rows === parentRow + 1 && depth > 1) {
        if (!text) fail(p, 'an empty element is written <a/>');
        noteText(shredder, parentRow);
      } else {
        if (text) appendText(state, shredder, parentLabel, parentRow);
        else if (ends.rows === stack[frame + CONTENT]) fail(p, 'an empty element is written <a/>');
        rowData[parentRow] = (SUBTREE | (ends.rows - parentRow - 1)) >>> 0;
      }
      p += 2;
      const end = stack[frame + NAME_END];
      for (let i = stack[frame + NAME_START]; i < end; i++, p++) if (source[p] !== source[i]) fail(p, 'the end tag of another element');
      if (source[p] !== GT) fail(p, 'the end tag of another element');
      p++;
      depth--;
      if (depth > 0) {
        parentRow = stack[frame - FRAME + ROW];
        parentLabel = stack[frame - FRAME + LABEL_OF];
        set = stack[frame - FRAME + SET];
      }
    }
  }
  if (p !== length) fail(p, 'nothing follows the root element');
}

function enlarged(stack: Int32Array): Int32Array {
  const larger = new Int32Array(stack.length * 2);
  larger.set(stack);
  return larger;
}

/** From the first byte of a name to the byte behind it; returns the hash of the bytes. */
function scanName(state: State, shredder: Shredder, from: number): number {
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
function scanText(state: State, shredder: Shredder, from: number, stop: number): void {
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

/** Keeps the text just scanned for later: row `row` is to have it. */
function noteText(shredder: Shredder, row: number): void {
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
function internTexts(state: State, shredder: Shredder): void {
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

/**
 * ` name="value"` as often as there are any. Each becomes a row with its value; its label is left open, for the element's own
 * depends on the declarations among them: `rowLabel` holds the name's first byte, `rowParent` the byte behind it.
 * Returns the declarations in scope.
 */
function scanAttributes(state: State, shredder: Shredder, from: number, outer: number, element: number): number {
  const { source } = shredder;
  let p = from;
  let set = outer;
  while (source[p] === SPACE) {
    const nameStart = p + 1;
    scanName(state, shredder, nameStart);
    const nameEnd = shredder.at;
    if (source[nameEnd] !== EQUALS || source[nameEnd + 1] !== QUOTE) fail(nameEnd, '=" was expected');
    scanText(state, shredder, nameEnd + 2, QUOTE);
    const value = internBytes(state, source, shredder.start, shredder.end, shredder.hash);
    p = shredder.at + 1;
    const row = state.ends.rows++;
    state.rowLabel[row] = nameStart;
    state.rowParent[row] = nameEnd;
    state.rowData[row] = value;
    state.rowLink[row] = 0;
    if (isDeclaration(source, nameStart, nameEnd))
      set = withDeclaration(shredder.sets, set, declaredPrefix(state, source, nameStart, nameEnd), value);
  }
  shredder.at = p;
  if (state.ends.rows === element + 1) fail(p, 'an attribute was expected');
  return set;
}

const XMLNS = new TextEncoder().encode('xmlns');

function isDeclaration(source: Uint8Array, from: number, to: number): boolean {
  for (let i = 0; i < XMLNS.length; i++) if (source[from + i] !== XMLNS[i]) return false;
  return to === from + XMLNS.length || source[from + XMLNS.length] === COLON;
}

function declaredPrefix(state: State, source: Uint8Array, from: number, to: number): number {
  return to === from + XMLNS.length ? 0 : internRange(state, source, from + XMLNS.length + 1, to);
}

/** Gives the rows that scanAttributes left their labels and their parent. */
function labelAttributes(state: State, shredder: Shredder, elementLabel: number, set: number, element: number): void {
  const { source } = shredder;
  for (let row = element + 1; row < state.ends.rows; row++) {
    const from = state.rowLabel[row];
    const to = state.rowParent[row];
    let label: number;
    if (isDeclaration(source, from, to)) {
      const prefix = declaredPrefix(state, source, from, to);
      label = internLabel(state, elementLabel, Kind.Declaration, internName(state, 0, 0, prefix, prefix));
    } else {
      label = internLabel(state, elementLabel, Kind.Attribute, resolveName(state, shredder, set, from, to, false));
    }
    state.rowLabel[row] = label;
    state.rowParent[row] = element;
  }
}

function appendText(state: State, shredder: Shredder, parentLabel: number, parentRow: number): void {
  const row = state.ends.rows++;
  state.rowLabel[row] = internLabel(state, parentLabel, Kind.Text, 0);
  state.rowParent[row] = parentRow;
  state.rowLink[row] = 0;
  noteText(shredder, row);
}

/** The label of the child element written as source[from, to), whose hash is `hash`. */
function elementLabel(state: State, shredder: Shredder, parent: number, set: number, from: number, to: number, hash: number): number {
  const { memoParent, memoSet, memoWritten, memoLabel, source } = shredder;
  const place = (hash ^ Math.imul(parent, 0x9e37_79b1) ^ Math.imul(set, 0x85eb_ca6b)) & (MEMO - 1);
  if (memoLabel[place] !== 0 && memoParent[place] === parent && memoSet[place] === set) {
    const { strings, heap } = state;
    const written = memoWritten[place] * STRING;
    const offset = strings[written];
    if (strings[written + STRING] - offset === to - from) {
      let i = from;
      while (i < to && source[i] === heap[offset + i - from]) i++;
      if (i === to) return memoLabel[place];
    }
  }
  const label = internLabel(state, parent, Kind.Element, resolveName(state, shredder, set, from, to, true));
  memoParent[place] = parent;
  memoSet[place] = set;
  memoWritten[place] = internBytes(state, source, from, to, hash);
  memoLabel[place] = label;
  return label;
}

/** The name written as source[from, to). The default namespace is for elements only. */
function resolveName(state: State, shredder: Shredder, set: number, from: number, to: number, element: boolean): number {
  const { source, sets } = shredder;
  let colon = from;
  while (colon < to && source[colon] !== COLON) colon++;
  const written = internRange(state, source, from, to);
  if (colon === to) return internName(state, 0, element ? Math.max(0, resolvePrefix(sets, set, 0)) : 0, written, written);
  const prefix = internRange(state, source, from, colon);
  const ns = resolvePrefix(sets, set, prefix);
  if (ns < 0 && prefix !== internText(state, 'xml')) fail(from, 'a prefix that is not declared');
  return internName(state, prefix, ns < 0 ? internText(state, XML_NS) : ns, internRange(state, source, colon + 1, to), written);
}

function internRange(state: State, source: Uint8Array, from: number, to: number): number {
  return internBytes(state, source, from, to, hashBytes(state, source, from, to));
}
