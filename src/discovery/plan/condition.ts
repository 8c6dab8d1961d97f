/**
 * Conditions: what a predicate without positions asks of a node, in the forms that can be answered for many nodes at once.
 *
 *     [c:status = 'RUNNING']                     reach  c:status, one of them with . = 'RUNNING'
 *     [c:node[c:role = 'head']/following-sibling::c:node[2]]
 *                                                reach  c:node with (reach c:role, '= head') and (each: following-sibling::…)
 *     [contains(i:template, 'gpu')]              first  i:template, the first of them with contains(., 'gpu')
 *     [n:gateway = h:address]                    join
 *     [local-name() = 'scope']                   label  (the same for all nodes of a label)
 *     [$x > 3]                                   fixed  (the same for all nodes)
 *     [count(c:node) > 3]                        each   node by node, the fallback
 */
import type { CompareOp } from '../syntax/index.js';
import { describe } from './describe.js';
import { isConstant, isPath, type PathPlan, type Plan, type PlanStep } from './tree.js';

export type Condition =
  | { readonly kind: 'all'; readonly parts: readonly Condition[]; readonly plan: Plan }
  | { readonly kind: 'any'; readonly parts: readonly Condition[]; readonly plan: Plan }
  | { readonly kind: 'none'; readonly part: Condition; readonly plan: Plan }
  /** some node that the path reaches passes the test, or exists at all */
  | { readonly kind: 'reach'; readonly path: PathPlan; readonly test?: ValueTest; readonly tail?: Tail; readonly plan: Plan }
  /** the string of the first node that the path reaches ('' if none) passes: `scalar` is a boolean plan over the hole */
  | { readonly kind: 'first'; readonly path: PathPlan; readonly scalar: Plan; readonly plan: Plan }
  | { readonly kind: 'join'; readonly left: Plan; readonly right: Plan; readonly plan: Plan }
  | { readonly kind: 'label'; readonly plan: Plan }
  | { readonly kind: 'fixed'; readonly plan: Plan }
  | { readonly kind: 'each'; readonly plan: Plan };

/** `. op constant`, where the constant is anything that does not depend on the node. */
export interface ValueTest {
  readonly op: CompareOp;
  readonly constant: Plan;
}

/** What follows from the first step on that must be walked node by node (positions, namespace axis). `reach.path` holds the steps before. */
export interface Tail {
  readonly path: PathPlan;
  readonly test?: ValueTest;
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

function existence(operand: Plan, test: ValueTest | undefined, plan: Plan): Condition {
  if (operand.op === 'union') return { kind: 'any', parts: operand.operands.map((part) => existence(part, test, plan)), plan };
  if (!isPath(operand) || operand.start !== 'context') return { kind: 'each', plan };
  const barrier = operand.steps.findIndex((step) => !isFreeStep(step));
  if (barrier < 0) return { kind: 'reach', path: operand, plan, ...(test === undefined ? {} : { test }) };
  if (barrier === 0) return { kind: 'each', plan };
  const path = { ...operand, steps: operand.steps.slice(0, barrier) };
  const tail = { path: { ...operand, steps: operand.steps.slice(barrier) }, ...(test === undefined ? {} : { test }) };
  return { kind: 'reach', path, tail, plan };
}

function comparison(plan: Plan & { op: 'compare' }): Condition {
  const { left, right, compare } = plan;
  const set = (side: Plan): boolean => side.type === 'nodeset' && side.usesNode;
  if (set(left) && isConstant(right)) return existence(left, { op: compare, constant: right }, plan);
  if (set(right) && isConstant(left)) return existence(right, { op: MIRROR[compare], constant: left }, plan);
  if (set(left) && set(right)) return { kind: 'join', left, right, plan };
  return scalarCondition(plan);
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
  return isPath(plan) && plan.start === 'context' && plan.steps.length === 1 && plan.steps[0].axis === 'self' && plan.steps[0].test.kind === 'node' && plan.steps[0].predicates.length === 0;
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
