/**
 * The thirteen axes from one node, in the axis' own order (reverse axes run away from the node), as far as the node test
 * matches. `limit` ends the walk early: `following-sibling::x[2]` looks at no third sibling.
 *
 *          ancestor
 *             |
 *     …preceding  self  following…      siblings are those of them with the same parent;
 *             |                         attributes and namespaces lie beside their element and on no other axis
 *         descendant
 */
import { Kind, SUBTREE } from '../columns/contract.js';
import type { Axis } from '../syntax/index.js';
import { HIT, type Match, MISS, matchOf } from './facts.js';
import { internNamespace, MADE, madeNode, namespacesInScope } from './made-nodes.js';
import type { NodeBuffer } from './node-buffer.js';
import { parentOf } from './nodes.js';
import { lastRow, type Run } from './run.js';
import type { NameTest } from './tree.js';
import { ordinalOf, resourceRow, rootRows, rootsInOrder, shown } from './visibility.js';

export function walkAxis(run: Run, node: number, axis: Axis, test: NameTest, out: NodeBuffer, limit = Number.POSITIVE_INFINITY): void {
  const match = matchOf(run.facts, test);
  const most = out.length + limit;
  switch (axis) {
    case 'self':
      self(run, node, match, out);
      break;
    case 'child':
      children(run, node, match, out, most);
      break;
    case 'descendant':
      descendants(run, node, match, out, most);
      break;
    case 'descendant-or-self':
      self(run, node, match, out);
      if (out.length < most) descendants(run, node, match, out, most);
      return;
    case 'parent': {
      const parent = parentOf(run, node);
      if (parent >= 0) self(run, parent, match, out);
      return;
    }
    case 'ancestor-or-self':
      self(run, node, match, out);
      ancestors(run, node, match, out, most);
      break;
    case 'ancestor':
      ancestors(run, node, match, out, most);
      break;
    case 'attribute':
      attributes(run, node, match, out, most);
      break;
    case 'namespace':
      namespaces(run, node, test, out);
      break;
    case 'following-sibling':
      followingSiblings(run, node, match, out, most);
      break;
    case 'preceding-sibling':
      precedingSiblings(run, node, match, out, most);
      break;
    case 'following':
      following(run, node, match, out, most);
      break;
    case 'preceding':
      preceding(run, node, match, out, most);
      break;
  }
}

/** Does the node itself match? Attributes and namespace nodes are no principal nodes here: only node() matches them. */
export function selfMatches(run: Run, node: number, match: Match): boolean {
  if (node >= MADE) return match.any || (match.text && madeNode(run, node).kind === 'text');
  if (node & 1) return match.text;
  const label = run.label[node >>> 1];
  // a node that was reached is shown: SCOPED says no more than HIT here
  return run.facts.kind[label] === Kind.Attribute ? match.any : match.content[label] !== MISS;
}

function self(run: Run, node: number, match: Match, out: NodeBuffer): void {
  if (selfMatches(run, node, match)) out.push(node);
}

export function children(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  if (node >= MADE || node & 1) return;
  if (node === 0) {
    topLevel(run, rootsInOrder(run), match, out, most);
    return;
  }
  const { label, data } = run;
  const row = node >>> 1;
  const own = data[row];
  if (own < SUBTREE) {
    if (match.text && own !== 0 && run.facts.kind[label[row]] === Kind.Element) out.push(node + 1);
    return;
  }
  const { content } = match;
  const end = row + (own - SUBTREE);
  let looked = 0;
  for (let at = row + 1; at <= end; looked++) {
    const answer = content[label[at]];
    if (answer !== MISS && (answer === HIT || shown(run, answer, at))) {
      out.push(at * 2);
      if (out.length >= most) break;
    }
    const below = data[at];
    at += below >= SUBTREE ? below - SUBTREE + 1 : 1;
  }
  run.meter.spend(looked);
}

function topLevel(run: Run, rows: Uint32Array, match: Match, out: NodeBuffer, most: number): void {
  for (let i = 0; i < rows.length && out.length < most; i++) {
    if (match.content[run.label[rows[i]]] !== MISS) out.push(rows[i] * 2);
    if ((i & 1023) === 0) run.meter.spend(1024);
  }
}

