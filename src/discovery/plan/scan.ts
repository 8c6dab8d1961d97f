/**
 * Where rows enter a plan: all visible nodes of some classes, or those whose string passes a test.
 *
 *     rows        labels → their lists of rows                    (existence, wildcards)
 *     postings    (label, string) → chain of rows                 (equality, membership in a few strings)
 *     scan        a label's rows, the string of each tested once  (ranges, contains, …)
 */
import { Kind, SUBTREE } from '../columns/contract.js';
import { type Classes, rowsUnder, tableOf } from './classes.js';
import { NodeBuffer } from './node-buffer.js';
import { asSet } from './order.js';
import { lastRow, type Run } from './run.js';
import type { StringTest } from './value-test.js';
import { resourceRow, rootRows, slotVisible } from './visibility.js';

/** Is the row's resource visible, and the row itself if it is a scope element? Rows of one resource are answered together. */
type Seen = (row: number) => boolean;

const ALWAYS: Seen = () => true;

/** `scoped`: the rows asked for are scope elements. */
function seenBy(run: Run, scoped: boolean): Seen {
  const { all, scopes, data } = run;
  if (!scoped || scopes === undefined) return all ? ALWAYS : inVisibleSlot(run);
  const resource = all ? ALWAYS : inVisibleSlot(run);
  return (row) => scopes.has(data[row]) && resource(row);
}

/** Slots ahead that are looked at in turn before the row's own is found by climbing. */
const AHEAD = 32;

/** Rows mostly come ascending and slots stand in row order: the next row's slot is found by going on from the last one's. */
function inVisibleSlot(run: Run): Seen {
  const { slots } = run.columns;
  const { facts } = run;
  let slot = -1;
  let from = 1;
  let to = 0;
  let visible = false;
  return (row) => {
    if (row >= from && row <= to) return visible;
    if (row === 0) return true;
    for (let ahead = 0; ahead < AHEAD && row > to && slot + 1 < slots.count; ahead++) {
      slot++;
      from = slots.row(slot);
      to = slot + 1 < slots.count ? slots.row(slot + 1) - 1 : run.rowCount - 1;
    }
    if (row < from || row > to) {
      from = resourceRow(run, row);
      to = lastRow(run, from);
      slot = facts.kind[run.label[from]] === Kind.Element ? run.link[from] : 0;
    }
    visible = slotVisible(run, slot);
    return visible;
  };
}

/** How many visible nodes the classes have. From the label lists alone where everything is visible. */
export function countClasses(run: Run, classes: Classes): number {
  let count = 0;
  for (const label of classes.rows) {
    if (label === 0) {
      count++;
      continue;
    }
    const seen = seenBy(run, run.facts.scoped[label] === 1);
    for (const rows of run.columns.labels.runs(label)) {
      if (seen === ALWAYS) count += rows.length;
      else for (let i = 0; i < rows.length; i++) if (seen(rows[i])) count++;
      run.meter.spend(seen === ALWAYS ? 1 : rows.length);
    }
  }
  for (const label of classes.texts) {
    const seen = seenBy(run, run.facts.scoped[label] === 1);
    for (const { rows, data } of run.columns.labels.values(label)) {
      for (let i = 0; i < rows.length; i++) if (data[i] < SUBTREE && data[i] !== 0 && seen(rows[i])) count++;
      run.meter.spend(rows.length);
    }
  }
  return count;
}

/** All visible nodes of the classes. */
export function nodesOfClasses(run: Run, classes: Classes): Uint32Array {
  const expected = rowsUnder(run, classes);
  if (expected > run.rowCount >>> 2) return sweep(run, classes);
  const out = new NodeBuffer(run.meter, Math.max(16, Math.min(expected, 1 << 20)));
  for (const label of classes.rows) {
    if (label === 0) {
      out.push(0);
      continue;
    }
    const seen = seenBy(run, run.facts.scoped[label] === 1);
    for (const rows of run.columns.labels.runs(label)) {
      for (let i = 0; i < rows.length; i++) if (seen(rows[i])) out.push(rows[i] * 2);
      run.meter.spend(rows.length >>> 1);
    }
  }
  for (const label of classes.texts) {
    const seen = seenBy(run, run.facts.scoped[label] === 1);
    for (const { rows, data } of run.columns.labels.values(label)) {
      for (let i = 0; i < rows.length; i++) if (data[i] < SUBTREE && data[i] !== 0 && seen(rows[i])) out.push(rows[i] * 2 + 1);
      run.meter.spend(rows.length >>> 1);
    }
  }
  return asSet(run, out);
}

