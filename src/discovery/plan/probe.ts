/**
 * Conditions asked of one node, by walking from it: what is left when few candidates remain. Paths downwards are walked depth
 * first and left at the first node that decides; any other path goes from set to set, so that no node is visited twice.
 */
import { Kind, SUBTREE } from '../columns/contract.js';
import { selfMatches, walkAxis } from './axes.js';
import type { Condition } from './condition.js';
import { truth } from './evaluate.js';
import { HIT, type Match, MISS, matchOf } from './facts.js';
import { MADE } from './made-nodes.js';
import { NodeBuffer } from './node-buffer.js';
import { parentOf } from './nodes.js';
import { firstOf } from './order.js';
import { takeStep } from './paths.js';
import { lastRow, type Run } from './run.js';
import { testOf } from './tests.js';
import type { PathPlan, PlanStep } from './tree.js';
import { existenceTest, type StringTest } from './value-test.js';
import { shown } from './visibility.js';

export function meets(run: Run, condition: Condition, node: number): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.parts.every((part) => meets(run, part, node));
    case 'any':
      return condition.parts.some((part) => meets(run, part, node));
    case 'none':
      return !meets(run, condition.part, node);
    case 'reach': {
      const existence = existenceTest(run, condition.test);
      if (existence !== undefined) return leads(run, condition.path, node, undefined, condition.target) ? existence.some : existence.none;
      return leads(run, condition.path, node, testOf(run, condition), condition.target);
    }
    case 'first': {
      const test = testOf(run, condition) as StringTest;
      const first = firstOnPath(run, condition.path, node);
      return first < 0 ? test.pass(0) : passesTest(run, test, first);
    }
    case 'nth': {
      const target = nthNode(run, node, condition.step, condition.index);
      return target >= 0 && condition.target.every((each) => meets(run, each, target));
    }
    case 'count':
    case 'join':
    case 'label':
    case 'fixed':
    case 'each':
      return truth(run, condition.plan, node, 1, 1);
  }
}

export function passesTest(run: Run, test: StringTest, node: number): boolean {
  if (node === 0 || node >= MADE) return test.passNode(node);
  const data = run.data[node >>> 1];
  return data < SUBTREE ? test.pass(data) : test.passNode(node);
}

/** Is there a node at the end of the path? */
export function reaches(run: Run, path: PathPlan, node: number): boolean {
  return leads(run, path, node, undefined, []);
}

/** Does the path lead from the node to one that passes the test and meets the conditions? */
function leads(run: Run, path: PathPlan, node: number, test: StringTest | undefined, target: readonly Condition[]): boolean {
  const accept = (end: number): boolean =>
    (test === undefined || passesTest(run, test, end)) && target.every((each) => meets(run, each, end));
  if (run.optimise && isTree(path.steps)) return descend(run, path.steps, 0, node, accept);
  let nodes: Uint32Array = Uint32Array.of(node);
  for (const step of path.steps) nodes = takeStep(run, nodes, step);
  return nodes.some(accept);
}

const trees = new WeakMap<readonly PlanStep[], boolean>();

/** Does each node at the end have one way only by which it is reached? Then depth first visits nothing twice. */
function isTree(steps: readonly PlanStep[]): boolean {
  let known = trees.get(steps);
  if (known === undefined) {
    const free = steps.every((step) => step.predicates.every((predicate) => predicate.kind === 'free'));
    // up first and then down: what is above has one way, and below it each node has one too
    const down = steps.slice(steps.findIndex(({ axis }) => axis !== 'parent'));
    const walks = down.every(
      ({ axis }) => axis === 'child' || axis === 'attribute' || axis === 'self' || axis === 'descendant' || axis === 'parent',
    );
    const noMoreUp =
      down.every(({ axis }) => axis !== 'parent') || (down.length === steps.length && steps.every(({ axis }) => axis === 'parent'));
    known = free && walks && noMoreUp && down.filter(({ axis }) => axis === 'descendant').length <= 1;
    trees.set(steps, known);
  }
  return known;
}

/** Depth first; true as soon as a node at the end is accepted. */
function descend(run: Run, steps: readonly PlanStep[], at: number, node: number, accept: (node: number) => boolean): boolean {
  if (at === steps.length) return accept(node);
  const step = steps[at];
  const match = matchOf(run.facts, step.test);
  const onwards = (next: number): boolean => passesStep(run, step, next) && descend(run, steps, at + 1, next, accept);
  switch (step.axis) {
    case 'self':
      return selfMatches(run, node, match) && onwards(node);
    case 'parent': {
      const parent = parentOf(run, node);
      return parent >= 0 && selfMatches(run, parent, match) && onwards(parent);
    }
    case 'child':
      return node === 0 ? someWalked(run, node, step, onwards) : someChild(run, node, match, onwards);
    case 'attribute':
      return someAttribute(run, node, match, onwards);
    default:
      return node === 0 ? someWalked(run, node, step, onwards) : someDescendant(run, node, match, onwards);
  }
}

function passesStep(run: Run, step: PlanStep, node: number): boolean {
  for (const predicate of step.predicates) if (predicate.kind === 'free' && !meets(run, predicate.condition, node)) return false;
  return true;
}

