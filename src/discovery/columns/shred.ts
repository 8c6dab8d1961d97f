/**
 * Shreds a resource: canonical XML bytes → rows. Made for speed, and for one form only (xml/canonical.ts): UTF-8; no XML
 * declaration, DOCTYPE, comments, instructions or CDATA; `<a/>` for empty elements; one space before each attribute, values
 * in double quotes; no references but &amp; &lt; &gt; &quot; &#9; &#10; &#13;. Whatever else deviates is refused, so that
 * what was shredded comes out of serialize.ts byte by byte as it went in (only a reference where none is due does not).
 */
import { labelAttributes, scanAttributes } from './attributes.js';
import { Kind, SUBTREE } from './contract.js';
import { internLabel } from './labels.js';
import { internTexts, noteText } from './noted-texts.js';
import { reserveRows } from './rows.js';
import { scanName, scanText } from './scan.js';
import { FRAME, fail, type Shredder, shredderFor } from './shredder.js';
import type { State } from './state.js';
import { elementLabel } from './written-names.js';

const SPACE = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;
const LT = 0x3c;
const GT = 0x3e;

/** Fields of an open element on the stack. */
const ROW = 0;
const LABEL_OF = 1;
const NAME_START = 2;
const NAME_END = 3;
const SET = 4;
const CONTENT = 5;

/**
 * Appends the rows of one resource, neither indexed nor published, and returns the row of its root element; its rows go to
 * `ends.rows`. Throws an Error with the offset of the byte that is not as it should be; then no row was appended.
 */
export function shred(state: State, xml: Uint8Array): number {
  const { length } = xml;
  const shredder = shredderFor(state, length);
  shredder.source.set(xml);
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

function appendText(state: State, shredder: Shredder, parentLabel: number, parentRow: number): void {
  const row = state.ends.rows++;
  state.rowLabel[row] = internLabel(state, parentLabel, Kind.Text, 0);
  state.rowParent[row] = parentRow;
  state.rowLink[row] = 0;
  noteText(shredder, row);
}
