/**
 * Sets of nodes: ascending arrays without doubles. Ascending is document order within a resource, and between resources as
 * long as nothing was replaced; `inOrder` makes document order of it where that matters (answers, first nodes, positions).
 */
import { MADE, madeNode } from './made-nodes.js';
import { NO_NODES, type NodeBuffer } from './node-buffer.js';
import type { Run } from './run.js';
import { ordinalOf, resourceRow } from './visibility.js';

/** A buffer's nodes as a set. */
export function asSet(run: Run, buffer: NodeBuffer): Uint32Array {
  return buffer.ascending ? buffer.list() : sortUnique(run, buffer.list().slice());
}

/** Sorts in place and drops doubles. */
export function sortUnique(run: Run, nodes: Uint32Array): Uint32Array {
  if (isAscending(nodes)) return nodes;
  if (nodes.length > 16_384 && nodes.length > run.rowCount >>> 7) return throughBitmap(run, nodes);
  run.meter.spend(nodes.length);
  nodes.sort();
  return dropDoubles(nodes);
}

function isAscending(nodes: Uint32Array): boolean {
  for (let i = 1; i < nodes.length; i++) if (nodes[i - 1] >= nodes[i]) return false;
  return true;
}

function dropDoubles(nodes: Uint32Array): Uint32Array {
  let kept = 0;
  for (let i = 0; i < nodes.length; i++) {
    if (i === 0 || nodes[i] !== nodes[i - 1]) nodes[kept++] = nodes[i];
  }
  return nodes.subarray(0, kept);
}

/** Many nodes are sorted by marking them: a bit each, read out in order. */
function throughBitmap(run: Run, nodes: Uint32Array): Uint32Array {
  const bits = new Uint32Array(((run.rowCount * 2) >>> 5) + 1);
  const made: number[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    if (node >= MADE) made.push(node);
    else bits[node >>> 5] |= 1 << (node & 31);
    if ((i & 4095) === 0) run.meter.spend(2048);
  }
  const result = nodes;
  let length = 0;
  for (let word = 0; word < bits.length; word++) {
    let left = bits[word];
    if ((word & 4095) === 0) run.meter.spend(1024);
    while (left !== 0) {
      result[length++] = word * 32 + (31 - Math.clz32(left & -left));
      left &= left - 1;
    }
  }
  for (const node of Uint32Array.from(new Set(made)).sort()) result[length++] = node;
  return result.subarray(0, length);
}

/** Nodes waiting to be united; more are united at once, so that many large sets do not pile up. */
const PILE = 1 << 20;

/** Union of sets that are made one after the other. */
export function uniteAll(run: Run, sets: Iterable<Uint32Array>): Uint32Array {
  let pile: Uint32Array[] = [];
  let height = 0;
  for (const set of sets) {
    pile.push(set);
    height += set.length;
    if (height < PILE || pile.length < 2) continue;
    pile = [unite(run, pile)];
    height = pile[0].length >>> 1;
  }
  return unite(run, pile);
}

/** Union of sets. */
export function unite(run: Run, sets: readonly Uint32Array[]): Uint32Array {
  const full = sets.filter((set) => set.length > 0);
  if (full.length === 0) return NO_NODES;
  if (full.length === 1) return full[0];
  let length = 0;
  for (const set of full) length += set.length;
  if (full.length === 2) return merge(run, full[0], full[1]);
  const all = new Uint32Array(length);
  let at = 0;
  for (const set of full) {
    all.set(set, at);
    at += set.length;
  }
  return sortUnique(run, all);
}

function merge(run: Run, a: Uint32Array, b: Uint32Array): Uint32Array {
  run.meter.spend((a.length + b.length) >>> 2);
  const result = new Uint32Array(a.length + b.length);
  let i = 0;
  let j = 0;
  let length = 0;
  while (i < a.length && j < b.length) {
    const x = a[i];
    const y = b[j];
    result[length++] = x < y ? x : y;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  for (; i < a.length; i++) result[length++] = a[i];
  for (; j < b.length; j++) result[length++] = b[j];
  return result.subarray(0, length);
}

export function intersect(run: Run, a: Uint32Array, b: Uint32Array): Uint32Array {
  return a.length > b.length ? sift(run, b, a, true) : sift(run, a, b, true);
}

export function without(run: Run, a: Uint32Array, b: Uint32Array): Uint32Array {
  return b.length === 0 ? a : sift(run, a, b, false);
}

/** The nodes of `a` that are (or are not) in `b`. Walks both; leaps through `b` where it is much the longer. */
function sift(run: Run, a: Uint32Array, b: Uint32Array, present: boolean): Uint32Array {
  run.meter.spend((a.length + Math.min(b.length, a.length * 8)) >>> 2);
  const result = new Uint32Array(a.length);
  const leap = b.length > a.length * 16;
  let length = 0;
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    const node = a[i];
    if (leap) j = lowerBound(b, node, j);
    else while (j < b.length && b[j] < node) j++;
    if ((j < b.length && b[j] === node) === present) result[length++] = node;
  }
  return result.subarray(0, length);
}