/** Matching nodes of rows [from, to] that are no attributes, with the texts of leaves. */
export function scanRows(run: Run, from: number, to: number, match: Match, out: NodeBuffer, most: number): void {
  const { label, data, facts, scopes } = run;
  const { content, text } = match;
  for (let at = from; at <= to; at++) {
    const own = label[at];
    const answer = content[own];
    if (answer !== MISS && (answer === HIT || shown(run, answer, at))) out.push(at * 2);
    if (
      text &&
      data[at] < SUBTREE &&
      data[at] !== 0 &&
      facts.kind[own] === Kind.Element &&
      (scopes === undefined || facts.scoped[own] === 0 || scopes.has(data[at]))
    ) {
      out.push(at * 2 + 1);
    }
    if (out.length >= most) {
      if (out.length > most) out.length = most;
      break;
    }
    if ((at & 1023) === 0) run.meter.spend(1024);
  }
  run.meter.spend(1 + Math.min(to - from + 1, 1023));
}

function descendants(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  if (node >= MADE || node & 1) return;
  if (node === 0) {
    const roots = rootsInOrder(run);
    for (let i = 0; i < roots.length && out.length < most; i++) scanRows(run, roots[i], lastRow(run, roots[i]), match, out, most);
    return;
  }
  const row = node >>> 1;
  if (run.data[row] >= SUBTREE) scanRows(run, row + 1, lastRow(run, row), match, out, most);
  else children(run, node, match, out, most);
}

function ancestors(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  for (let at = parentOf(run, node); at >= 0 && out.length < most; at = parentOf(run, at)) self(run, at, match, out);
  run.meter.spend(4);
}

function attributes(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  if (node === 0 || node >= MADE || node & 1) return;
  const { label, data, facts } = run;
  const row = node >>> 1;
  if (data[row] < SUBTREE) return;
  const end = row + (data[row] - SUBTREE);
  for (let at = row + 1; at <= end && out.length < most; at++) {
    const own = label[at];
    const kind = facts.kind[own];
    if (kind !== Kind.Attribute && kind !== Kind.Declaration) break;
    if (match.attributes[own] !== MISS) out.push(at * 2);
  }
  run.meter.spend(2);
}

/** §2.3: the principal type of this axis is namespace; the local part of a name is the prefix. */
function namespaces(run: Run, node: number, test: NameTest, out: NodeBuffer): void {
  if (node === 0 || node >= MADE || node & 1 || run.facts.kind[run.label[node >>> 1]] !== Kind.Element) return;
  const row = node >>> 1;
  let order = 0;
  for (const [prefix, uri] of namespacesInScope(run, row)) {
    const matches = test.kind === 'node' || test.kind === 'any' || (test.kind === 'name' && test.ns === '' && test.local === prefix);
    if (matches) out.push(internNamespace(run, row, prefix, uri, order));
    order++;
  }
  run.meter.spend(8);
}

/** The row, if the node has siblings at all: it is neither attribute nor namespace node, nor a leaf's only text. */
function rowWithSiblings(run: Run, node: number): number {
  if (node === 0 || node >= MADE || node & 1) return 0;
  return run.facts.kind[run.label[node >>> 1]] === Kind.Attribute ? 0 : node >>> 1;
}

function followingSiblings(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  const row = rowWithSiblings(run, node);
  if (row === 0) return;
  const { label, data } = run;
  const parent = run.parent[row];
  if (parent === 0) {
    const roots = rootsInOrder(run);
    topLevel(run, roots.subarray(placeOf(run, roots, row) + 1), match, out, most);
    return;
  }
  const end = lastRow(run, parent);
  let looked = 0;
  for (let at = lastRow(run, row) + 1; at <= end && out.length < most; looked++) {
    const answer = match.content[label[at]];
    if (answer !== MISS && shown(run, answer, at)) out.push(at * 2);
    const below = data[at];
    at += below >= SUBTREE ? below - SUBTREE + 1 : 1;
  }
  run.meter.spend(looked);
}

