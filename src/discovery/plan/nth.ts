/**
 * The n-th node of a step, for many context nodes at once; then the rest is asked of those nodes, all together.
 *
 * Rows of one label below one parent stand in order in the label's list. So the second following sibling c:node of a row is
 * found two places further on in the list of c:node, unless another parent begins in between:
 *
 *     c:nodes    10                       40                70
 *     c:node      11   15   19   23        41   45           71
 *                 └─────────▶ 2nd          └──────────✗──────▶
 */
import { Kind } from '../columns/contract.js';
import { type Classes, rowsUnder, stepClasses } from './classes.js';
import type { Condition } from './condition.js';
import { brief, describe } from './describe.js';
import { atStep } from './estimate.js';
import { MADE } from './made-nodes.js';
import { NO_NODES, NodeBuffer } from './node-buffer.js';
import { intersect, lowerBound, sortUnique } from './order.js';
import { isPlace, LAST, nthNode } from './probe.js';
import type { Run } from './run.js';
import { nodesOfClasses, rowsOfLabel } from './scan.js';
import { sieve, sieveCandidates } from './sieve.js';
import { traced } from './trace.js';
import type { PlanStep } from './tree.js';

/** No node has this number. */
const NONE = 0xffff_ffff;

/** Fewer context nodes are walked from one by one. */
const FEW = 256;

/** Those of the nodes whose n-th node exists and meets what the condition asks of it. */
export function nth(run: Run, condition: Condition & { kind: 'nth' }, nodes: Uint32Array, classes: Classes): Uint32Array {
  return traced(
    run,
    () => `n-th node: ${brief(describe(condition.plan))}`,
    undefined,
    () => {
      const { step, index, target } = condition;
      if (!isPlace(index)) return NO_NODES;
      const below = stepClasses(run, classes, step);
      const targets =
        (below && nodes.length >= FEW ? throughLists(run, nodes, classes, below, step, index) : undefined) ??
        walked(run, nodes, step, index);
      const distinct = sortUnique(run, found(targets));
      if (distinct.length === 0) return NO_NODES;
      const passed =
        target.length === 0
          ? distinct
          : below === undefined
            ? sieve(run, target, distinct)
            : sieveCandidates(run, target, { classes: below, nodes: distinct });
      return withTargetIn(run, nodes, targets, passed);
    },
  );
}

/**
 * The same from the other end. Where a step leads from siblings of one name to siblings of that name, y is the second following
 * sibling of x when x is the second preceding one of y: so when few nodes meet what is asked of the n-th, those are found first,
 * and counted back from. Undefined when that is not so, or not worth it.
 */
export function nthFromTargets(
  run: Run,
  condition: Condition & { kind: 'nth' },
  { classes, nodes }: { readonly classes: Classes; readonly nodes: Uint32Array | undefined },
): Uint32Array | undefined {
  const { step, index, target } = condition;
  if (!countsBack(classes, condition) || (nodes !== undefined && nodes.length < FEW)) return undefined;
  const below = stepClasses(run, classes, step);
  if (below === undefined || below.texts.length > 0 || below.rows.length !== 1 || below.rows[0] !== classes.rows[0]) return undefined;
  if (atStep(run, below, target, undefined).rows * 2 > (nodes?.length ?? rowsUnder(run, classes))) return undefined;
  return traced(
    run,
    () => `those whose n-th node meets: ${brief(describe(condition.plan))}`,
    undefined,
    () => {
      const passed = sieveCandidates(run, target, { classes: below, nodes: undefined });
      if (passed.length === 0) return NO_NODES;
      const axis = step.axis === 'following-sibling' ? 'preceding-sibling' : 'following-sibling';
      const sources = throughLists(run, passed, below, classes, { ...step, axis }, index);
      if (sources === undefined) return nth(run, condition, nodes ?? nodesOfClasses(run, classes), classes);
      const own = found(sources);
      return nodes === undefined ? own : intersect(run, nodes, own);
    },
  );
}

