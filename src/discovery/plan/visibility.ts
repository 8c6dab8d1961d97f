/**
 * Who sees what. A row that enters a plan (from a label's list, a posting, an id, the root's children) is asked for here; rows
 * reached by walking within a visible resource need no question but whether a scope element is shown.
 */
import { Kind } from '../columns/contract.js';
import { MISS, SCOPED } from './facts.js';
import type { Run } from './run.js';

export function slotVisible(run: Run, slot: number): boolean {
  const { slots } = run.columns;
  const { revision, slots: bits } = run.view;
  if (slots.born(slot) > revision || slots.died(slot) <= revision) return false;
  return bits === undefined || (slot >>> 5 < bits.length && (bits[slot >>> 5] & (1 << (slot & 31))) !== 0);
}

/** The root element's row of the resource a row belongs to (the row itself for nodes beside a document's root element). */
export function resourceRow(run: Run, row: number): number {
  const { parent } = run;
  let top = row;
  for (let above = parent[top]; above !== 0; above = parent[top]) top = above;
  return top;
}

/** Is the resource of this row visible? Row 0 always is. */
export function rowVisible(run: Run, row: number): boolean {
  if (run.all || row === 0) return true;
  const top = resourceRow(run, row);
  return slotVisible(run, run.facts.kind[run.label[top]] === Kind.Element ? run.link[top] : 0);
}

/** A table's answer for a row inside a visible resource. */
export function shown(run: Run, answer: number, row: number): boolean {
  return answer !== MISS && (answer !== SCOPED || run.scopes === undefined || run.scopes.has(run.data[row]));
}

/** Is this row a scope element that the caller does not see? */
export function isHidden(run: Run, row: number): boolean {
  return run.scopes !== undefined && run.facts.scoped[run.label[row]] === 1 && !run.scopes.has(run.data[row]);
}

/** Rows below the root node that are visible, ascending: resources, or a document's root element with comments and instructions beside it. */
export function rootRows(run: Run): Uint32Array {
  if (run.roots === undefined) {
    const found: number[] = [];
    for (let row = 1; row < run.rowCount; ) {
      const data = run.data[row];
      if (rowVisible(run, row)) found.push(row);
      row += data >= 0x8000_0000 && run.facts.kind[run.label[row]] === Kind.Element ? data - 0x8000_0000 + 1 : 1;
      run.meter.spend(2);
    }
    run.roots = Uint32Array.from(found);
  }
  return run.roots;
}

/** The same in publication order. */
export function rootsInOrder(run: Run): Uint32Array {
  if (run.ordered) return rootRows(run);
  if (run.orderedRoots === undefined) {
    const { slots } = run.columns;
    const ordinals = new Map<number, number>();
    for (const row of rootRows(run)) ordinals.set(row, slots.ordinal(run.link[row]));
    run.orderedRoots = rootRows(run).slice().sort((a, b) => (ordinals.get(a) as number) - (ordinals.get(b) as number));
    run.meter.spend(ordinals.size * 4);
  }
  return run.orderedRoots;
}

/** What orders resources: publication, or where the row stands when that is the same. */
export function ordinalOf(run: Run, root: number): number {
  return run.ordered ? root : run.columns.slots.ordinal(run.link[root]);
}
