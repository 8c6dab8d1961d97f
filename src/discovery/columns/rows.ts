/**
 * Appending rows. A document is first written below the rows that exist (`appendRow`), where nothing leads to it: if it turns
 * out to be malformed, the end goes back and nobody has seen it. Then its rows enter their labels' lists and the postings
 * (`indexRows`), and at last they are published.
 */
import { Kind, SUBTREE } from './contract.js';
import { appendLabelRow } from './label-rows.js';
import { labelKind } from './labels.js';
import { appendPosting } from './postings.js';
import { grow, type State } from './state.js';

/** Nodes are 2 * row + 1 and must fit into 32 bits. */
const MOST_ROWS = 2 ** 31 - 1;

/** Makes room for `more` rows, so that appending need not look. */
export function reserveRows(state: State, more: number): void {
  const wanted = state.ends.rows + more;
  if (wanted > MOST_ROWS) throw new Error(`The columns are full: ${MOST_ROWS} rows are all that nodes can number`);
  grow(state, 'rowLabel', wanted);
  grow(state, 'rowParent', wanted);
  grow(state, 'rowData', wanted);
  grow(state, 'rowLink', wanted);
}

export function appendRow(state: State, label: number, parent: number, data: number): number {
  const row = state.ends.rows++;
  state.rowLabel[row] = label;
  state.rowParent[row] = parent;
  state.rowData[row] = data;
  state.rowLink[row] = 0;
  return row;
}

/** Enters rows [from, to) into label lists and postings. Namespace declarations have no postings: nobody asks for them by value. */
export function indexRows(state: State, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const label = state.rowLabel[row];
    const data = state.rowData[row];
    appendLabelRow(state, label, row);
    if (data < SUBTREE && labelKind(state, label) !== Kind.Declaration) appendPosting(state, row, label, data);
    else state.rowLink[row] = 0;
  }
}
