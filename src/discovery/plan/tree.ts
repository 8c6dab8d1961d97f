/**
 * The plan's logical form: the syntax tree with every name resolved, every type known and the abbreviations of XPath folded
 * together. It depends on the expression alone, never on data; what data decides (labels, order of conditions) is decided
 * when the query runs.
 *
 *     /r:resource[c:cluster/c:status = 'RUNNING']
 *
 *     path from root
 *       step child r:resource   predicate (free)
 *         compare =
 *           path from context: child c:cluster / child c:status
 *           literal 'RUNNING'
 */
import type { FunctionDefinition, ValueType } from '../functions/index.js';
import type { ArithmeticOp, Axis, CompareOp } from '../syntax/index.js';
import type { Condition } from './condition.js';

interface Common {
  /** distinct within one compiled expression */
  readonly id: number;
  readonly type: ValueType;
  /** offset in the expression's text */
  readonly at: number;
  /** the value depends on the context node */
  readonly usesNode: boolean;
  /** … on the context position or size */
  readonly usesPosition: boolean;
}

export type Plan = Common &
  (
    | { readonly op: 'literal'; readonly value: string | number | boolean }
    | { readonly op: 'variable'; readonly name: string }
    /** operands are boolean */
    | { readonly op: 'or' | 'and'; readonly operands: readonly Plan[] }
    | { readonly op: 'not'; readonly operand: Plan }
    /** boolean() of a node-set */
    | { readonly op: 'exists'; readonly operand: Plan }
    /** boolean() of anything else */
    | { readonly op: 'truth'; readonly operand: Plan }
    | { readonly op: 'compare'; readonly compare: CompareOp; readonly left: Plan; readonly right: Plan }
    | { readonly op: 'arithmetic'; readonly first: Plan; readonly rest: readonly { readonly op: ArithmeticOp; readonly operand: Plan }[] }
    | { readonly op: 'negate'; readonly operand: Plan }
    | { readonly op: 'union'; readonly operands: readonly Plan[] }
    | { readonly op: 'call'; readonly definition: FunctionDefinition; readonly args: readonly Plan[] }
    | { readonly op: 'filter'; readonly primary: Plan; readonly predicates: readonly Predicate[] }
    | PathPlan
    /** stands for the string of a node that a condition tests (condition.ts) */
    | { readonly op: 'hole' }
  );

export type PathPlan = Common & { readonly op: 'path'; readonly start: 'root' | 'context' | Plan; readonly steps: readonly PlanStep[] };

/**
 * `free` predicates do not depend on positions: they are conditions on the node alone. The others are [3], [last()], and
 * whatever else counts: `counted` plans are numbers to be compared with the position, or booleans that read it.
 */
export type Predicate =
  | { readonly kind: 'free'; readonly plan: Plan; readonly condition: Condition }
  | { readonly kind: 'index'; readonly index: number; readonly plan: Plan }
  | { readonly kind: 'last'; readonly plan: Plan }
  | { readonly kind: 'counted'; readonly plan: Plan };

export interface PlanStep {
  readonly axis: Axis;
  readonly test: NameTest;
  readonly predicates: readonly Predicate[];
  readonly at: number;
}

export interface NameTest {
  /** `any` = `*` */
  readonly kind: 'any' | 'namespace' | 'name' | 'node' | 'text' | 'comment' | 'instruction';
  readonly ns: string;
  /** of `name`; the target of `instruction`, or undefined for any */
  readonly local?: string;
  /** as written, for people */
  readonly written: string;
  /** equal tests have equal keys */
  readonly key: string;
}

export function isConstant(plan: Plan): boolean {
  return !plan.usesNode && !plan.usesPosition;
}

export function isPath(plan: Plan): plan is PathPlan {
  return plan.op === 'path';
}

/** The conditions of predicates that are all free; undefined when one of them counts positions. */
export function conditionsOf(predicates: readonly Predicate[]): Condition[] | undefined {
  const conditions: Condition[] = [];
  for (const predicate of predicates) {
    if (predicate.kind !== 'free') return undefined;
    conditions.push(predicate.condition);
  }
  return conditions;
}
