/**
 * Standing questions: what must be looked at again when a resource changes?
 *
 * Most questions are about each resource by itself: what they select in the directory is what they select in each resource,
 * put together. Then a change concerns them only through the resource that changed, and only when that has what they need:
 *
 *     /r:resource[c:cluster/c:status = 'RUNNING']/c:cluster     by itself; needs an element c:status with the text RUNNING
 *     //h:host[h:memoryMb > 4096]                               by itself; needs an element h:memoryMb
 *     count(//h:host), id(//c:siteRef), (//h:host)[1]           about many resources at once
 */
import { RESOURCE_NS } from '../../model/index.js';
import type { Need, Standing } from '../engine.js';
import type { Axis } from '../syntax/index.js';
import { isPath, type NameTest, type PathPlan, type Plan, type PlanStep, type Predicate } from './tree.js';

/** `texts`: values of the variables that are strings. */
export function standingOf(plan: Plan, texts: ReadonlyMap<string, string>): Standing {
  const byResource = plan.type === 'nodeset' && isByResource(plan);
  const needs = byResource ? needsOfNodes(plan, texts) : undefined;
  return { byResource, timed: someCall(plan, TIMED), ...(needs === undefined ? {} : { needs }) };
}

const TIMED: ReadonlySet<string> = new Set(['current-dateTime', 'dir:age', 'dir:fresh']);

// Where a node can stand: the root node as one comes down from it, a resource's root element, below that.
const ROOT = 1;
const TOP = 2;
const BELOW = 4;
/** the root node as one comes up to it, or another resource: what lies beyond is more than one resource */
const BEYOND = 8;
type Where = number;

const FROM_ROOT: Readonly<Partial<Record<Axis, Where>>> = {
  child: TOP,
  descendant: TOP | BELOW,
  'descendant-or-self': ROOT | TOP | BELOW,
  self: ROOT,
  'ancestor-or-self': ROOT,
};
const FROM_TOP: Readonly<Record<Axis, Where>> = {
  child: BELOW,
  attribute: BELOW,
  namespace: BELOW,
  descendant: BELOW,
  'descendant-or-self': TOP | BELOW,
  self: TOP,
  parent: BEYOND,
  ancestor: BEYOND,
  'ancestor-or-self': TOP | BEYOND,
  following: BEYOND,
  'following-sibling': BEYOND,
  preceding: BEYOND,
  'preceding-sibling': BEYOND,
};
const FROM_BELOW: Readonly<Record<Axis, Where>> = {
  child: BELOW,
  attribute: BELOW,
  namespace: BELOW,
  descendant: BELOW,
  'descendant-or-self': BELOW,
  self: BELOW,
  parent: TOP | BELOW,
  ancestor: TOP | BELOW | BEYOND,
  'ancestor-or-self': TOP | BELOW | BEYOND,
  following: BELOW | BEYOND,
  'following-sibling': BELOW,
  preceding: BELOW | BEYOND,
  'preceding-sibling': BELOW,
};
/** Beyond the resource there are elements and text, not only the root node. */
const REACHES_OTHERS: ReadonlySet<Axis> = new Set(['following', 'following-sibling', 'preceding', 'preceding-sibling']);

class Beyond extends Error {}

function isByResource(plan: Plan): boolean {
  try {
    // the root node itself is no resource's
    return (placesOf(plan, ROOT, true) & (ROOT | BEYOND)) === 0;
  } catch (error) {
    if (error instanceof Beyond) return false;
    throw error;
  }
}

/**
 * Where the nodes of a plan stand when it is evaluated at a node in `from`. `whole`: over all resources at once, so that nothing
 * may be counted. Throws Beyond when it asks about more than the resource it is in.
 */
function placesOf(plan: Plan, from: Where, whole: boolean): Where {
  switch (plan.op) {
    case 'literal':
    case 'variable':
    case 'hole':
      return 0;
    case 'union':
      return plan.operands.reduce((places, operand) => places | placesOf(operand, from, whole), 0);
    case 'path':
      return placesOfPath(plan, from, whole);
    case 'filter': {
      const places = placesOf(plan.primary, from, whole);
      check(plan.predicates, places, whole);
      return places;
    }
    default:
      // A number, string or boolean made of all resources is not made of each.
      if (whole || callNamed(plan) === 'id') throw new Beyond();
      return operandsOf(plan).reduce((places, operand) => places | placesOf(operand, from, false), 0);
  }
}

