/**
 * Where rows enter a plan: all visible nodes of some classes, or those whose string passes a test.
 *
 *     rows        labels → their lists of rows                    (existence, wildcards)
 *     postings    (label, string) → chain of rows                 (equality, membership in a few strings)
 *     scan        a label's rows, the string of each tested once  (ranges, contains, …)
 */
import { SUBTREE } from '../columns/contract.js';
import { type Classes, rowsUnder, tableOf } from './classes.js';
import { CHAIN } from './estimate.js';
import { slotStarts } from './facts.js';
import { NodeBuffer } from './node-buffer.js';
import { asSet, lowerBound } from './order.js';
import { lastRow, type Run } from './run.js';
import type { StringTest } from './value-test.js';
import { inVisibleResource, rootRows, slotVisible } from './visibility.js';

/** Is the row's resource visible, and the row itself, whose data are given, if it is a scope element? */
type Seen = (row: number, data: number) => boolean;

const ALWAYS: Seen = () => true;

function seenBy(run: Run, label: number): Seen {
  const { all, scopes, facts } = run;
  if (facts.scoped[label] === 0 || scopes === undefined) return all ? ALWAYS : inVisibleResource(run);
  const resource = all ? ALWAYS : inVisibleResource(run);
  return (row, data) => scopes.has(data) && resource(row, data);
}

/** How many visible nodes the classes have. From the label lists alone where everything is visible. */
export function countClasses(run: Run, classes: Classes): number {
  let count = 0;
  for (const label of classes.rows) {
    const seen = seenBy(run, label);
    if (label === 0) count++;
    else if (seen === ALWAYS) for (const rows of run.columns.labels.runs(label)) count += rows.length;
    else if (run.facts.scoped[label] === 0 || run.scopes === undefined) count += countVisible(run, label);
    else count += countSeen(run, label, 0, seen);
  }
  for (const label of classes.texts) count += countSeen(run, label, 1, seenBy(run, label));
  return count;
}

function countSeen(run: Run, label: number, text: 0 | 1, seen: Seen): number {
  let count = 0;
  for (const { rows, data } of run.columns.labels.values(label)) {
    for (let i = 0; i < rows.length; i++) if ((text === 0 || hasText(data[i])) && seen(rows[i], data[i])) count++;
    run.meter.spend(rows.length);
  }
  return count;
}

/** All rows of the label but those in resources that are not visible: often few. */
function countVisible(run: Run, label: number): number {
  const rows = rowsOfLabel(run, label);
  const starts = slotStarts(run.facts);
  let count = rows.length;
  let from = 0;
  for (let slot = 0; slot < starts.length; slot++) {
    if (slotVisible(run, slot)) continue;
    from = lowerBound(rows, starts[slot], from);
    const to = slot + 1 < starts.length ? lowerBound(rows, starts[slot + 1], from) : rows.length;
    count -= to - from;
    from = to;
  }
  run.meter.spend(starts.length);
  return count;
}

/** Data of a leaf that is not empty. */
function hasText(data: number): boolean {
  return data < SUBTREE && data !== 0;
}

/** All visible nodes of the classes. */
export function nodesOfClasses(run: Run, classes: Classes): Uint32Array {
  const expected = rowsUnder(run, classes);
  const lone = classes.rows.length === 1 && classes.texts.length === 0;
  if (!lone && expected > run.rowCount >>> 2) return sweep(run, classes);
  const out = new NodeBuffer(run.meter, Math.max(16, Math.min(expected, 1 << 20)));
  for (const label of classes.rows) {
    if (label === 0) out.push(0);
    else nodesOfLabel(run, label, 0, out);
  }
  for (const label of classes.texts) nodesOfLabel(run, label, 1, out);
  return asSet(run, out);
}

