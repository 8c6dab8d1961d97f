/** A buffer of bytes that grows as XML is written into it; many resources may go into one. */

import { STRING, type State } from './state.js';
import { ESCAPED_IN_ATTRIBUTE, ESCAPED_IN_TEXT } from './strings.js';

export interface XmlOutput {
  /** valid up to `length`; replaced when it grows */
  bytes: Uint8Array;
  length: number;
}

export function createOutput(bytes = 16384): XmlOutput {
  return { bytes: new Uint8Array(bytes), length: 0 };
}

/** Room for `more` bytes behind what is written. */
export function reserveOutput(out: XmlOutput, more: number): void {
  const wanted = out.length + more;
  if (wanted <= out.bytes.length) return;
  const larger = new Uint8Array(Math.max(wanted, out.bytes.length * 2));
  larger.set(out.bytes.subarray(0, out.length));
  out.bytes = larger;
}

export function writeByte(out: XmlOutput, byte: number): void {
  if (out.length === out.bytes.length) reserveOutput(out, 1);
  out.bytes[out.length++] = byte;
}

export function writeAscii(out: XmlOutput, text: string): void {
  reserveOutput(out, text.length);
  for (let i = 0; i < text.length; i++) out.bytes[out.length++] = text.charCodeAt(i);
}

/** Up to this length a loop is faster than a call into native code. */
const SHORT = 80;

export function writeString(state: State, out: XmlOutput, id: number): void {
  copy(state, out, state.strings[id * STRING], state.strings[id * STRING + STRING]);
}

function copy(state: State, out: XmlOutput, start: number, end: number): void {
  const length = end - start;
  if (out.length + length > out.bytes.length) reserveOutput(out, length);
  const { bytes } = out;
  const at = out.length;
  if (length <= SHORT) {
    const { heap } = state;
    for (let i = 0; i < length; i++) bytes[at + i] = heap[start + i];
  } else {
    bytes.set(state.heap.subarray(start, end), at);
  }
  out.length = at + length;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** byte → what stands for it; the flags of the string tell whether any of them occurs at all. */
const IN_TEXT: readonly (Uint8Array | undefined)[] = references({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' });
const IN_ATTRIBUTE: readonly (Uint8Array | undefined)[] = references({
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
});

function references(table: Readonly<Record<string, string>>): readonly (Uint8Array | undefined)[] {
  const list = new Array<Uint8Array | undefined>(64).fill(undefined);
  for (const [char, reference] of Object.entries(table)) list[char.charCodeAt(0)] = bytesOf(reference);
  return list;
}

export function writeText(state: State, out: XmlOutput, id: number): void {
  if ((state.stringFlags[id] & ESCAPED_IN_TEXT) === 0) writeString(state, out, id);
  else writeEscaped(state, out, id, IN_TEXT);
}

export function writeValue(state: State, out: XmlOutput, id: number): void {
  if ((state.stringFlags[id] & ESCAPED_IN_ATTRIBUTE) === 0) writeString(state, out, id);
  else writeEscaped(state, out, id, IN_ATTRIBUTE);
}

function writeEscaped(state: State, out: XmlOutput, id: number, references: readonly (Uint8Array | undefined)[]): void {
  const end = state.strings[id * STRING + STRING];
  const { heap } = state;
  let run = state.strings[id * STRING];
  for (let i = run; i < end; i++) {
    const byte = heap[i];
    if (byte >= 64) continue;
    const reference = references[byte];
    if (reference === undefined) continue;
    copy(state, out, run, i);
    reserveOutput(out, reference.length);
    for (let k = 0; k < reference.length; k++) out.bytes[out.length++] = reference[k];
    run = i + 1;
  }
  copy(state, out, run, end);
}
