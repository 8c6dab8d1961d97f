/** Comparisons (§3.4). Node-sets compare by what some of their nodes are; interned strings compare by number. */
import { type Nodes, numberOfText, type Result, textOfNumber } from '../functions/index.js';
import type { CompareOp } from '../syntax/index.js';
import { keyOf, numberOf, textEquals, textOf } from './nodes.js';
import { firstOf } from './order.js';
import { isNodes, type Run } from './run.js';

export type Scalar = string | number | boolean;

export function compareValues(run: Run, op: CompareOp, left: Result, right: Result): boolean {
  if (isNodes(left)) return isNodes(right) ? compareSets(run, op, left, right) : compareSet(run, op, left, right);
  if (isNodes(right)) return compareSet(run, mirror(op), right, left);
  return compareScalars(op, left, right);
}

export function mirror(op: CompareOp): CompareOp {
  switch (op) {
    case '<':
      return '>';
    case '<=':
      return '>=';
    case '>':
      return '<';
    case '>=':
      return '<=';
    default:
      return op;
  }
}

export function compareScalars(op: CompareOp, left: Scalar, right: Scalar): boolean {
  if (op === '=' || op === '!=') {
    const same =
      typeof left === 'boolean' || typeof right === 'boolean'
        ? truthOf(left) === truthOf(right)
        : typeof left === 'number' || typeof right === 'number'
          ? toNumber(left) === toNumber(right)
          : left === right;
    return same === (op === '=');
  }
  return compareNumbers(op, toNumber(left), toNumber(right));
}

export function compareNumbers(op: CompareOp, a: number, b: number): boolean {
  switch (op) {
    case '=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}

export function toNumber(value: Scalar): number {
  return typeof value === 'number' ? value : typeof value === 'boolean' ? (value ? 1 : 0) : numberOfText(value);
}

export function toText(value: Scalar): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? textOfNumber(value) : String(value);
}

export function truthOf(value: Scalar): boolean {
  return typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 && !Number.isNaN(value) : value !== '';
}

function compareSet(run: Run, op: CompareOp, nodes: Nodes, value: Scalar): boolean {
  if (typeof value === 'boolean') return compareScalars(op, nodes.length > 0, value);
  const numeric = typeof value === 'number' || (op !== '=' && op !== '!=');
  const number = numeric ? toNumber(value) : 0;
  for (let i = 0; i < nodes.length; i++) {
    run.meter.spend(2);
    if (numeric ? compareNumbers(op, numberOf(run, nodes[i]), number) : textEquals(run, nodes[i], value as string) === (op === '='))
      return true;
  }
  return false;
}

function compareSets(run: Run, op: CompareOp, left: Nodes, right: Nodes): boolean {
  if (left.length === 0 || right.length === 0) return false;
  if (op === '=') return shareString(run, left, right);
  if (op === '!=') return differSomewhere(run, left, right);
  // some pair is in order exactly when the extremes are
  const [low, high] = op === '<' || op === '<=' ? [left, right] : [right, left];
  const strict = op === '<' || op === '>';
  const least = extreme(run, low, Math.min);
  const most = extreme(run, high, Math.max);
  return strict ? least < most : least <= most;
}

function shareString(run: Run, left: Nodes, right: Nodes): boolean {
  const [few, many] = left.length < right.length ? [left, right] : [right, left];
  if (few.length === 1) {
    const key = keyOf(run, few[0]);
    for (let i = 0; i < many.length; i++) {
      run.meter.spend(2);
      if (keyOf(run, many[i]) === key) return true;
    }
    return false;
  }
  const keys = new Set<number | string>();
  for (let i = 0; i < few.length; i++) keys.add(keyOf(run, few[i]));
  run.meter.spend(few.length * 4);
  for (let i = 0; i < many.length; i++) {
    run.meter.spend(4);
    if (keys.has(keyOf(run, many[i]))) return true;
  }
  return false;
}

/** Two sets have a pair that differs unless all their nodes have one and the same string. */
function differSomewhere(run: Run, left: Nodes, right: Nodes): boolean {
  const key = keyOf(run, left[0]);
  for (const nodes of [left, right]) {
    for (let i = 0; i < nodes.length; i++) {
      run.meter.spend(2);
      if (keyOf(run, nodes[i]) !== key) return true;
    }
  }
  return false;
}

/** Least or greatest number of a set, those that are none left out; NaN when there is no other. */
function extreme(run: Run, nodes: Nodes, pick: (a: number, b: number) => number): number {
  let found = Number.NaN;
  for (let i = 0; i < nodes.length; i++) {
    run.meter.spend(2);
    const number = numberOf(run, nodes[i]);
    if (!Number.isNaN(number)) found = Number.isNaN(found) ? number : pick(found, number);
  }
  return found;
}

/** string() of any value, the nodes' string-values included. */
export function stringOf(run: Run, value: Result): string {
  if (!isNodes(value)) return toText(value);
  return value.length === 0 ? '' : textOf(run, firstOf(run, value));
}

export function numberOfValue(run: Run, value: Result): number {
  if (!isNodes(value)) return toNumber(value);
  return value.length === 0 ? Number.NaN : numberOf(run, firstOf(run, value));
}

export function booleanOf(value: Result): boolean {
  return isNodes(value) ? value.length > 0 : truthOf(value);
}
