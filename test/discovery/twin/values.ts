import type { Rules } from './rules.js';
import { stringValue, type TwinNode } from './tree.js';

/** A node-set is an array without doubles, in document order. */
export type TwinValue = TwinNode[] | string | number | boolean;

/** §4.2 string() */
export function toText(value: TwinValue, rules: Rules): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : stringValue(value[0]);
  return typeof value === 'number' ? rules.numberText(value) : String(value);
}

/** §4.4 number() */
export function toNumber(value: TwinValue, rules: Rules): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return rules.textNumber(toText(value, rules));
}

/** §4.3 boolean() */
export function toBoolean(value: TwinValue): boolean {
  if (typeof value === 'number') return value !== 0 && !Number.isNaN(value);
  if (typeof value === 'boolean') return value;
  return value.length > 0;
}

/** §3.4: what = != < <= > >= mean for every pair of types. A node-set compares as any of its nodes does, but as a whole with a boolean. */
export function compare(op: string, left: TwinValue, right: TwinValue, rules: Rules): boolean {
  if (Array.isArray(left) && typeof right === 'boolean') return compareSimple(op, toBoolean(left), right, rules);
  if (Array.isArray(right) && typeof left === 'boolean') return compareSimple(op, left, toBoolean(right), rules);
  return simples(left).some((a) => simples(right).some((b) => compareSimple(op, a, b, rules)));
}

type Simple = string | number | boolean;

/** The string-values of a node-set (a number on the other side converts them as number() of the node would). */
function simples(value: TwinValue): Simple[] {
  return Array.isArray(value) ? value.map(stringValue) : [value];
}

function compareSimple(op: string, left: Simple, right: Simple, rules: Rules): boolean {
  if (op === '=' || op === '!=') {
    const has = (type: string) => typeof left === type || typeof right === type;
    const common = has('boolean') ? toBoolean : has('number') ? toNumber : toText;
    return (common(left, rules) === common(right, rules)) === (op === '=');
  }
  const [a, b] = [toNumber(left, rules), toNumber(right, rules)];
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
}