/** May the n-th node be the place to begin at? For one label of siblings, counted from the context node. */
export function countsBack({ rows, texts }: Classes, { step, index, target }: Condition & { kind: 'nth' }): boolean {
  if (step.axis !== 'following-sibling' && step.axis !== 'preceding-sibling') return false;
  return target.length > 0 && rows.length === 1 && texts.length === 0 && isPlace(index) && index !== LAST;
}

/** Nodes whose target is in the set. Targets mostly ascend, as the nodes do: each is looked for from where the last was. */
function withTargetIn(run: Run, nodes: Uint32Array, targets: Uint32Array, set: Uint32Array): Uint32Array {
  const out = new NodeBuffer(run.meter);
  let at = 0;
  for (let i = 0; i < nodes.length; i++) {
    const target = targets[i];
    if (target === NONE) continue;
    if (at > 0 && set[at - 1] >= target) at = lowerBound(set, target);
    else if (at < set.length && set[at] < target) at = lowerBound(set, target, at + 1);
    if (at < set.length && set[at] === target) out.push(nodes[i]);
  }
  run.meter.spend(nodes.length);
  return out.list();
}

function found(targets: Uint32Array): Uint32Array {
  const nodes = new Uint32Array(targets.length);
  let length = 0;
  let last = NONE;
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] === NONE || targets[i] === last) continue;
    last = targets[i];
    nodes[length++] = last;
  }
  return nodes.subarray(0, length);
}

function walked(run: Run, nodes: Uint32Array, step: PlanStep, index: number): Uint32Array {
  const targets = new Uint32Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    const target = nthNode(run, nodes[i], step, index);
    targets[i] = target < 0 ? NONE : target;
  }
  return targets;
}

/** Undefined when the step leads to rows of more than one label or parent, or to some that not everybody sees. */
function throughLists(run: Run, nodes: Uint32Array, from: Classes, to: Classes, step: PlanStep, index: number): Uint32Array | undefined {
  const { facts } = run;
  const label = to.rows[0];
  if (to.rows.length !== 1 || to.texts.length > 0 || from.texts.length > 0 || (facts.scoped[label] === 1 && run.scopes !== undefined))
    return undefined;
  const above = facts.parent[label];
  const contextsFit = from.rows.every((own) =>
    step.axis === 'child' ? own === above : facts.parent[own] === above && facts.kind[own] !== Kind.Attribute,
  );
  const axisFits = step.axis === 'child' || step.axis === 'following-sibling' || step.axis === 'preceding-sibling';
  // the root's children stand in order of publication, not of rows
  if (!axisFits || !contextsFit || above === 0 || nodes[nodes.length - 1] >= MADE) return undefined;
  if (index === LAST && step.axis === 'preceding-sibling') return undefined;
  const rows = rowsOfLabel(run, label);
  const parents = rowsOfLabel(run, above);
  const targets = new Uint32Array(nodes.length).fill(NONE);
  const forward = step.axis !== 'preceding-sibling';
  // many nodes are never far from each other
  const ahead = nodes.length * 8 < rows.length ? lowerBound : nextFrom;
  let at = 0;
  let parent = 0;
  for (let i = 0; i < nodes.length; i++) {
    const row = nodes[i] >>> 1;
    at = ahead(rows, forward ? row + 1 : row, at);
    if (index === LAST) {
      // the one before those of the next parent
      parent = ahead(parents, row + 1, parent);
      const end = parent < parents.length ? lowerBound(rows, parents[parent], at) : rows.length;
      if (end > at) targets[i] = rows[end - 1] * 2;
      continue;
    }
    const target = forward ? at + index - 1 : at - index;
    if (target < 0 || target >= rows.length) continue;
    // no other parent may begin between the two
    const [first, last] = forward ? [row, rows[target]] : [rows[target], row];
    parent = ahead(parents, first + 1, parent);
    if (parent >= parents.length || parents[parent] > last) targets[i] = rows[target] * 2;
  }
  run.meter.spend(nodes.length * 4);
  return targets;
}

/** As lowerBound, for short distances. */
function nextFrom(rows: Uint32Array, row: number, from: number): number {
  let at = from;
  while (at < rows.length && rows[at] < row) at++;
  return at;
}