/** First place at or after `from` whose node is not less. Gallops, so that short distances cost little. */
export function lowerBound(nodes: Uint32Array, node: number, from = 0): number {
  let step = 1;
  let low = from;
  let high = from;
  while (high < nodes.length && nodes[high] < node) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  if (high > nodes.length) high = nodes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (nodes[middle] < node) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Asks for membership many times: by bisection in small sets, by a bitmap in large ones. */
export function memberOf(run: Run, set: Uint32Array): (node: number) => boolean {
  if (set.length === 0) return () => false;
  if (set.length < 64 || set[set.length - 1] >= MADE) {
    return (node) => {
      const at = lowerBound(set, node);
      return at < set.length && set[at] === node;
    };
  }
  const bits = new Uint32Array(((run.rowCount * 2) >>> 5) + 1);
  for (let i = 0; i < set.length; i++) {
    bits[set[i] >>> 5] |= 1 << (set[i] & 31);
    if ((i & 4095) === 0) run.meter.spend(2048);
  }
  return (node) => node < MADE && (bits[node >>> 5] & (1 << (node & 31))) !== 0;
}

/** The nodes in document order. */
export function inOrder(run: Run, nodes: Uint32Array): Uint32Array {
  if (nodes.length < 2) return nodes;
  if (run.ordered && nodes[nodes.length - 1] < MADE) return nodes;
  run.meter.spend(nodes.length);
  const plain = nodes.subarray(0, lowerBound(nodes, MADE));
  const rows = run.ordered ? plain : byOrdinal(run, plain);
  return plain.length === nodes.length ? rows : withMade(run, rows, nodes.subarray(plain.length));
}

interface Stretch {
  readonly ordinal: number;
  readonly from: number;
  readonly to: number;
}

/** Nodes of one resource stand together: whole stretches change places. */
function byOrdinal(run: Run, nodes: Uint32Array): Uint32Array {
  const stretches: Stretch[] = [];
  for (let from = 0; from < nodes.length; ) {
    const row = nodes[from] >>> 1;
    if (row === 0) {
      stretches.push({ ordinal: Number.NEGATIVE_INFINITY, from, to: ++from });
      continue;
    }
    const root = resourceRow(run, row);
    const data = run.data[root];
    const to =
      data >= 0x8000_0000 ? lowerBound(nodes, (root + (data - 0x8000_0000) + 1) * 2, from) : lowerBound(nodes, (root + 1) * 2, from);
    stretches.push({ ordinal: ordinalOf(run, root), from, to });
    from = to;
  }
  run.meter.spend(stretches.length * 8);
  stretches.sort((a, b) => a.ordinal - b.ordinal || a.from - b.from);
  const result = new Uint32Array(nodes.length);
  let at = 0;
  for (const { from, to } of stretches) {
    result.set(nodes.subarray(from, to), at);
    at += to - from;
  }
  return result;
}

/** Namespace nodes stand after their element and before its attributes; texts without a parent after everything, as they were made. */
function withMade(run: Run, rows: Uint32Array, made: Uint32Array): Uint32Array {
  const texts = made.filter((node) => madeNode(run, node).kind === 'text');
  const namespaces = made.filter((node) => madeNode(run, node).kind === 'namespace');
  const rank = (root: number) => (root === 0 ? Number.NEGATIVE_INFINITY : ordinalOf(run, root));
  const place = (node: number): readonly [number, number, number] => {
    const about = node >= MADE ? madeNode(run, node) : undefined;
    const own = about?.kind === 'namespace' ? about.row * 2 : node;
    return [rank(own === 0 ? 0 : resourceRow(run, own >>> 1)), own, about?.kind === 'namespace' ? about.order + 1 : 0];
  };
  const placed = [...rows, ...namespaces].map((node) => ({ node, at: place(node) }));
  run.meter.spend(placed.length * 16);
  placed.sort((a, b) => a.at[0] - b.at[0] || a.at[1] - b.at[1] || a.at[2] - b.at[2]);
  return Uint32Array.from([...placed.map(({ node }) => node), ...texts]);
}

/** The first node in document order of a set that is not empty. */
export function firstOf(run: Run, nodes: Uint32Array): number {
  return nodes.length === 1 || (run.ordered && nodes[0] < MADE && nodes[nodes.length - 1] < MADE) ? nodes[0] : inOrder(run, nodes)[0];
}