function placesOfPath(path: PathPlan, from: Where, whole: boolean): Where {
  if (path.start === 'root' && !whole) throw new Beyond();
  let places = path.start === 'root' ? ROOT : path.start === 'context' ? from : placesOf(path.start, from, whole);
  for (const step of path.steps) {
    const before = places;
    places = after(step, before);
    // Children of the root node are counted among all resources; deeper down, only what comes from the root in one step is.
    check(step.predicates, places, (before & ROOT) !== 0 && (step.axis !== 'child' || (places & TOP) !== 0));
  }
  return places;
}

function after({ axis, test }: PlanStep, from: Where): Where {
  let to = 0;
  if ((from & ROOT) !== 0) to |= FROM_ROOT[axis] ?? 0;
  if ((from & TOP) !== 0) to |= FROM_TOP[axis];
  if ((from & BELOW) !== 0) to |= FROM_BELOW[axis];
  if (test.kind !== 'node') {
    to &= ~ROOT;
    if (!REACHES_OTHERS.has(axis)) to &= ~BEYOND;
  }
  if (!canBeTop(test)) to &= ~TOP;
  if ((to & BEYOND) !== 0) throw new Beyond();
  return to;
}

/** In a directory the root elements are resources. */
function canBeTop({ kind, ns, local }: NameTest): boolean {
  if (kind === 'node' || kind === 'any') return true;
  return ns === RESOURCE_NS && (kind === 'namespace' || (kind === 'name' && local === 'resource'));
}

/** `counted`: the nodes that the predicates count are of many resources. */
function check(predicates: readonly Predicate[], at: Where, counted: boolean): void {
  for (const predicate of predicates) {
    if ((counted && predicate.kind !== 'free') || (at & ROOT) !== 0) throw new Beyond();
    placesOf(predicate.plan, at, false);
  }
}

function callNamed(plan: Plan): string | undefined {
  return plan.op === 'call' ? plan.definition.name : undefined;
}

function operandsOf(plan: Plan): readonly Plan[] {
  switch (plan.op) {
    case 'or':
    case 'and':
    case 'union':
      return plan.operands;
    case 'not':
    case 'exists':
    case 'truth':
    case 'negate':
      return [plan.operand];
    case 'compare':
      return [plan.left, plan.right];
    case 'arithmetic':
      return [plan.first, ...plan.rest.map(({ operand }) => operand)];
    case 'call':
      return plan.args;
    case 'filter':
      return [plan.primary, ...plan.predicates.map((predicate) => predicate.plan)];
    case 'path': {
      const inside = plan.steps.flatMap(({ predicates }) => predicates.map((predicate) => predicate.plan));
      return typeof plan.start === 'string' ? inside : [plan.start, ...inside];
    }
    default:
      return [];
  }
}

function someCall(plan: Plan, names: ReadonlySet<string>): boolean {
  return names.has(callNamed(plan) ?? '') || operandsOf(plan).some((operand) => someCall(operand, names));
}

type Needs = readonly Need[] | undefined;

/** What a resource must have for the plan to select a node in it. */
function needsOfNodes(plan: Plan, texts: ReadonlyMap<string, string>): Needs {
  switch (plan.op) {
    case 'union':
      return anyOf(plan.operands.map((operand) => needsOfNodes(operand, texts)));
    case 'filter':
      return best([needsOfNodes(plan.primary, texts), ...needsOfPredicates(plan.predicates, texts)]);
    case 'path':
      return best([
        ...(typeof plan.start === 'string' ? [] : [needsOfNodes(plan.start, texts)]),
        ...plan.steps.flatMap((step) => {
          const own = needOfStep(step);
          return [own, ...needsOfPredicates(step.predicates, texts, own?.[0])];
        }),
      ]);
    default:
      return undefined;
  }
}

