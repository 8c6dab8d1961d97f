/**
 * Columns → XML. A whole resource comes out byte by byte as it went in; an inner element with the namespace declarations it
 * needs to stand alone. Text is escaped as in the canonical form (Canonical XML 1.0 §2.3).
 */
import { stateOf } from './columns.js';
import { Kind, SUBTREE, type View } from './contract.js';
import { labelKind, labelName } from './labels.js';
import { nameWritten } from './names.js';
import { neededDeclarations } from './needed.js';
import { createOutput, reserveOutput, writeAscii, writeByte, writeString, writeText, writeValue, type XmlOutput } from './output.js';
import type { State } from './state.js';
import { rowVisible, scopeHidden } from './visibility.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const SLASH = 0x2f;
const LT = 0x3c;
const EQUALS = 0x3d;
const GT = 0x3e;

const scratch = createOutput(65536);

/** UTF-8 of one node: an element with all below it, an escaped text, `name="value"`, a comment, an instruction; of the root, what is visible below it. */
export function serializeNode(view: View, node: number): Uint8Array {
  scratch.length = 0;
  writeNode(scratch, view, node);
  return scratch.bytes.slice(0, scratch.length);
}

/** As serializeNode, as a string. */
export function serializeNodeText(view: View, node: number): string {
  scratch.length = 0;
  writeNode(scratch, view, node);
  return Buffer.from(scratch.bytes.buffer, 0, scratch.length).toString('utf8');
}

/**
 * Writes a node behind what `out` holds already. The caller has found it visible; inside it, scope elements that the view
 * holds back are left out.
 */
export function writeNode(out: XmlOutput, view: View, node: number): void {
  const state = stateOf(view.columns);
  const row = node >>> 1;
  if ((node & 1) === 1) writeText(state, out, state.rowData[row]);
  else if (row === 0) writeRoot(state, out, view);
  else if (labelKind(state, state.rowLabel[row]) === Kind.Element && state.rowParent[row] !== 0)
    writeRows(state, out, view, row, neededDeclarations(state, row));
  else writeRows(state, out, view, row, []);
}

function writeRoot(state: State, out: XmlOutput, view: View): void {
  for (let row = 1; row < state.seen.rows; row = lastRow(state, row) + 1) {
    if (rowVisible(view, row)) writeRows(state, out, view, row, []);
  }
}

function lastRow(state: State, row: number): number {
  const data = state.rowData[row];
  return data >= SUBTREE && labelKind(state, state.rowLabel[row]) === Kind.Element ? row + data - SUBTREE : row;
}

/** Writes `first` and the rows below it; `declarations` are (prefix, namespace) string ids that go into its start tag. */
function writeRows(state: State, out: XmlOutput, view: View, first: number, declarations: readonly number[]): void {
  const { rowLabel, rowData } = state;
  const last = lastRow(state, first);
  // open elements: their rows and their last rows
  const open: number[] = [];
  const ends: number[] = [];
  for (let row = first; row <= last; ) {
    while (ends.length > 0 && ends[ends.length - 1] < row) {
      ends.pop();
      writeEndTag(state, out, open.pop() as number);
    }
    const label = rowLabel[row];
    const data = rowData[row];
    if (labelKind(state, label) !== Kind.Element) {
      writeValued(state, out, label, data);
      row++;
    } else if (view.scopes !== undefined && scopeHidden(state, view.scopes, row)) {
      row = lastRow(state, row) + 1;
    } else {
      const written = nameWritten(state, labelName(state, label));
      writeByte(out, LT);
      writeString(state, out, written);
      if (row === first)
        for (let i = 0; i < declarations.length; i += 2) writeDeclaration(state, out, declarations[i], declarations[i + 1]);
      if (data < SUBTREE) {
        writeLeafRest(state, out, written, data);
        row++;
      } else {
        const end = row + data - SUBTREE;
        let content = row + 1;
        for (; content <= end; content++) {
          const kind = labelKind(state, rowLabel[content]);
          if (kind !== Kind.Attribute && kind !== Kind.Declaration) break;
          writeByte(out, SPACE);
          writeValued(state, out, rowLabel[content], rowData[content]);
        }
        if (content > end) {
          writeByte(out, SLASH);
        } else {
          open.push(row);
          ends.push(end);
        }
        writeByte(out, GT);
        row = content;
      }
    }
  }
  while (open.length > 0) writeEndTag(state, out, open.pop() as number);
}

function writeLeafRest(state: State, out: XmlOutput, written: number, text: number): void {
  if (text === 0) {
    writeByte(out, SLASH);
    writeByte(out, GT);
    return;
  }
  writeByte(out, GT);
  writeText(state, out, text);
  reserveOutput(out, 2);
  out.bytes[out.length++] = LT;
  out.bytes[out.length++] = SLASH;
  writeString(state, out, written);
  writeByte(out, GT);
}

function writeEndTag(state: State, out: XmlOutput, row: number): void {
  reserveOutput(out, 2);
  out.bytes[out.length++] = LT;
  out.bytes[out.length++] = SLASH;
  writeString(state, out, nameWritten(state, labelName(state, state.rowLabel[row])));
  writeByte(out, GT);
}

/** A node that is no element. */
function writeValued(state: State, out: XmlOutput, label: number, data: number): void {
  const written = nameWritten(state, labelName(state, label));
  switch (labelKind(state, label)) {
    case Kind.Attribute:
      writeString(state, out, written);
      writeQuoted(state, out, data);
      break;
    case Kind.Declaration:
      writeAscii(out, written === 0 ? 'xmlns' : 'xmlns:');
      writeString(state, out, written);
      writeQuoted(state, out, data);
      break;
    case Kind.Comment:
      writeAscii(out, '<!--');
      writeString(state, out, data);
      writeAscii(out, '-->');
      break;
    case Kind.Instruction:
      writeAscii(out, '<?');
      writeString(state, out, written);
      if (data !== 0) writeByte(out, SPACE);
      writeString(state, out, data);
      writeAscii(out, '?>');
      break;
    default:
      writeText(state, out, data);
  }
}

function writeQuoted(state: State, out: XmlOutput, value: number): void {
  writeByte(out, EQUALS);
  writeByte(out, QUOTE);
  writeValue(state, out, value);
  writeByte(out, QUOTE);
}

function writeDeclaration(state: State, out: XmlOutput, prefix: number, ns: number): void {
  writeAscii(out, prefix === 0 ? ' xmlns' : ' xmlns:');
  writeString(state, out, prefix);
  writeQuoted(state, out, ns);
}