/** Most labels are wanted: one pass over the rows is cheaper than putting their lists in order. */
function sweep(run: Run, classes: Classes): Uint32Array {
  const out = new NodeBuffer(run.meter, 1 << 16);
  const rows = tableOf(run, classes.rows);
  const texts = tableOf(run, classes.texts);
  const { label, data, facts, scopes } = run;
  if (rows[0] === 1) out.push(0);
  const part = (from: number, to: number): void => {
    for (let row = from; row <= to; row++) {
      const own = label[row];
      const shown = scopes === undefined || facts.scoped[own] === 0 || scopes.has(data[row]);
      if (rows[own] === 1 && shown) out.push(row * 2);
      if (texts[own] === 1 && data[row] < SUBTREE && data[row] !== 0 && shown) out.push(row * 2 + 1);
      if ((row & 1023) === 0) run.meter.spend(512);
    }
  };
  if (run.all) part(1, run.rowCount - 1);
  else for (const root of rootRows(run)) part(root, lastRow(run, root));
  return asSet(run, out);
}

/** The visible nodes of the classes whose string-value passes. */
export function nodesPassing(run: Run, classes: Classes, test: StringTest): Uint32Array {
  const out = new NodeBuffer(run.meter);
  for (const label of classes.rows) {
    if (label === 0) {
      if (test.passNode(0)) out.push(0);
    } else passingRows(run, label, test, 0, out);
  }
  for (const label of classes.texts) passingRows(run, label, test, 1, out);
  return asSet(run, out);
}

/** Going along a chain misses the caches at every row; a scan reads values that stand side by side. */
const CHAIN = 16;

/** `text`: 0 for the rows themselves, 1 for the text children of leaf rows. */
function passingRows(run: Run, label: number, test: StringTest, text: 0 | 1, out: NodeBuffer): void {
  const seen = seenBy(run, run.facts.scoped[label] === 1);
  if (test.ids !== undefined && chainsAreShorter(run, label, test.ids)) {
    chains(run, label, test.ids, text, seen, out);
    if (run.facts.inner[label] === 1 && text === 0) innerRows(run, label, test, seen, out);
    return;
  }
  const only = test.ids?.length === 1 ? test.ids[0] : -1;
  for (const { rows, data } of run.columns.labels.values(label)) {
    for (let i = 0; i < rows.length; i++) {
      const string = data[i];
      if (string < SUBTREE) {
        if ((only >= 0 ? string === only : test.pass(string)) && !(text === 1 && string === 0) && seen(rows[i])) out.push(rows[i] * 2 + text);
      } else if (text === 0 && seen(rows[i]) && test.passNode(rows[i] * 2)) out.push(rows[i] * 2);
    }
    run.meter.spend(rows.length);
  }
}

function chainsAreShorter(run: Run, label: number, ids: readonly number[]): boolean {
  const { labels, postings } = run.columns;
  const rows = labels.rowCount(label);
  if (rows < 64) return false;
  let length = ids.length;
  for (const id of ids) length += postings.count(label, id);
  return length * CHAIN < rows;
}

function chains(run: Run, label: number, ids: readonly number[], text: 0 | 1, seen: Seen, out: NodeBuffer): void {
  const { postings } = run.columns;
  const { link } = run;
  for (const id of ids) {
    run.meter.spend(4);
    if (text === 1 && id === 0) continue;
    let steps = 0;
    const from = out.length;
    const before = out.ascending;
    for (let row = postings.head(label, id); row !== 0; row = link[row]) {
      if (seen(row)) out.push(row * 2 + text);
      if ((++steps & 1023) === 0) run.meter.spend(2048);
    }
    // a chain runs from the newest row to the oldest
    out.reverse(from, before);
  }
}

/** Elements with several texts: their strings are in no posting. */
function innerRows(run: Run, label: number, test: StringTest, seen: Seen, out: NodeBuffer): void {
  for (const { rows, data } of run.columns.labels.values(label)) {
    for (let i = 0; i < rows.length; i++) {
      if (data[i] >= SUBTREE && seen(rows[i]) && test.passNode(rows[i] * 2)) out.push(rows[i] * 2);
    }
    run.meter.spend(rows.length);
  }
}

/** All rows of a label, dead and hidden ones included, in one piece, and their data. */
export function rowsOfLabel(run: Run, label: number): { readonly rows: Uint32Array; readonly data: Uint32Array } {
  const { labels } = run.columns;
  const rows = new Uint32Array(labels.rowCount(label));
  const data = new Uint32Array(rows.length);
  let at = 0;
  for (const values of labels.values(label)) {
    rows.set(values.rows, at);
    data.set(values.data, at);
    at += values.rows.length;
  }
  run.meter.spend(at >>> 3);
  return { rows: rows.subarray(0, at), data: data.subarray(0, at) };
}
