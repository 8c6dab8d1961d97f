/** What a view shows. Where a whole set of rows enters a plan, ask `showsEverything` first. */
import { stateOf } from './columns.js';
import { Kind, SUBTREE, type View } from './contract.js';
import { labelIsScope, labelKind } from './labels.js';
import { isOpen } from './slots.js';
import type { State } from './state.js';

/** Every row of the columns is visible: no slot is closed, hidden or too young, and no scope element is held back. */
export function showsEverything(view: View): boolean {
  return view.slots === undefined && view.scopes === undefined && view.columns.allAlive && view.revision >= view.columns.revision;
}

export function slotVisible(view: View, slot: number): boolean {
  const { slots } = view;
  // bits end with the slots that existed when they were made; nothing younger is shown
  if (slots !== undefined && ((slots[slot >>> 5] ?? 0) & (1 << (slot & 31))) === 0) return false;
  return isOpen(stateOf(view.columns), slot, view.revision);
}

/** Is the row in a visible slot, and not (in) a scope element that the caller does not operate in? The root is always visible. */
export function rowVisible(view: View, row: number): boolean {
  if (row === 0) return true;
  const state = stateOf(view.columns);
  const { rowParent, rowLabel } = state;
  let top = row;
  for (;;) {
    if (view.scopes !== undefined && scopeHidden(state, view.scopes, top)) return false;
    const parent = rowParent[top];
    if (parent === 0) break;
    top = parent;
  }
  return slotVisible(view, labelKind(state, rowLabel[top]) === Kind.Element ? state.rowLink[top] : 0);
}

/** Is this row a scope element whose scope is not among `scopes`? */
export function scopeHidden(state: State, scopes: ReadonlySet<number>, row: number): boolean {
  return labelIsScope(state, state.rowLabel[row]) && !scopes.has(scopeString(state, row));
}

/** String id of a scope element's text. In canonical resources it is a leaf; elsewhere its first text counts. */
function scopeString(state: State, row: number): number {
  const data = state.rowData[row];
  if (data < SUBTREE) return data;
  for (let inner = row + 1; inner <= row + data - SUBTREE; inner++) {
    if (labelKind(state, state.rowLabel[inner]) === Kind.Text) return state.rowData[inner];
  }
  return 0;
}
