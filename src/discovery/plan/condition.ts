/**
 * Conditions: what a predicate without positions asks of a node, in the forms that can be answered for many nodes at once.
 *
 *     [c:status = 'RUNNING']                     reach  c:status, one of them with . = 'RUNNING'
 *     [c:node/following-sibling::c:node[2][c:state = 'DOWN']]
 *                                                reach  c:node, then nth 2 of following-sibling::c:node, then reach c:state, …
 *     [contains(i:template, 'gpu')]              first  i:template, the first of them with contains(., 'gpu')
 *     [n:gateway = h:address]                    join
 *     [local-name() = 'scope']                   label  (the same for all nodes of a label)
 *     [$x > 3]                                   fixed  (the same for all nodes)
 *     [count(c:node) > 3]                        count
 *     [sum(c:price) > c:limit]                   each   node by node, the fallback
 */
import type { CompareOp } from '../syntax/index.js';
import { compareNumbers } from './compare.js';
import { describe } from './describe.js';
import { conditionsOf, isConstant, isPath, type PathPlan, type Plan, type PlanStep } from './tree.js';

export type Condition =
  | { readonly kind: 'all'; readonly parts: readonly Condition[]; readonly plan: Plan }
  | { readonly kind: 'any'; readonly parts: readonly Condition[]; readonly plan: Plan }
  | { readonly kind: 'none'; readonly part: Condition; readonly plan: Plan }
  /** some node that the path reaches passes the test and meets what follows; or exists at all */
  | {
      readonly kind: 'reach';
      readonly path: PathPlan;
      readonly test?: ValueTest;
      readonly target: readonly Condition[];
      readonly plan: Plan;
    }
  /** the index-th node of the step (from 1, in the axis' order; Infinity: the last) exists and meets what follows */
  | { readonly kind: 'nth'; readonly step: PlanStep; readonly index: number; readonly target: readonly Condition[]; readonly plan: Plan }
  /** the string of the first node that the path reaches ('' if none) passes: `scalar` is a boolean plan over the hole */
  | { readonly kind: 'first'; readonly path: PathPlan; readonly scalar: Plan; readonly plan: Plan }
  /** the path, of child and attribute steps without predicates, reaches so many nodes */
  | { readonly kind: 'count'; readonly path: PathPlan; readonly op: CompareOp; readonly value: number; readonly plan: Plan }
  | { readonly kind: 'join'; readonly left: Plan; readonly right: Plan; readonly plan: Plan }
  | { readonly kind: 'label'; readonly plan: Plan }
  | { readonly kind: 'fixed'; readonly plan: Plan }
  | { readonly kind: 'each'; readonly plan: Plan };

/** `. op constant`, where the constant is anything that does not depend on the node. */
export interface ValueTest {
  readonly op: CompareOp;
  readonly constant: Plan;
}

