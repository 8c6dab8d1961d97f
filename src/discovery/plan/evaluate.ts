/**
 * The evaluator: the value of any part of a plan at one context. Paths go from set to set (steps.ts), never from node to
 * node, so no expression takes exponential time; what depends on no context is evaluated once. Whole conditions and
 * absolute paths are handed to the planner (sieve.ts, paths.ts), which treats many nodes at once.
 */
import { Problem } from '../../model/index.js';
import { type Focus, type Nodes, numberOfText, type Result } from '../functions/index.js';
import { booleanOf, compareValues, numberOfValue, stringOf } from './compare.js';
import { hostOf } from './host.js';
import { inOrder, sortUnique, uniteAll } from './order.js';
import { countPath, evaluatePath } from './paths.js';
import { passPredicates } from './positional.js';
import { reaches } from './probe.js';
import { isNodes, type Run } from './run.js';
import { sieve } from './sieve.js';
import { conditionsOf, isConstant, isPath, type Plan } from './tree.js';

/** Value of a plan where the context is `node`, the `position`th of `size`. */
export function evaluate(run: Run, plan: Plan, node: number, position: number, size: number): Result {
  if (plan.op === 'literal') return plan.value;
  if (plan.op === 'hole') return run.hole;
  if (plan.op === 'variable') return variable(run, plan.name);
  if (!isConstant(plan)) return compute(run, plan, node, position, size);
  const known = run.constants.get(plan.id);
  if (known !== undefined) return known;
  const value = compute(run, plan, node, position, size);
  // large sets are kept only as far as one may be large
  if (!isNodes(value) || run.kept + value.length <= run.meter.budget.nodes) {
    run.constants.set(plan.id, value);
    if (isNodes(value)) run.kept += value.length;
  }
  return value;
}

function* eachSet(run: Run, operands: readonly Plan[], node: number, position: number, size: number): Generator<Nodes, void, undefined> {
  for (const operand of operands) yield nodesOf(run, operand, node, position, size);
}

function variable(run: Run, name: string): Result {
  const value = run.variables.get(name);
  if (value !== undefined) return value;
  const message = `the variable $${name} has no value`;
  throw new Problem('invalid-xpath', {
    detail: message,
    hint: 'pass it with the query',
    violations: [{ rule: 'xpath-variable', message }],
  });
}

function compute(run: Run, plan: Plan, node: number, position: number, size: number): Result {
  run.meter.spend(1);
  switch (plan.op) {
    case 'or':
      return plan.operands.some((operand) => truth(run, operand, node, position, size));
    case 'and':
      return plan.operands.every((operand) => truth(run, operand, node, position, size));
    case 'not':
      return !truth(run, plan.operand, node, position, size);
    case 'exists':
      if (isPath(plan.operand) && plan.operand.start === 'context') return reaches(run, plan.operand, node);
      return nodesOf(run, plan.operand, node, position, size).length > 0;
    case 'truth':
      return booleanOf(evaluate(run, plan.operand, node, position, size));
    case 'compare':
      return compareValues(
        run,
        plan.compare,
        evaluate(run, plan.left, node, position, size),
        evaluate(run, plan.right, node, position, size),
      );
    case 'arithmetic':
      return arithmetic(run, plan, node, position, size);
    case 'negate':
      return -number(run, plan.operand, node, position, size);
    case 'union':
      return uniteAll(run, eachSet(run, plan.operands, node, position, size));
    case 'call':
      return call(run, plan, node, position, size);
    case 'filter': {
      const primary = nodesOf(run, plan.primary, node, position, size);
      const conditions = conditionsOf(plan.predicates);
      if (conditions !== undefined) return sieve(run, conditions, primary);
      return sortUnique(run, passPredicates(run, inOrder(run, primary), plan.predicates).slice());
    }
    case 'path':
      return evaluatePath(run, plan, node, position, size);
    case 'literal':
    case 'variable':
    case 'hole':
      return evaluate(run, plan, node, position, size);
  }
}

export function truth(run: Run, plan: Plan, node: number, position: number, size: number): boolean {
  return booleanOf(evaluate(run, plan, node, position, size));
}

export function number(run: Run, plan: Plan, node: number, position: number, size: number): number {
  if (plan.op === 'hole') return numberOfText(run.hole);
  return numberOfValue(run, evaluate(run, plan, node, position, size));
}

export function nodesOf(run: Run, plan: Plan, node: number, position: number, size: number): Nodes {
  const value = evaluate(run, plan, node, position, size);
  if (isNodes(value)) return value;
  const message = `a node-set is needed, and ${plan.op === 'variable' ? `$${plan.name}` : 'this'} is a ${typeof value}`;
  throw new Problem('invalid-xpath', { detail: message, violations: [{ rule: 'xpath-type', message, column: plan.at + 1 }] });
}

function arithmetic(run: Run, plan: Plan & { op: 'arithmetic' }, node: number, position: number, size: number): number {
  let value = number(run, plan.first, node, position, size);
  for (const { op, operand } of plan.rest) {
    const right = number(run, operand, node, position, size);
    switch (op) {
      case '+':
        value += right;
        break;
      case '-':
        value -= right;
        break;
      case '*':
        value *= right;
        break;
      case 'div':
        value /= right;
        break;
      // the sign of the dividend, as the recommendation's examples and JavaScript have it
      case 'mod':
        value %= right;
        break;
    }
  }
  return value;
}

function call(run: Run, plan: Plan & { op: 'call' }, node: number, position: number, size: number): Result {
  const { definition, args } = plan;
  if (definition.name === 'count' && isPath(args[0])) return countPath(run, args[0], node, position, size);
  const { params } = definition;
  const values: Result[] = [];
  for (let i = 0; i < args.length; i++) {
    const param = params[Math.min(i, params.length - 1)];
    values.push(argument(run, param, args[i], node, position, size));
  }
  run.host ??= hostOf(run);
  const focus: Focus = { host: run.host, node, position, size };
  return definition.call(values, focus);
}

function argument(run: Run, param: string, arg: Plan, node: number, position: number, size: number): Result {
  if (param.startsWith('nodeset')) return nodesOf(run, arg, node, position, size);
  if (param.startsWith('string')) return stringOf(run, evaluate(run, arg, node, position, size));
  if (param.startsWith('number')) return number(run, arg, node, position, size);
  const value = evaluate(run, arg, node, position, size);
  // id(): a node-set, or the string of anything else
  return isNodes(value) ? value : stringOf(run, value);
}
