/**
 * Value tests, made ready for a run: what is asked of a node's string becomes a question about string numbers, and each
 * distinct string is asked once.
 */
import type { Nodes, Result } from '../functions/index.js';
import type { CompareOp } from '../syntax/index.js';
import { compareNumbers, compareValues, mirror, toNumber } from './compare.js';
import type { Condition, ValueTest } from './condition.js';
import { describe } from './describe.js';
import { evaluate, truth } from './evaluate.js';
import { keyOf, numberOf, textEquals, textOf } from './nodes.js';
import { firstOf } from './order.js';
import { isNodes, type Run } from './run.js';
import { isConstant, type Plan } from './tree.js';

export interface StringTest {
  /** the strings that pass, when they are known and few: found through postings */
  readonly ids?: readonly number[];
  /** does the string with this id pass? */
  pass(id: number): boolean;
  /** does the string-value of a node pass that is no interned string (an element with several texts)? */
  passNode(node: number): boolean;
  /** which part of the strings is likely to pass */
  readonly share: number;
}

/** More strings than this are looked for by a scan, not one by one. */
const FEW = 1024;

export function comparisonTest(run: Run, test: ValueTest): StringTest {
  const value = evaluate(run, test.constant, 0, 1, 1);
  if (isNodes(value)) return setTest(run, test.op, value);
  const { strings } = run.columns;
  const { op } = test;
  if (typeof value === 'string' && (op === '=' || op === '!=')) {
    const id = strings.find(value);
    if (op === '!=') return { pass: (other) => other !== id, passNode: (node) => !textEquals(run, node, value), share: 1 };
    return { ids: id < 0 ? [] : [id], pass: (other) => other === id, passNode: (node) => textEquals(run, node, value), share: 0.001 };
  }
  const number = toNumber(value);
  return {
    pass: (id) => compareNumbers(op, strings.number(id), number),
    passNode: (node) => compareNumbers(op, toNumber(textOf(run, node)), number),
    share: op === '=' ? 0.05 : op === '!=' ? 1 : 0.33,
  };
}

/** `. op node-set`, the node-set being the same for every node asked. */
function setTest(run: Run, op: CompareOp, nodes: Nodes): StringTest {
  const { strings } = run.columns;
  if (op !== '=' && op !== '!=') {
    // against the extreme number of the set: some number is greater exactly when the greatest is
    const numbers = Array.from(nodes, (node) => numberOf(run, node)).filter((number) => !Number.isNaN(number));
    run.meter.spend(nodes.length);
    const up = op === '<' || op === '<=';
    const bound = numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => (up ? Math.max(a, b) : Math.min(a, b)));
    return {
      pass: (id) => compareNumbers(op, strings.number(id), bound),
      passNode: (node) => compareNumbers(op, toNumber(textOf(run, node)), bound),
      share: 0.33,
    };
  }
  const keys = new Set<number | string>();
  for (let i = 0; i < nodes.length; i++) {
    keys.add(keyOf(run, nodes[i]));
    run.meter.spend(4);
  }
  if (op === '!=') {
    const [only] = keys;
    const differs = (key: number | string): boolean => keys.size > 1 || (keys.size === 1 && key !== only);
    return { pass: differs, passNode: (node) => differs(keyOf(run, node)), share: 1 };
  }
  const ids = [...keys].filter((key) => typeof key === 'number');
  return {
    ...(ids.length <= FEW ? { ids } : {}),
    pass: (id) => keys.has(id),
    passNode: (node) => keys.has(keyOf(run, node)),
    share: Math.min(1, 0.001 * keys.size),
  };
}

type Matcher = 'contains' | 'starts-with' | 'ends-with';
const MATCHERS: ReadonlySet<string> = new Set<Matcher>(['contains', 'starts-with', 'ends-with']);

/** `string(x) = 'y'` and `number(x) > 3` ask of a string what a comparison of the node itself would ask. */
function asComparison(scalar: Plan): ValueTest | undefined {
  if (scalar.op !== 'compare') return undefined;
  const asks = (side: Plan, other: Plan): boolean =>
    side.op === 'call' &&
    side.args[0]?.op === 'hole' &&
    isConstant(other) &&
    (side.definition.name === 'string' ? other.type === 'string' : side.definition.name === 'number' && other.type === 'number');
  if (asks(scalar.left, scalar.right)) return { op: scalar.compare, constant: scalar.right };
  if (asks(scalar.right, scalar.left)) return { op: mirror(scalar.compare), constant: scalar.left };
  return undefined;
}

/** Does a string pass a boolean plan over the hole? */
export function scalarTest(run: Run, scalar: Plan): StringTest {
  const comparison = asComparison(scalar);
  if (comparison !== undefined) return comparisonTest(run, comparison);
  const { strings } = run.columns;
  const askText = (text: string): boolean => {
    const before = run.hole;
    run.hole = text;
    const passed = truth(run, scalar, 0, 1, 1);
    run.hole = before;
    return passed;
  };
  const passNode = (node: number): boolean => askText(textOf(run, node));
  if (scalar.op === 'call' && MATCHERS.has(scalar.definition.name) && scalar.args[0].op === 'hole' && isConstant(scalar.args[1])) {
    const matches = strings.matcher(scalar.definition.name as Matcher, needleOf(run, scalar.args[1]));
    if (scalar.definition.name !== 'contains') return { pass: matches, passNode, share: 0.05 };
    let asked = 0;
    return {
      pass(id) {
        // how long a string is costs more to learn than that it does not match: every sixteenth stands for the others
        if ((++asked & 15) === 0) run.meter.spend(64 + (strings.byteLength(id) >>> 2));
        return matches(id);
      },
      passNode,
      share: 0.05,
    };
  }
  // 0: not asked yet, 1: fails, 2: passes
  const memo = new Uint8Array(strings.count);
  return {
    pass(id) {
      if (memo[id] === 0) {
        memo[id] = askText(strings.text(id)) ? 2 : 1;
        run.meter.spend(2 + (strings.byteLength(id) >>> 6));
      }
      return memo[id] === 2;
    },
    passNode,
    share: 0.2,
  };
}

function needleOf(run: Run, plan: Plan): string {
  const value: Result = evaluate(run, plan, 0, 1, 1);
  return typeof value === 'string' ? value : isNodes(value) ? (value.length === 0 ? '' : textOf(run, firstOf(run, value))) : String(value);
}

/** How `x = true()` and its like are answered: by whether there is an x at all. Undefined: the constant is no boolean. */
export function existenceTest(run: Run, test: ValueTest | undefined): { readonly some: boolean; readonly none: boolean } | undefined {
  if (test === undefined || test.constant.type === 'string' || test.constant.type === 'number' || test.constant.type === 'nodeset')
    return undefined;
  const value = evaluate(run, test.constant, 0, 1, 1);
  if (typeof value !== 'boolean') return undefined;
  return { some: compareValues(run, test.op, true, value), none: compareValues(run, test.op, false, value) };
}

export function describeTest(condition: Condition): string {
  if (condition.kind === 'reach' && condition.test !== undefined) return `${condition.test.op} ${describe(condition.test.constant)}`;
  if (condition.kind === 'first') return describe(condition.scalar);
  return '';
}