/** `self`: what is known of the nodes that the predicates are about. */
function needsOfPredicates(predicates: readonly Predicate[], texts: ReadonlyMap<string, string>, self?: Need): Needs[] {
  return predicates.map((predicate) => (predicate.kind === 'free' ? needsOfTruth(predicate.plan, texts, self) : undefined));
}

function needOfStep({ axis, test }: PlanStep): Needs {
  return test.kind === 'name' && axis !== 'namespace' ? [{ ns: test.ns, local: test.local as string }] : undefined;
}

/** What a resource must have for the plan to be true in it. */
function needsOfTruth(plan: Plan, texts: ReadonlyMap<string, string>, self?: Need): Needs {
  switch (plan.op) {
    case 'and':
      return best(plan.operands.map((operand) => needsOfTruth(operand, texts, self)));
    case 'or':
      return anyOf(plan.operands.map((operand) => needsOfTruth(operand, texts, self)));
    case 'exists':
      return needsOfNodes(plan.operand, texts);
    case 'compare':
      return best([
        needsOfSide(plan.left, plan.right, plan.compare, texts, self),
        needsOfSide(plan.right, plan.left, plan.compare, texts, self),
      ]);
    case 'call':
      return needsOfSearch(plan, texts);
    default:
      return undefined;
  }
}

/** A comparison is false for an empty node-set, unless it is with a boolean. */
function needsOfSide(side: Plan, other: Plan, op: string, texts: ReadonlyMap<string, string>, self: Need | undefined): Needs {
  if (side.type !== 'nodeset' || other.type === 'boolean') return undefined;
  const text = op === '=' ? textOf(other, texts) : undefined;
  if (other.type === 'any' && text === undefined) return undefined;
  const named = isPath(side) ? namedBy(side.steps, self) : undefined;
  // The empty text is also that of elements without any, which nobody lists by their text.
  if (named === undefined || text === undefined || text === '') return needsOfNodes(side, texts);
  return [{ ...named, value: text }];
}

/** The element or attribute whose string is that of the nodes which the steps lead to. */
function namedBy(steps: readonly PlanStep[], self: Need | undefined): Need | undefined {
  const last = steps.at(-1);
  if (last === undefined) return self;
  if (last.axis === 'self' && last.test.kind === 'node') return namedBy(steps.slice(0, -1), self);
  if (last.axis === 'child' && last.test.kind === 'text') return namedBy(steps.slice(0, -1), self);
  return needOfStep(last)?.[0];
}

function textOf(plan: Plan, texts: ReadonlyMap<string, string>): string | undefined {
  if (plan.op === 'literal') return typeof plan.value === 'string' ? plan.value : undefined;
  return plan.op === 'variable' ? texts.get(plan.name) : undefined;
}

const SEARCHES: ReadonlySet<string> = new Set(['contains', 'starts-with', 'ends-with']);

/** Nothing but the empty string is found in the string of an empty node-set. */
function needsOfSearch(plan: Plan, texts: ReadonlyMap<string, string>): Needs {
  if (plan.op !== 'call' || !SEARCHES.has(plan.definition.name)) return undefined;
  const [where, what] = plan.args;
  if (where === undefined || what === undefined || (textOf(what, texts) ?? '') === '') return undefined;
  const nodes = where.op === 'call' && where.definition.name === 'string' ? where.args[0] : where;
  return nodes?.type === 'nodeset' ? needsOfNodes(nodes, texts) : undefined;
}

/** The needs of alternatives: nothing can be said when nothing can be said of one. */
function anyOf(all: readonly Needs[]): Needs {
  return all.every((needs) => needs !== undefined) ? all.flatMap((needs) => needs as readonly Need[]) : undefined;
}

/** Of several that must all be met, the one that the fewest resources will meet: a text, a name of somebody's facet, the last one. */
function best(all: readonly Needs[]): Needs {
  let chosen: Needs;
  for (const needs of all) {
    if (needs !== undefined && (chosen === undefined || rank(needs) <= rank(chosen))) chosen = needs;
  }
  return chosen;
}

function rank(needs: readonly Need[]): number {
  return Math.max(0, ...needs.map(({ ns, value }) => (value !== undefined ? 0 : ns === RESOURCE_NS || ns === '' ? 2 : 1)));
}