function someWalked(run: Run, node: number, step: PlanStep, visit: (node: number) => boolean): boolean {
  const out = new NodeBuffer(run.meter);
  walkAxis(run, node, step.axis, step.test, out);
  return out.list().some(visit);
}

function someChild(run: Run, node: number, match: Match, visit: (node: number) => boolean): boolean {
  if (node >= MADE || node & 1) return false;
  const { label, data } = run;
  const row = node >>> 1;
  const own = data[row];
  if (own < SUBTREE) return match.text && own !== 0 && run.facts.kind[label[row]] === Kind.Element && visit(node + 1);
  const { content } = match;
  const end = row + (own - SUBTREE);
  let looked = 0;
  for (let at = row + 1; at <= end; looked++) {
    const answer = content[label[at]];
    if (answer !== MISS && (answer === HIT || shown(run, answer, at)) && visit(at * 2)) return true;
    const below = data[at];
    at += below >= SUBTREE ? below - SUBTREE + 1 : 1;
  }
  run.meter.spend(looked);
  return false;
}

function someAttribute(run: Run, node: number, match: Match, visit: (node: number) => boolean): boolean {
  if (node === 0 || node >= MADE || node & 1) return false;
  const { label, facts } = run;
  const row = node >>> 1;
  const end = lastRow(run, row);
  run.meter.spend(2);
  for (let at = row + 1; at <= end; at++) {
    const kind = facts.kind[label[at]];
    if (kind !== Kind.Attribute && kind !== Kind.Declaration) break;
    if (match.attributes[label[at]] !== MISS && visit(at * 2)) return true;
  }
  return false;
}

function someDescendant(run: Run, node: number, match: Match, visit: (node: number) => boolean): boolean {
  if (node >= MADE || node & 1) return false;
  const { label, data, facts, scopes } = run;
  const row = node >>> 1;
  if (data[row] < SUBTREE) return someChild(run, node, match, visit);
  const end = lastRow(run, row);
  for (let at = row + 1; at <= end; at++) {
    const own = label[at];
    const answer = match.content[own];
    if (answer !== MISS && shown(run, answer, at) && visit(at * 2)) return true;
    if (match.text && data[at] < SUBTREE && data[at] !== 0 && facts.kind[own] === Kind.Element) {
      if ((scopes === undefined || facts.scoped[own] === 0 || scopes.has(data[at])) && visit(at * 2 + 1)) return true;
    }
    if ((at & 63) === 0) run.meter.spend(64);
  }
  run.meter.spend(1 + Math.min(63, end - row));
  return false;
}

/** The first node in document order that the path reaches, or -1. */
function firstOnPath(run: Run, path: PathPlan, node: number): number {
  const { steps } = path;
  const last = steps.length - 1;
  // children of children in order are in document order; below a descendant step only that step itself may come last
  const inDocumentOrder = run.optimise && node !== 0 && isTree(steps) && steps.every(({ axis }, i) => axis !== 'descendant' || i === last);
  if (inDocumentOrder) {
    let first = -1;
    descend(run, steps, 0, node, (end) => {
      first = end;
      return true;
    });
    return first;
  }
  let nodes: Uint32Array = Uint32Array.of(node);
  for (const step of steps) nodes = takeStep(run, nodes, step);
  return nodes.length === 0 ? -1 : firstOf(run, nodes);
}

/** The index of [last()]. */
export const LAST = Number.POSITIVE_INFINITY;

/** Can there be a node at this place? */
export function isPlace(index: number): boolean {
  return index === LAST || (Number.isInteger(index) && index >= 1);
}

/** The index-th node of a step whose first predicate is that index; -1 when there is none. */
export function nthNode(run: Run, node: number, step: PlanStep, index: number): number {
  if (!isPlace(index)) return -1;
  if (index !== LAST && step.axis === 'following-sibling' && node < MADE && (node & 1) === 0 && node !== 0) {
    const row = node >>> 1;
    const parent = run.parent[row];
    const isAttribute = run.facts.kind[run.label[row]] === Kind.Attribute;
    if (parent !== 0)
      return isAttribute ? -1 : nthFrom(run, lastRow(run, row) + 1, lastRow(run, parent), matchOf(run.facts, step.test), index);
  }
  const out = new NodeBuffer(run.meter, Math.min(index, 16));
  walkAxis(run, node, step.axis, step.test, out, index);
  if (index === LAST) return out.length > 0 ? out.items[out.length - 1] : -1;
  return out.length >= index ? out.items[index - 1] : -1;
}

/** The n-th matching row among siblings that begin at `from`, as a node. */
function nthFrom(run: Run, from: number, end: number, match: Match, index: number): number {
  const { label, data } = run;
  let left = index;
  let looked = 1;
  for (let at = from; at <= end; looked++) {
    const answer = match.content[label[at]];
    if (answer !== MISS && shown(run, answer, at) && --left === 0) {
      run.meter.spend(looked);
      return at * 2;
    }
    const below = data[at];
    at += below >= SUBTREE ? below - SUBTREE + 1 : 1;
  }
  run.meter.spend(looked);
  return -1;
}
