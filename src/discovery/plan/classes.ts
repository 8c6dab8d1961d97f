/**
 * Classes: which labels the nodes at some place of a plan can have. Steps are taken on the path summary first, where
 * hundreds of labels stand for millions of rows; only then rows are touched.
 *
 *     /r:resource/c:cluster/c:status     {root} → {/resource} → {/resource/c:cluster} → {/resource/c:cluster/c:status}
 */
import { Kind } from '../columns/contract.js';
import type { Axis } from '../syntax/index.js';
import { type Facts, type Match, MISS, matchOf } from './facts.js';
import type { Run } from './run.js';
import type { PlanStep } from './tree.js';

/** Labels in ascending order. `texts`: the text children of leaf rows under these labels. */
export interface Classes {
  readonly rows: readonly number[];
  readonly texts: readonly number[];
}

export const ROOT: Classes = { rows: [0], texts: [] };
export const NOTHING: Classes = { rows: [], texts: [] };

/** Axes on which labels tell exactly what is reached: every node of the classes lies on the path. */
export const DOWN: ReadonlySet<Axis> = new Set<Axis>(['child', 'attribute', 'descendant', 'descendant-or-self', 'self']);

interface Known {
  /** of which columns, and when */
  readonly facts: Facts;
  readonly version: number;
  readonly from: Classes;
  readonly to: Classes;
}

const known = new WeakMap<PlanStep, Known>();

/** Where the step leads from these classes; a superset for axes that run sideways. Undefined for the namespace axis. */
export function stepClasses(run: Run, from: Classes, step: PlanStep): Classes | undefined {
  if (step.axis === 'namespace') return undefined;
  const before = known.get(step);
  if (before !== undefined && before.from === from && before.facts === run.facts && before.version === run.facts.version) return before.to;
  const to = resolve(run, from, step.axis, matchOf(run.facts, step.test));
  known.set(step, { facts: run.facts, version: run.facts.version, from, to });
  return to;
}

function resolve(run: Run, from: Classes, axis: Axis, match: Match): Classes {
  const { kind, parent, count } = run.facts;
  const rows = new Set<number>();
  const texts = new Set<number>();
  const self = (label: number): void => {
    if (kind[label] === Kind.Attribute ? match.any : match.content[label] !== MISS) rows.add(label);
  };
  const content = (label: number): void => {
    if (match.content[label] !== MISS) rows.add(label);
    if (match.text && kind[label] === Kind.Element) texts.add(label);
  };
  switch (axis) {
    case 'child':
      for (const label of from.rows) {
        if (match.text && kind[label] === Kind.Element) texts.add(label);
        for (const child of childLabels(run, label)) if (match.content[child] !== MISS) rows.add(child);
      }
      break;
    case 'attribute':
      for (const label of from.rows) for (const child of childLabels(run, label)) if (match.attributes[child] !== MISS) rows.add(child);
      break;
    case 'self':
      from.rows.forEach(self);
      if (match.text) for (const label of from.texts) texts.add(label);
      break;
    case 'descendant':
    case 'descendant-or-self': {
      if (axis === 'descendant-or-self') {
        from.rows.forEach(self);
        if (match.text) for (const label of from.texts) texts.add(label);
      }
      const below = new Uint8Array(count);
      for (const label of from.rows) below[label] = 1;
      if (match.text) for (const label of from.rows) if (kind[label] === Kind.Element) texts.add(label);
      // a parent's number is smaller than its children's
      for (let label = 1; label < count; label++) {
        if (below[parent[label]] === 0) continue;
        below[label] = 1;
        content(label);
      }
      break;
    }
    case 'parent':
      for (const label of from.texts) self(label);
      for (const label of from.rows) if (label !== 0) self(parent[label]);
      break;
    case 'ancestor':
    case 'ancestor-or-self': {
      if (axis === 'ancestor-or-self') {
        from.rows.forEach(self);
        if (match.text) for (const label of from.texts) texts.add(label);
      }
      const above = new Set<number>(from.texts);
      for (const label of [...from.rows, ...from.texts]) for (let at = label; at !== 0; at = parent[at]) above.add(parent[at]);
      above.forEach(self);
      break;
    }
    case 'following':
    case 'preceding':
      for (let label = 1; label < count; label++) content(label);
      break;
    case 'following-sibling':
    case 'preceding-sibling':
      for (const above of new Set(
        from.rows.filter((label) => label !== 0 && kind[label] !== Kind.Attribute).map((label) => parent[label]),
      )) {
        for (const child of childLabels(run, above)) if (match.content[child] !== MISS) rows.add(child);
      }
      break;
  }
  return { rows: sorted(rows), texts: sorted(texts) };
}

function sorted(labels: Set<number>): number[] {
  return [...labels].sort((a, b) => a - b);
}

function* childLabels(run: Run, label: number): Generator<number, void, undefined> {
  const { labels } = run.columns;
  for (let child = labels.firstChild(label); child !== 0 && child < run.facts.count; child = labels.nextSibling(child)) yield child;
}

/** The classes of given nodes; undefined when there are nodes among them that no row stands for. */
export function classesOf(run: Run, nodes: Uint32Array): Classes | undefined {
  if (nodes.length > 0 && nodes[nodes.length - 1] >= 0xf000_0000) return undefined;
  const rows = new Uint8Array(run.facts.count);
  const texts = new Uint8Array(run.facts.count);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node & 1) texts[run.label[node >>> 1]] = 1;
    else rows[run.label[node >>> 1]] = 1;
  }
  run.meter.spend(nodes.length >>> 3);
  return { rows: marked(rows), texts: marked(texts) };
}

function marked(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let label = 0; label < bytes.length; label++) if (bytes[label] === 1) found.push(label);
  return found;
}

/** A byte per label: is it one of these? */
export function tableOf(run: Run, labels: readonly number[]): Uint8Array {
  const table = new Uint8Array(run.facts.count);
  for (const label of labels) table[label] = 1;
  return table;
}

/** Rows under the labels, dead and hidden ones included: what an estimate goes by. */
export function rowsUnder(run: Run, classes: Classes): number {
  const { labels } = run.columns;
  let rows = 0;
  for (const label of classes.rows) rows += label === 0 ? 1 : labels.rowCount(label);
  for (const label of classes.texts) rows += labels.rowCount(label);
  return rows;
}
