/**
 * Steps for many nodes at once: from the whole set of context nodes to the set of all nodes the step leads to, each found
 * once (cf. staircase join: Grust, van Keulen, Teubner, VLDB 2003). Steps that count positions go node by node (positional.ts).
 */
import { Kind } from '../columns/contract.js';
import type { Axis } from '../syntax/index.js';
import { children, childrenOfRoot, ownRow, rowAfter, scanRows, selfMatches, walkAxis } from './axes.js';
import { type Match, matchOf } from './facts.js';
import { MADE } from './made-nodes.js';
import { NO_NODES, NodeBuffer } from './node-buffer.js';
import { parentOf } from './nodes.js';
import { asSet, inOrder, sortUnique } from './order.js';
import { lastRow, type Run } from './run.js';
import type { NameTest } from './tree.js';
import { resourceRow, rootRows } from './visibility.js';

const NO_LIMIT = Number.POSITIVE_INFINITY;

export function takeAxis(run: Run, nodes: Uint32Array, axis: Axis, test: NameTest): Uint32Array {
  if (nodes.length === 0) return NO_NODES;
  const match = matchOf(run.facts, test);
  switch (axis) {
    case 'self':
      return nodes.filter((node) => selfMatches(run, node, match));
    case 'child':
      return collect(run, nodes, (node, out) => (node === 0 ? childrenOfRoot(run, match, out) : children(run, node, match, out, NO_LIMIT)));
    case 'attribute':
    case 'namespace':
      return collect(run, nodes, (node, out) => walkAxis(run, node, axis, test, out));
    case 'parent':
      return parents(run, nodes, match);
    case 'descendant':
      return descendants(run, nodes, match, test, false);
    case 'descendant-or-self':
      return descendants(run, nodes, match, test, true);
    case 'ancestor':
      return ancestors(run, nodes, match, false);
    case 'ancestor-or-self':
      return ancestors(run, nodes, match, true);
    case 'following-sibling':
      return siblings(run, nodes, axis, test, true);
    case 'preceding-sibling':
      return siblings(run, nodes, axis, test, false);
    // all that follows any of the nodes follows the one that ends first
    case 'following':
      return collect(run, [endsFirst(run, nodes)], (node, out) => walkAxis(run, node, axis, test, out));
    case 'preceding':
      return collect(run, [beginsLast(run, nodes)], (node, out) => walkAxis(run, node, axis, test, out));
  }
}

function collect(run: Run, nodes: ArrayLike<number>, walk: (node: number, out: NodeBuffer) => void): Uint32Array {
  const out = new NodeBuffer(run.meter);
  for (let i = 0; i < nodes.length; i++) {
    walk(nodes[i], out);
    run.meter.spend(1);
  }
  return asSet(run, out);
}

function parents(run: Run, nodes: Uint32Array, match: Match): Uint32Array {
  return collect(run, nodes, (node, out) => {
    const parent = parentOf(run, node);
    if (parent >= 0 && (out.length === 0 || out.items[out.length - 1] !== parent) && selfMatches(run, parent, match)) out.push(parent);
  });
}

/** Contexts inside the subtree that was scanned last add nothing: their descendants are there already. */
function descendants(run: Run, nodes: Uint32Array, match: Match, test: NameTest, orSelf: boolean): Uint32Array {
  const out = new NodeBuffer(run.meter);
  let covered = -1;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    run.meter.spend(1);
    if (node >= MADE) {
      if (orSelf) walkAxis(run, node, 'self', test, out);
      continue;
    }
    if (node <= covered) continue;
    const row = node >>> 1;
    if (orSelf && selfMatches(run, node, match)) out.push(node);
    if (node & 1) continue;
    if (node === 0) {
      for (const root of rootRows(run)) scanRows(run, root, lastRow(run, root), match, out, NO_LIMIT);
    } else if (lastRow(run, row) > row) {
      scanRows(run, row + 1, lastRow(run, row), match, out, NO_LIMIT);
    } else {
      children(run, node, match, out, NO_LIMIT);
      continue;
    }
    covered = lastRow(run, row) * 2 + 1;
    // an attribute in the set lies inside the subtree but is no descendant
    if (orSelf && match.any) i = keepAttributes(run, nodes, i, covered, out);
  }
  return asSet(run, out);
}

function keepAttributes(run: Run, nodes: Uint32Array, from: number, covered: number, out: NodeBuffer): number {
  let i = from;
  while (i + 1 < nodes.length && nodes[i + 1] <= covered) {
    i++;
    if ((nodes[i] & 1) === 0 && run.facts.kind[run.label[nodes[i] >>> 1]] === Kind.Attribute) out.push(nodes[i]);
  }
  return i;
}

/** Climbs from each node until it meets a lineage already climbed. */
function ancestors(run: Run, nodes: Uint32Array, match: Match, orSelf: boolean): Uint32Array {
  const seen = new Set<number>();
  const out = new NodeBuffer(run.meter);
  for (let i = 0; i < nodes.length; i++) {
    if (orSelf && !seen.has(nodes[i]) && selfMatches(run, nodes[i], match)) out.push(nodes[i]);
    for (let at = parentOf(run, nodes[i]); at >= 0 && !seen.has(at); at = parentOf(run, at)) {
      seen.add(at);
      if (selfMatches(run, at, match)) out.push(at);
    }
    run.meter.spend(4);
  }
  return sortUnique(run, out.list().slice());
}

/** Of the contexts with one parent, the first (or last) reaches all that the others reach. */
function siblings(run: Run, nodes: Uint32Array, axis: Axis, test: NameTest, forward: boolean): Uint32Array {
  const out = new NodeBuffer(run.meter);
  const done = new Set<number>();
  const ordered = inOrder(run, nodes);
  for (let i = 0; i < ordered.length; i++) {
    const node = ordered[forward ? i : ordered.length - 1 - i];
    if (node >= MADE || node & 1 || node === 0 || run.facts.kind[run.label[node >>> 1]] === Kind.Attribute) continue;
    const parent = run.parent[node >>> 1];
    run.meter.spend(2);
    if (done.has(parent)) continue;
    done.add(parent);
    walkAxis(run, node, axis, test, out);
  }
  return asSet(run, out);
}

/** Only nodes inside the first one can end before it. The root node and texts without a parent have nothing behind them. */
function endsFirst(run: Run, nodes: Uint32Array): number {
  const ordered = inOrder(run, nodes);
  let i = ordered[0] === 0 && ordered.length > 1 ? 1 : 0;
  let best = ordered[i];
  if (best === 0 || ownRow(run, best) === 0) return best;
  const resource = resourceRow(run, ownRow(run, best));
  for (i++; i < ordered.length; i++) {
    const row = ownRow(run, ordered[i]);
    run.meter.spend(1);
    if (row === 0 || row >= rowAfter(run, best) || resourceRow(run, row) !== resource) break;
    if (rowAfter(run, ordered[i]) < rowAfter(run, best)) best = ordered[i];
  }
  return best;
}

function beginsLast(run: Run, nodes: Uint32Array): number {
  const ordered = inOrder(run, nodes);
  let i = ordered.length - 1;
  while (i > 0 && ownRow(run, ordered[i]) === 0) i--;
  return ordered[i];
}
