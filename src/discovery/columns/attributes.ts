/** Attributes and namespace declarations of a start tag. */
import { Kind } from './contract.js';
import { withDeclaration } from './declared.js';
import { internLabel } from './labels.js';
import { internName } from './names.js';
import { scanName, scanText } from './scan.js';
import { fail, type Shredder } from './shredder.js';
import type { State } from './state.js';
import { internBytes } from './strings.js';
import { internRange, resolveName } from './written-names.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const COLON = 0x3a;
const EQUALS = 0x3d;

/**
 * ` name="value"` as often as there are any. Each becomes a row with its value; its label is left open, for the element's own
 * depends on the declarations among them: `rowLabel` holds the name's first byte, `rowParent` the byte behind it.
 * Returns the declarations in scope.
 */
export function scanAttributes(state: State, shredder: Shredder, from: number, outer: number, element: number): number {
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
export function labelAttributes(state: State, shredder: Shredder, elementLabel: number, set: number, element: number): void {
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
