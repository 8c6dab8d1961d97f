/** What a name in a tag means: with the declarations in scope a name id, below an element's label a label. */
import { XML_NS } from '../../model/index.js';
import { Kind } from './contract.js';
import { resolvePrefix } from './declared.js';
import { internLabel } from './labels.js';
import { internName } from './names.js';
import { fail, MEMO, type Shredder } from './shredder.js';
import { STRING, type State } from './state.js';
import { hashBytes, internBytes, internText } from './strings.js';

const COLON = 0x3a;

/** The label of the child element written as source[from, to), whose hash is `hash`. */
export function elementLabel(
  state: State,
  shredder: Shredder,
  parent: number,
  set: number,
  from: number,
  to: number,
  hash: number,
): number {
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
export function resolveName(state: State, shredder: Shredder, set: number, from: number, to: number, element: boolean): number {
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

export function internRange(state: State, source: Uint8Array, from: number, to: number): number {
  return internBytes(state, source, from, to, hashBytes(state, source, from, to));
}