function precedingSiblings(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  const row = rowWithSiblings(run, node);
  if (row === 0) return;
  const { label, parent } = run;
  const above = parent[row];
  if (above === 0) {
    const roots = rootsInOrder(run);
    topLevel(
      run,
      roots
        .subarray(0, placeOf(run, roots, row))
        .slice()
        .reverse(),
      match,
      out,
      most,
    );
    return;
  }
  let looked = 0;
  // the row before is the last of the sibling's subtree: climb to the sibling
  for (let at = row - 1; at !== above && out.length < most; at--) {
    while (parent[at] !== above) at = parent[at];
    const answer = match.content[label[at]];
    if (answer !== MISS && shown(run, answer, at)) out.push(at * 2);
    looked++;
  }
  run.meter.spend(looked * 2);
}

/** Place of a visible resource among the others. */
export function placeOf(run: Run, roots: Uint32Array, row: number): number {
  const wanted = ordinalOf(run, row);
  let low = 0;
  let high = roots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const rank = ordinalOf(run, roots[middle]);
    if (rank < wanted || (rank === wanted && roots[middle] < row)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First row behind the node and its subtree. Attributes and namespace nodes stand before the children of their element. */
export function rowAfter(run: Run, node: number): number {
  if (node >= MADE) {
    const made = madeNode(run, node);
    return made.kind === 'namespace' ? made.row + 1 : run.rowCount;
  }
  return node & 1 ? (node >>> 1) + 1 : lastRow(run, node >>> 1) + 1;
}

/** The row of a node, or of the element whose namespace node it is; 0 when there is none. */
export function ownRow(run: Run, node: number): number {
  if (node < MADE) return node >>> 1;
  const made = madeNode(run, node);
  return made.kind === 'namespace' ? made.row : 0;
}

function following(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  const row = ownRow(run, node);
  if (row === 0) return;
  if (run.all && run.ordered) {
    // the text of a leaf element whose namespace node this is follows the namespace node
    leafText(run, node, row, match, out);
    scanRows(run, rowAfter(run, node), run.rowCount - 1, match, out, most);
    return;
  }
  const own = resourceRow(run, row);
  leafText(run, node, row, match, out);
  scanRows(run, rowAfter(run, node), lastRow(run, own), match, out, most);
  const roots = rootsInOrder(run);
  for (let i = placeOf(run, roots, own) + 1; i < roots.length && out.length < most; i++) {
    scanRows(run, roots[i], lastRow(run, roots[i]), match, out, most);
  }
}

function leafText(run: Run, node: number, row: number, match: Match, out: NodeBuffer): void {
  if (node >= MADE && match.text && run.data[row] < SUBTREE && run.data[row] !== 0) out.push(row * 2 + 1);
}

function preceding(run: Run, node: number, match: Match, out: NodeBuffer, most: number): void {
  const row = ownRow(run, node);
  if (row === 0) return;
  const own = resourceRow(run, row);
  scanBack(run, own, row, match, out, most);
  const roots = rootsInOrder(run);
  for (let i = placeOf(run, roots, own) - 1; i >= 0 && out.length < most; i--) {
    scanBack(run, roots[i], lastRow(run, roots[i]) + 1, match, out, most);
  }
}

/** Rows before `end`, back to `from`, that are no ancestors of row `end`, last first. */
function scanBack(run: Run, from: number, end: number, match: Match, out: NodeBuffer, most: number): void {
  const { label, data, parent, facts } = run;
  let ancestor = end < run.rowCount ? parent[end] : 0;
  for (let at = end - 1; at >= from; at--) {
    if ((at & 1023) === 0) run.meter.spend(1024);
    if (at === ancestor) {
      ancestor = parent[at];
      continue;
    }
    const own = label[at];
    if (
      match.text &&
      data[at] < SUBTREE &&
      data[at] !== 0 &&
      facts.kind[own] === Kind.Element &&
      (run.scopes === undefined || facts.scoped[own] === 0 || run.scopes.has(data[at]))
    ) {
      out.push(at * 2 + 1);
      if (out.length >= most) return;
    }
    const answer = match.content[own];
    if (answer !== MISS && shown(run, answer, at)) {
      out.push(at * 2);
      if (out.length >= most) return;
    }
  }
  run.meter.spend(1 + Math.min(1023, end - from));
}

/** The root's children in row order, for sets, which are ascending. */
export function childrenOfRoot(run: Run, match: Match, out: NodeBuffer): void {
  topLevel(run, rootRows(run), match, out, Number.POSITIVE_INFINITY);
}
