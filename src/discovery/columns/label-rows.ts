/**
 * The rows of each label, ascending, each with its data, in a chain of blocks inside `runs`:
 *
 *     next block | room | row | row | row | … | data | data | data | …
 *
 * The data stand in the row columns too; here a whole label's values are read in one sweep of memory, where going from row to
 * row would miss the caches at each.
 *
 * A label's first block has room for 2 rows and each later one for as many as the label has by then, at most 4096: so
 * thousands of labels with a row or two cost little, and a long list is scanned in long runs.
 */
import type { LabelValues } from './contract.js';
import { BLOCK_END, FIRST_BLOCK, FREE, LAST_BLOCK, ROWS } from './labels.js';
import { grow, LABEL, renewViews, type State } from './state.js';

const HEAD = 2;
const SMALLEST = 2;
const LARGEST = 4096;

export function appendLabelRow(state: State, label: number, row: number): void {
  const at = label * LABEL;
  if (state.labels[at + FREE] === state.labels[at + BLOCK_END]) appendBlock(state, at);
  const { labels } = state;
  const free = labels[at + FREE];
  const { runs } = state;
  runs[free] = row;
  runs[free + runs[labels[at + LAST_BLOCK] + 1]] = state.rowData[row];
  labels[at + FREE] = free + 1;
  Atomics.store(labels, at + ROWS, labels[at + ROWS] + 1);
}

function appendBlock(state: State, at: number): void {
  const { labels, ends } = state;
  const room = Math.min(Math.max(SMALLEST, labels[at + ROWS]), LARGEST);
  // block 0 means none, so the pool starts at word 1
  const block = Math.max(1, ends.runs);
  ends.runs = block + HEAD + 2 * room;
  grow(state, 'runs', ends.runs);
  state.runs[block] = 0;
  state.runs[block + 1] = room;
  if (labels[at + FIRST_BLOCK] === 0) labels[at + FIRST_BLOCK] = block;
  else state.runs[labels[at + LAST_BLOCK]] = block;
  labels[at + LAST_BLOCK] = block;
  labels[at + FREE] = block + HEAD;
  labels[at + BLOCK_END] = block + HEAD + room;
}

export function labelRowCount(state: State, label: number): number {
  return Atomics.load(state.labels, label * LABEL + ROWS);
}

/** The published rows of a label, block by block. */
export function* labelRuns(state: State, label: number): Generator<Uint32Array, void, undefined> {
  for (const [from, to] of publishedBlocks(state, label)) yield state.runs.subarray(from, to);
}

/** The published rows of a label and their data, block by block. */
export function* labelValues(state: State, label: number): Generator<LabelValues, void, undefined> {
  for (const [from, to, room] of publishedBlocks(state, label)) {
    yield { rows: state.runs.subarray(from, to), data: state.runs.subarray(from + room, to + room) };
  }
}

/** First word, end and room of the published part of each block. */
function* publishedBlocks(state: State, label: number): Generator<readonly [number, number, number], void, undefined> {
  let left = labelRowCount(state, label);
  for (let block = state.labels[label * LABEL + FIRST_BLOCK]; left > 0; block = state.runs[block]) {
    if (block + HEAD + 2 * LARGEST > state.runs.length) renewViews(state);
    const room = state.runs[block + 1];
    const filled = Math.min(room, left);
    left -= filled;
    const from = block + HEAD;
    const to = publishedEnd(state, from, from + filled);
    if (to > from) yield [from, to, room];
    if (to < from + filled) return;
  }
}

/** Rows are ascending: cuts off those that are not published yet. */
function publishedEnd(state: State, from: number, to: number): number {
  const { runs, seen } = state;
  if (to === from || runs[to - 1] < seen.rows) return to;
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle] < seen.rows) low = middle + 1;
    else high = middle;
  }
  return low;
}
