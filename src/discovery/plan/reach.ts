/**
 * Semi-joins: of some candidates, those from which a path leads to a node that passes. The path is resolved on labels first,
 * then evaluated from the place on it where the fewest nodes are, and from there back to the candidates: no axis costs more
 * than a pass over the nodes concerned (cf. Gottlob, Koch, Pichler: Efficient Algorithms for Processing XPath Queries, 2005).
 *
 *     /r:resource[c:cluster/c:status = 'RUNNING']
 *
 *       {/resource} → {…/c:cluster} → {…/c:status}       labels
 *                                        ▼ postings       rows with 'RUNNING'
 *       resources   ◀── climb 2 ────────┘
 */
import { Kind } from '../columns/contract.js';
import type { Axis } from '../syntax/index.js';
import { ownRow, rowAfter } from './axes.js';
import { type Classes, DOWN, stepClasses, tableOf } from './classes.js';
import type { Condition } from './condition.js';
import { brief, describePath } from './describe.js';
import { atStep, better, type Estimate } from './estimate.js';
import { NO_NODES, NodeBuffer } from './node-buffer.js';
import { parentOf } from './nodes.js';
import { asSet, inOrder, intersect, memberOf, sortUnique } from './order.js';
import { meets, passesTest } from './probe.js';
import type { Run } from './run.js';
import { nodesOfClasses, nodesPassing } from './scan.js';
import { type Candidates, sieve, sieveCandidates } from './sieve.js';
import { testOf } from './tests.js';
import { traced } from './trace.js';
import { conditionsOf, type PlanStep } from './tree.js';
import { describeTest, type StringTest } from './value-test.js';
import { ordinalOf, resourceRow } from './visibility.js';

type PathCondition = Condition & { kind: 'reach' | 'first' };

/** The candidates that meet a path condition, ascending. */
export function reached(run: Run, condition: PathCondition, candidates: Candidates): Uint32Array {
  const test = testOf(run, condition);
  if (condition.kind === 'first') return firstPasses(run, condition, test as StringTest, candidates);
  return semiJoin(run, condition, test, candidates);
}

/**
 * Only the string of the first node counts, '' where there is none. Nodes that pass are found as for any of them, and of the
 * candidates so found each is asked again. Where '' passes, candidates that reach nothing pass too: then all are asked.
 */
function firstPasses(run: Run, condition: PathCondition, test: StringTest, candidates: Candidates): Uint32Array {
  const ask = test.pass(0);
  const found = ask ? (candidates.nodes ?? nodesOfClasses(run, candidates.classes)) : semiJoin(run, condition, test, candidates);
  const { steps } = condition.path;
  if (!ask && steps.length === 1 && steps[0].axis === 'self') return found;
  const out = new NodeBuffer(run.meter);
  for (let i = 0; i < found.length; i++) {
    run.meter.spend(2);
    if (meets(run, condition, found[i])) out.push(found[i]);
  }
  return out.list();
}

function semiJoin(run: Run, condition: PathCondition, test: StringTest | undefined, candidates: Candidates): Uint32Array {
  const { steps } = condition.path;
  const target = condition.kind === 'reach' ? condition.target : [];
  const places: Classes[] = [candidates.classes];
  for (const step of steps) {
    const next = stepClasses(run, places[places.length - 1], step);
    if (next === undefined) throw new Error('a step along the namespace axis is no part of a semi-join');
    places.push(next);
  }
  const end = places[steps.length];
  if (end.rows.length === 0 && end.texts.length === 0) return NO_NODES;
  const from = entry(run, steps, places, test, target);
  let nodes = traced(
    run,
    () =>
      `${test === undefined ? 'rows' : test.ids === undefined ? 'scan' : 'postings'}: ${brief(describePath('context', steps.slice(0, from)))} ${from === steps.length ? brief(describeTest(condition)) : ''}`.trimEnd(),
    () => placeEstimate(run, steps, places, test, target, from).rows,
    () => entering(run, steps, places, test, target, from),
  );
  // the rest of the path, from the nodes at which it was entered
  if (from < steps.length) nodes = sieve(run, [restOf(condition, from)], nodes);
  nodes = traced(
    run,
    () => 'back to the candidates',
    undefined,
    () => back(run, nodes, steps, places, from, candidates.nodes),
  );
  return candidates.nodes === undefined ? nodes : intersect(run, nodes, candidates.nodes);
}

/** Conditions on the nodes a step leads to; behind the last step, also what follows the path. */
function conditionsAt(steps: readonly PlanStep[], place: number, target: readonly Condition[]): readonly Condition[] {
  const own = conditionsOf(steps[place - 1].predicates) as readonly Condition[];
  return place === steps.length ? [...own, ...target] : own;
}

function placeEstimate(
  run: Run,
  steps: readonly PlanStep[],
  places: readonly Classes[],
  test: StringTest | undefined,
  target: readonly Condition[],
  place: number,
): Estimate {
  return atStep(run, places[place], conditionsAt(steps, place, target), place === steps.length ? test : undefined);
}

