/**
 * Who sees what. A row that enters a plan (from a label's list, a posting, an id, the root's children) is asked for here; rows
 * reached by walking within a visible resource need no question but whether a scope element is shown.
 */
import { Kind } from '../columns/contract.js';
import { MISS, SCOPED, slotStarts } from './facts.js';
import { lowerBound } from './order.js';
import { lastRow, type Run } from './run.js';

export function slotVisible(run: Run, slot: number): boolean {
  const { slots } = run.columns;
  const { revision, slots: bits } = run.view;
  if (bits !== undefined && (slot >>> 5 >= bits.length || (bits[slot >>> 5] & (1 << (slot & 31))) === 0)) return false;
  return slots.born(slot) <= revision && slots.died(slot) > revision;
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

/**
 * Asks rows, mostly ascending, whether their resource is visible. Resources lie one behind the other, so a row's is found in
 * the list of their beginnings, and rows of one resource are answered together.
 */
export function inVisibleResource(run: Run): (row: number) => boolean {
  if (run.all) return () => true;
  const starts = slotStarts(run.facts);
  const last = starts.length - 1;
  let slot = 0;
  let from = 1;
  let to = 0;
  let visible = false;
  return (row) => {
    if (row >= from && row <= to) return visible;
    if (row === 0) return true;
    slot = Math.max(0, lowerBound(starts, row + 1, row > to ? slot : 0) - 1);
    from = starts[slot];
    to = slot < last ? starts[slot + 1] - 1 : run.rowCount;
    visible = slotVisible(run, slot);
    return visible;
  };
}

/** Rows below the root node that are visible, ascending: resources, or a document's root element with comments and instructions beside it. */
export function rootRows(run: Run): Uint32Array {
  run.roots ??= run.facts.rootsAreResources ? visibleResources(run) : visibleRoots(run);
  return run.roots;
}

function visibleResources(run: Run): Uint32Array {
  const starts = slotStarts(run.facts);
  run.meter.spend(starts.length >>> 2);
  return run.all ? starts : starts.filter((_, slot) => slotVisible(run, slot));
}

function visibleRoots(run: Run): Uint32Array {
  const found: number[] = [];
  for (let row = 1; row < run.rowCount; row = lastRow(run, row) + 1) {
    if (rowVisible(run, row)) found.push(row);
    run.meter.spend(2);
  }
  return Uint32Array.from(found);
}

/** The same in publication order. */
export function rootsInOrder(run: Run): Uint32Array {
  if (run.ordered) return rootRows(run);
  if (run.orderedRoots === undefined) {
    const { slots } = run.columns;
    const ordinals = new Map<number, number>();
    for (const row of rootRows(run)) ordinals.set(row, slots.ordinal(run.link[row]));
    run.orderedRoots = rootRows(run)
      .slice()
      .sort((a, b) => (ordinals.get(a) as number) - (ordinals.get(b) as number));
    run.meter.spend(ordinals.size * 4);
  }
  return run.orderedRoots;
}

/** What orders resources: publication, or where the row stands when that is the same. */
export function ordinalOf(run: Run, root: number): number {
  return run.ordered ? root : run.columns.slots.ordinal(run.link[root]);
}