const MIRROR: Readonly<Record<CompareOp, CompareOp>> = { '=': '=', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Can the step be taken for many nodes at once? */
export function isFreeStep(step: PlanStep): boolean {
  return step.axis !== 'namespace' && step.predicates.every((predicate) => predicate.kind === 'free');
}

export function conditionOf(plan: Plan): Condition {
  if (isConstant(plan)) return { kind: 'fixed', plan };
  switch (plan.op) {
    case 'and':
      return { kind: 'all', parts: plan.operands.map(conditionOf), plan };
    case 'or':
      return { kind: 'any', parts: plan.operands.map(conditionOf), plan };
    case 'not':
      return { kind: 'none', part: conditionOf(plan.operand), plan };
    case 'exists':
      return existence(plan.operand, undefined, plan);
    case 'compare':
      return comparison(plan);
    case 'truth':
    case 'call':
      return scalarCondition(plan);
    default:
      return { kind: 'each', plan };
  }
}

/** Is a comparison with this about the nodes' strings? With a boolean it would be about whether there are nodes at all. */
function comparesStrings(test: ValueTest | undefined): boolean {
  return test === undefined || (test.constant.type !== 'boolean' && test.constant.type !== 'any');
}

function existence(operand: Plan, test: ValueTest | undefined, plan: Plan): Condition {
  if (operand.op === 'union' && comparesStrings(test)) {
    return { kind: 'any', parts: operand.operands.map((part) => existence(part, test, replaceSet(plan, part, test))), plan };
  }
  if (!isPath(operand) || operand.start !== 'context') return { kind: 'each', plan };
  const barrier = operand.steps.findIndex((step) => !isFreeStep(step));
  if (barrier < 0) return { kind: 'reach', path: operand, target: [], plan, ...(test === undefined ? {} : { test }) };
  if (!comparesStrings(test)) return { kind: 'each', plan };
  const tail = tailCondition({ ...operand, steps: operand.steps.slice(barrier) }, test, plan);
  return barrier === 0 ? tail : { kind: 'reach', path: { ...operand, steps: operand.steps.slice(0, barrier) }, target: [tail], plan };
}

/** A path that begins with a step that cannot be taken for many nodes at once, unless it merely picks the n-th. */
function tailCondition(path: PathPlan, test: ValueTest | undefined, plan: Plan): Condition {
  const [step, ...rest] = path.steps;
  const [first, ...others] = step.predicates;
  const conditions = conditionsOf(others);
  const index = first?.kind === 'index' ? first.index : first?.kind === 'last' ? Number.POSITIVE_INFINITY : undefined;
  if (step.axis === 'namespace' || index === undefined || conditions === undefined)
    return { kind: 'each', plan: replaceSet(plan, path, test) };
  const end = { ...path, steps: rest.length > 0 ? rest : [SELF] };
  const target = rest.length === 0 && test === undefined ? conditions : [...conditions, existence(end, test, replaceSet(plan, end, test))];
  return { kind: 'nth', step, index, target, plan: replaceSet(plan, path, test) };
}

const SELF: PlanStep = { axis: 'self', test: { kind: 'node', ns: '', written: 'node()', key: 'node()' }, predicates: [], at: 0 };

/** The boolean plan that asks of `set` what `plan` asks of a larger one. */
function replaceSet(plan: Plan, set: Plan, test: ValueTest | undefined): Plan {
  const common = { id: plan.id, type: 'boolean', at: plan.at, usesNode: true, usesPosition: false } as const;
  return test === undefined
    ? { ...common, op: 'exists', operand: set }
    : { ...common, op: 'compare', compare: test.op, left: set, right: test.constant };
}

function comparison(plan: Plan & { op: 'compare' }): Condition {
  const { left, right, compare } = plan;
  const set = (side: Plan): boolean => side.type === 'nodeset' && side.usesNode;
  if (set(left) && isConstant(right)) return existence(left, { op: compare, constant: right }, plan);
  if (set(right) && isConstant(left)) return existence(right, { op: MIRROR[compare], constant: left }, plan);
  if (set(left) && set(right)) return { kind: 'join', left, right, plan };
  return ofSomething(plan, left, compare, right) ?? ofSomething(plan, right, MIRROR[compare], left) ?? scalarCondition(plan);
}

/** Child and attribute steps alone: what they reach stands grouped by where they began. */
export function isChain(plan: Plan): plan is PathPlan {
  return (
    isPath(plan) &&
    plan.start === 'context' &&
    plan.steps.every(({ axis, predicates }) => (axis === 'child' || axis === 'attribute') && predicates.length === 0)
  );
}

/** What these functions give for no nodes. */
const OF_NOTHING: Readonly<Record<string, number>> = { count: 0, sum: 0, min: Number.NaN, max: Number.NaN, avg: Number.NaN };

/** count(x) > 3 holds only where there is an x: those are found first, and only they are asked. */
function ofSomething(plan: Plan, side: Plan, op: CompareOp, other: Plan): Condition | undefined {
  if (side.op !== 'call' || other.op !== 'literal' || typeof other.value !== 'number') return undefined;
  const [set] = side.args;
  if (side.definition.name === 'count' && isChain(set)) return { kind: 'count', path: set, op, value: other.value, plan };
  const nothing = OF_NOTHING[side.definition.name];
  if (nothing === undefined || compareNumbers(op, nothing, other.value)) return undefined;
  const some: Plan = { id: plan.id, type: 'boolean', at: plan.at, usesNode: true, usesPosition: false, op: 'exists', operand: set };
  return { kind: 'all', parts: [existence(set, undefined, some), { kind: 'each', plan }], plan };
}

/** Boolean plans over one string, or over names alone; else node by node. */
function scalarCondition(plan: Plan): Condition {
  if (readsNamesOnly(plan)) return { kind: 'label', plan };
  const found: { path?: PathPlan } = {};
  const scalar = withHole(plan, found);
  if (scalar !== undefined && found.path !== undefined) return { kind: 'first', path: found.path, scalar, plan };
  return { kind: 'each', plan };
}

const NAME_FUNCTIONS: ReadonlySet<string> = new Set(['local-name', 'name', 'namespace-uri']);

function isSelf(plan: Plan): boolean {
  return (
    isPath(plan) &&
    plan.start === 'context' &&
    plan.steps.length === 1 &&
    plan.steps[0].axis === 'self' &&
    plan.steps[0].test.kind === 'node' &&
    plan.steps[0].predicates.length === 0
  );
}

/** local-name(.) = 'x' and the like: the answer is the label's. */
function readsNamesOnly(plan: Plan): boolean {
  if (isConstant(plan)) return true;
  switch (plan.op) {
    case 'call':
      if (NAME_FUNCTIONS.has(plan.definition.name)) return isSelf(plan.args[0]);
      return plan.definition.usesNode !== true && plan.definition.usesPosition !== true && plan.args.every(readsNamesOnly);
    case 'compare':
      return readsNamesOnly(plan.left) && readsNamesOnly(plan.right);
    case 'truth':
      return readsNamesOnly(plan.operand);
    default:
      return false;
  }
}

/**
 * The plan with a hole where it reads the string of one path, or undefined when it reads more of the context than that.
 * Only places where a node-set is turned into a string or number count; count(x) or x = y read the set itself.
 */
function withHole(plan: Plan, found: { path?: PathPlan }): Plan | undefined {
  if (isConstant(plan)) return plan;
  const coerced = (side: Plan): Plan | undefined => {
    if (side.type !== 'nodeset' || isConstant(side)) return withHole(side, found);
    if (!isPath(side) || side.start !== 'context' || !side.steps.every(isFreeStep)) return undefined;
    if (found.path !== undefined && describe(found.path) !== describe(side)) return undefined;
    found.path = side;
    return { op: 'hole', id: side.id, type: 'string', at: side.at, usesNode: true, usesPosition: false };
  };
  switch (plan.op) {
    case 'call': {
      const { definition } = plan;
      if (definition.usesNode || definition.usesPosition || plan.usesPosition) return undefined;
      const args: Plan[] = [];
      for (const [i, arg] of plan.args.entries()) {
        const param = definition.params[Math.min(i, definition.params.length - 1)];
        const scalarParam = param.startsWith('string') || param.startsWith('number');
        const filled = scalarParam ? coerced(arg) : arg.type === 'nodeset' ? (isConstant(arg) ? arg : undefined) : withHole(arg, found);
        if (filled === undefined) return undefined;
        args.push(filled);
      }
      return { ...plan, args };
    }
    case 'compare': {
      const left = withHole(plan.left, found);
      const right = left && withHole(plan.right, found);
      return left && right && { ...plan, left, right };
    }
    case 'arithmetic': {
      const first = coerced(plan.first);
      if (first === undefined) return undefined;
      const rest: { op: (typeof plan.rest)[number]['op']; operand: Plan }[] = [];
      for (const { op, operand } of plan.rest) {
        const filled = coerced(operand);
        if (filled === undefined) return undefined;
        rest.push({ op, operand: filled });
      }
      return { ...plan, first, rest };
    }
    case 'negate': {
      const operand = coerced(plan.operand);
      return operand && { ...plan, operand };
    }
    case 'truth':
    case 'not': {
      const operand = withHole(plan.operand, found);
      return operand && { ...plan, operand };
    }
    case 'and':
    case 'or': {
      const operands: Plan[] = [];
      for (const operand of plan.operands) {
        const filled = withHole(operand, found);
        if (filled === undefined) return undefined;
        operands.push(filled);
      }
      return { ...plan, operands };
    }
    default:
      return undefined;
  }
}