/** The place (from 1) where the fewest nodes are; only places with conditions, and the end, can have few. */
function entry(
  run: Run,
  steps: readonly PlanStep[],
  places: readonly Classes[],
  test: StringTest | undefined,
  target: readonly Condition[],
): number {
  let best = steps.length;
  let about: Estimate | undefined;
  for (let place = steps.length - 1; place > 0; place--) {
    if (steps[place - 1].predicates.length === 0) continue;
    about ??= placeEstimate(run, steps, places, test, target, steps.length);
    const here = placeEstimate(run, steps, places, test, target, place);
    if (better(about, here) === about) continue;
    best = place;
    about = here;
  }
  return best;
}

function entering(
  run: Run,
  steps: readonly PlanStep[],
  places: readonly Classes[],
  test: StringTest | undefined,
  target: readonly Condition[],
  place: number,
): Uint32Array {
  const classes = places[place];
  const conditions = conditionsAt(steps, place, target);
  if (place < steps.length || test === undefined) return sieveCandidates(run, conditions, { classes, nodes: undefined });
  if (conditions.length === 0) return nodesPassing(run, classes, test);
  const others = atStep(run, classes, conditions, undefined);
  const own = atStep(run, classes, [], test);
  if (better(own, others) === own) return sieveCandidates(run, conditions, { classes, nodes: nodesPassing(run, classes, test) });
  return sieveCandidates(run, conditions, { classes, nodes: undefined }).filter((node) => passesTest(run, test, node));
}

/** `reach` for what is left of a condition's path behind its first `from` steps. */
function restOf(condition: PathCondition, from: number): Condition {
  return { ...condition, path: { ...condition.path, steps: condition.path.steps.slice(from) } };
}

/** From nodes at a place of the path back to where it began, heeding the conditions of the places between. */
function back(
  run: Run,
  nodes: Uint32Array,
  steps: readonly PlanStep[],
  places: readonly Classes[],
  from: number,
  candidates: Uint32Array | undefined,
): Uint32Array {
  let at = nodes;
  for (let place = from; place > 0 && at.length > 0; ) {
    // steps to children without conditions between are climbed at once
    let levels = 0;
    while (
      place - levels > 0 &&
      isClimb(steps[place - levels - 1].axis) &&
      (levels === 0 || steps[place - levels - 1].predicates.length === 0)
    )
      levels++;
    if (levels > 0) {
      place -= levels;
      at = climb(run, at, levels, places[place]);
    } else {
      place--;
      at = inverse(run, at, steps[place].axis, places[place], place === 0 ? candidates : undefined);
    }
    if (place > 0 && steps[place - 1].predicates.length > 0) {
      at = sieveCandidates(run, conditionsAt(steps, place, []), { classes: places[place], nodes: at });
    }
  }
  return at;
}

function isClimb(axis: Axis): boolean {
  return axis === 'child' || axis === 'attribute';
}

/** Climbing misses the caches about once a node; going along a list does not. */
const CLIMB = 24;

/** The ancestors so many levels up, each once; they are of `classes`. */
export function climb(run: Run, nodes: Uint32Array, levels: number, classes: Classes): Uint32Array {
  const [above] = classes.rows;
  if (classes.rows.length === 1 && above !== 0 && nodes.length * CLIMB > run.columns.labels.rowCount(above))
    return lastBefore(run, nodes, above);
  const { parent } = run;
  const out = new NodeBuffer(run.meter, Math.min(nodes.length, 4096));
  let last = -1;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    let row = node >>> 1;
    for (let up = node & 1; up < levels; up++) row = parent[row];
    if (row !== last) out.push(row * 2);
    last = row;
  }
  run.meter.spend(nodes.length * 4);
  return asSet(run, out);
}

/**
 * Rows of one label stand at one depth, so their subtrees lie one behind the other: the ancestor of a node among them is the
 * last of them before it. Two ascending lists are merged, and no row is touched.
 */
function lastBefore(run: Run, nodes: Uint32Array, label: number): Uint32Array {
  const out = new Uint32Array(nodes.length);
  let found = 0;
  let i = 0;
  // a text child has the number of its leaf
  let wanted = nodes[0] >>> 1;
  let before = 0;
  for (const rows of run.columns.labels.runs(label)) {
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k];
      if (wanted < row) {
        out[found++] = before << 1;
        do i++;
        while (i < nodes.length && nodes[i] >>> 1 < row);
        if (i === nodes.length) return out.subarray(0, found);
        wanted = nodes[i] >>> 1;
      }
      before = row;
    }
    run.meter.spend(rows.length >>> 1);
  }
  out[found++] = before << 1;
  return out.subarray(0, found);
}

/**
 * The nodes of `classes` (of `candidates`, if given) from which the axis leads to one of the nodes. On the axes downwards the
 * nodes themselves lead back; on the others every candidate is asked.
 */