/** `text`: 0 for the rows themselves, 1 for the text children of leaf rows. */
function nodesOfLabel(run: Run, label: number, text: 0 | 1, out: NodeBuffer): void {
  const seen = seenBy(run, label);
  for (const { rows, data } of run.columns.labels.values(label)) {
    if (seen === ALWAYS && text === 0) out.pushAll(rows, 2);
    else for (let i = 0; i < rows.length; i++) if ((text === 0 || hasText(data[i])) && seen(rows[i], data[i])) out.push(rows[i] * 2 + text);
    run.meter.spend(rows.length >>> 1);
  }
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

/** `text`: 0 for the rows themselves, 1 for the text children of leaf rows. */
function passingRows(run: Run, label: number, test: StringTest, text: 0 | 1, out: NodeBuffer): void {
  const mayBeInner = text === 0 && run.facts.inner[label] === 1;
  if (test.ids !== undefined) {
    const length = chainLength(run, label, test.ids);
    if (length === 0 && !mayBeInner) return;
    if (length * CHAIN < run.columns.labels.rowCount(label)) {
      const seen = seenBy(run, label);
      chains(run, label, test.ids, text, seen, out);
      if (mayBeInner) innerRows(run, label, test, seen, out);
      return;
    }
  }
  const seen = seenBy(run, label);
  if (test.ids?.length === 1 && !mayBeInner) {
    equalRows(run, label, test.ids[0], text, seen, out);
    return;
  }
  for (const { rows, data } of run.columns.labels.values(label)) {
    for (let i = 0; i < rows.length; i++) {
      const string = data[i];
      if (string < SUBTREE) {
        if (!(text === 1 && string === 0) && test.pass(string) && seen(rows[i], string)) out.push(rows[i] * 2 + text);
      } else if (text === 0 && seen(rows[i], string) && test.passNode(rows[i] * 2)) out.push(rows[i] * 2);
    }
    run.meter.spend(rows.length);
  }
}

/** Rows in all chains of these strings, dead ones included. */
function chainLength(run: Run, label: number, ids: readonly number[]): number {
  let length = 0;
  for (const id of ids) length += run.columns.postings.count(label, id);
  run.meter.spend(ids.length * 2);
  return length;
}

/** One comparison a value: the plainest loop there is. */
function equalRows(run: Run, label: number, id: number, text: 0 | 1, seen: Seen, out: NodeBuffer): void {
  if (text === 1 && id === 0) return;
  for (const { rows, data } of run.columns.labels.values(label)) {
    if (seen === ALWAYS) out.pushEqual(rows, data, id, text);
    else for (let i = 0; i < data.length; i++) if (data[i] === id && seen(rows[i], id)) out.push(rows[i] * 2 + text);
    run.meter.spend(rows.length >>> 1);
  }
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
      if (seen(row, id)) out.push(row * 2 + text);
      if ((++steps & 255) === 0) run.meter.spend(1024);
    }
    // a chain runs from the newest row to the oldest
    out.reverse(from, before);
  }
}

/** Elements with several texts: their strings are in no posting. */
function innerRows(run: Run, label: number, test: StringTest, seen: Seen, out: NodeBuffer): void {
  for (const { rows, data } of run.columns.labels.values(label)) {
    for (let i = 0; i < rows.length; i++) {
      if (data[i] >= SUBTREE && seen(rows[i], data[i]) && test.passNode(rows[i] * 2)) out.push(rows[i] * 2);
    }
    run.meter.spend(rows.length);
  }
}

/** All rows of a label, dead and hidden ones included, in one piece. */
export function rowsOfLabel(run: Run, label: number): Uint32Array {
  const { labels } = run.columns;
  const rows = new Uint32Array(labels.rowCount(label));
  let at = 0;
  for (const part of labels.runs(label)) {
    rows.set(part, at);
    at += part.length;
  }
  run.meter.spend(at >>> 4);
  return rows.subarray(0, at);
}

/** The same, and their data. */
export function valuesOfLabel(run: Run, label: number): { readonly rows: Uint32Array; readonly data: Uint32Array } {
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
