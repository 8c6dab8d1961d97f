/**
 * The namespace declarations an inner element needs to stand alone: those of the names in it, and of prefixes that look as if
 * a text used them (`x:y`, the canonical form keeps those bound), as far as they are not declared inside it.
 */
import { Kind, SUBTREE } from './contract.js';
import { labelKind, labelName } from './labels.js';
import { nameLocal, nameNs, namePrefix } from './names.js';
import { STRING, type State } from './state.js';
import { findText } from './strings.js';

/** (prefix, namespace) string ids one after the other, in the order of first use. */
export function neededDeclarations(state: State, first: number): number[] {
  const { rowLabel, rowData } = state;
  const data = rowData[first];
  const last = data >= SUBTREE ? first + data - SUBTREE : first;
  const scope = declarationsInScope(state, first);
  const needed: number[] = [];
  const inner: { readonly prefix: number; readonly end: number }[] = [];
  const xml = findText(state, 'xml');

  const need = (prefix: number, ns: number): void => {
    if (prefix === xml || (prefix === 0 && ns === 0) || inner.some((declared) => declared.prefix === prefix)) return;
    for (let i = 0; i < needed.length; i += 2) if (needed[i] === prefix) return;
    needed.push(prefix, ns);
  };

  let known = -1;
  for (let row = first; row <= last; row++) {
    while (inner.length > 0 && inner[inner.length - 1].end < row) inner.pop();
    const label = rowLabel[row];
    const kind = labelKind(state, label);
    const value = rowData[row];
    if (kind === Kind.Element) {
      // its declarations stand behind it and hold for its own name too
      const end = value >= SUBTREE ? row + value - SUBTREE : row;
      for (let declared = row + 1; declared <= end && labelKind(state, rowLabel[declared]) >= Kind.Attribute; declared++) {
        const declaredKind = labelKind(state, rowLabel[declared]);
        if (declaredKind === Kind.Declaration) inner.push({ prefix: nameLocal(state, labelName(state, rowLabel[declared])), end });
        else if (declaredKind !== Kind.Attribute) break;
      }
    }
    if (kind === Kind.Element || (kind === Kind.Attribute && namePrefix(state, labelName(state, label)) !== 0)) {
      if (label !== known || inner.length > 0) need(namePrefix(state, labelName(state, label)), nameNs(state, labelName(state, label)));
      known = label;
    }
    if (value < SUBTREE && kind !== Kind.Declaration)
      for (let i = 0; i < scope.length; i += 2) if (hasPrefix(state, value, scope[i])) need(scope[i], scope[i + 1]);
  }
  return needed;
}

/** What is declared above a row, the inner declarations first. */
function declarationsInScope(state: State, first: number): number[] {
  const { rowLabel, rowParent, rowData } = state;
  const scope: number[] = [];
  for (let row = rowParent[first]; row !== 0; row = rowParent[row]) {
    for (let below = row + 1; rowParent[below] === row; below++) {
      const kind = labelKind(state, rowLabel[below]);
      if (kind === Kind.Declaration) {
        const prefix = nameLocal(state, labelName(state, rowLabel[below]));
        if (!scope.some((known, i) => i % 2 === 0 && known === prefix)) scope.push(prefix, rowData[below]);
      } else if (kind !== Kind.Attribute) break;
    }
  }
  return scope;
}

/** Does the string begin with `prefix:`, and something else than a space behind it? */
function hasPrefix(state: State, string: number, prefix: number): boolean {
  if (prefix === 0) return false;
  const { strings, heap } = state;
  const start = strings[string * STRING];
  const from = strings[prefix * STRING];
  const length = strings[prefix * STRING + STRING] - from;
  if (strings[string * STRING + STRING] - start <= length + 1 || heap[start + length] !== 0x3a) return false;
  for (let i = 0; i < length; i++) if (heap[start + i] !== heap[from + i]) return false;
  return heap[start + length + 1] > 0x20;
}