export function inverse(run: Run, nodes: Uint32Array, axis: Axis, classes: Classes, candidates: Uint32Array | undefined): Uint32Array {
  if (DOWN.has(axis)) return upwards(run, nodes, axis, classes);
  const all = candidates ?? nodesOfClasses(run, classes);
  const leads = question(run, nodes, axis);
  const out = new NodeBuffer(run.meter, Math.min(all.length, 4096));
  for (let i = 0; i < all.length; i++) {
    run.meter.spend(1);
    if (leads(all[i])) out.push(all[i]);
  }
  return out.list();
}

function upwards(run: Run, nodes: Uint32Array, axis: Axis, classes: Classes): Uint32Array {
  const rows = tableOf(run, classes.rows);
  const texts = tableOf(run, classes.texts);
  const isOf = (node: number): boolean => (node & 1 ? texts : rows)[run.label[node >>> 1]] === 1;
  if (axis === 'self') return nodes.filter(isOf);
  if (axis === 'child' || axis === 'attribute') return climb(run, nodes, 1, classes);
  const out = new NodeBuffer(run.meter, Math.min(nodes.length, 4096));
  let last = -1;
  for (let i = 0; i < nodes.length; i++) {
    if (axis === 'descendant-or-self' && isOf(nodes[i])) out.push(nodes[i]);
    const parent = parentOf(run, nodes[i]);
    // the lineage of a sibling's parent has been climbed just before
    if (parent === last) continue;
    last = parent;
    for (let up = parent; up >= 0; up = parentOf(run, up)) if (isOf(up)) out.push(up);
    run.meter.spend(4);
  }
  return out.ascending ? out.list() : sortUnique(run, out.list().slice());
}

/** For the axes up, sideways and across: does the axis lead from a node to one of the nodes? */
function question(run: Run, nodes: Uint32Array, axis: Axis): (node: number) => boolean {
  if (nodes.length === 0) return () => false;
  switch (axis) {
    case 'parent': {
      const isOne = memberOf(run, nodes);
      return (node) => node !== 0 && isOne(parentOf(run, node));
    }
    case 'ancestor':
    case 'ancestor-or-self': {
      const isOne = memberOf(run, nodes);
      return (node) => {
        if (axis === 'ancestor-or-self' && isOne(node)) return true;
        for (let up = parentOf(run, node); up >= 0; up = parentOf(run, up)) if (isOne(up)) return true;
        return false;
      };
    }
    case 'following': {
      // the last one to begin follows whatever any of them follows
      const ordered = inOrder(run, nodes);
      const row = ownRow(run, ordered[ordered.length - 1]);
      const resource = row === 0 ? 0 : resourceRow(run, row);
      const last = ordered[ordered.length - 1];
      return (node) => {
        const own = ownRow(run, node);
        if (own === 0 || row === 0) return false;
        const mine = resourceRow(run, own);
        return mine === resource ? rowAfter(run, node) * 2 <= last : ordinalOf(run, mine) < ordinalOf(run, resource);
      };
    }
    case 'preceding': {
      const first = endsFirst(run, nodes);
      return (node) => {
        const own = ownRow(run, node);
        if (own === 0 || first === undefined) return false;
        const mine = resourceRow(run, own);
        return mine === first.resource ? first.after <= own : ordinalOf(run, first.resource) < ordinalOf(run, mine);
      };
    }
    case 'following-sibling':
    case 'preceding-sibling': {
      const extremes = new Map<number, number>();
      const ordered = inOrder(run, nodes);
      const forward = axis === 'following-sibling';
      for (let i = 0; i < ordered.length; i++) {
        const node = ordered[forward ? i : ordered.length - 1 - i];
        if (node & 1 || node === 0) continue;
        extremes.set(run.parent[node >>> 1], node >>> 1);
      }
      run.meter.spend(ordered.length * 4);
      return (node) => {
        if (node & 1 || node === 0 || run.facts.kind[run.label[node >>> 1]] === Kind.Attribute) return false;
        const row = node >>> 1;
        const extreme = extremes.get(run.parent[row]);
        if (extreme === undefined) return false;
        const order = run.parent[row] === 0 ? ordinalOf(run, extreme) - ordinalOf(run, row) : extreme - row;
        return forward ? order > 0 : order < 0;
      };
    }
    default:
      throw new Error(`the axis ${axis} has no inverse here`);
  }
}

/** Of all nodes the one that ends first, as (resource, first row behind it). */
function endsFirst(run: Run, nodes: Uint32Array): { readonly resource: number; readonly after: number } | undefined {
  let found: { resource: number; after: number } | undefined;
  for (const node of inOrder(run, nodes)) {
    const row = ownRow(run, node);
    run.meter.spend(1);
    if (row === 0) continue;
    const resource = resourceRow(run, row);
    const after = rowAfter(run, node);
    if (found === undefined) found = { resource, after };
    else if (resource !== found.resource || row >= found.after) break;
    else if (after < found.after) found.after = after;
  }
  return found;
}
