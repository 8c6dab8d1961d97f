import type { Expr, NodeTest, Step } from '../../../src/discovery/syntax/index.js';
import { axisNodes } from './axes.js';
import { check } from './check.js';
import { type Focus, FUNCTIONS } from './functions.js';
import { RECOMMENDATION, type Rules } from './rules.js';
import type { TwinNode } from './tree.js';
import { compare, type TwinValue, toBoolean, toNumber, toText } from './values.js';

export interface TwinContext {
  readonly node: TwinNode;
  readonly namespaces: Readonly<Record<string, string>>;
  /** by local name, or `Q{ns}local` */
  readonly variables: Readonly<Record<string, TwinValue>>;
  readonly now?: number;
  /** default: the recommendation */
  readonly rules?: Rules;
  /** how many nodes may be looked at before the twin gives up with TooMuchWork; it knows no short cut */
  work?: number;
}

export class TooMuchWork extends Error {}

/** Evaluates an expression with context position and size 1. Throws an Error for what XPath 1.0 calls an error. */
export function evaluate(expression: Expr, context: TwinContext): TwinValue {
  check(expression, context);
  return evaluateAt(
    expression,
    { node: context.node, position: 1, size: 1, now: context.now ?? 0, rules: context.rules ?? RECOMMENDATION },
    context,
  );
}

function evaluateAt(expr: Expr, focus: Focus, context: TwinContext): TwinValue {
  const value = (inner: Expr) => evaluateAt(inner, focus, context);
  const nodes = (inner: Expr) => value(inner) as TwinNode[];
  const number = (inner: Expr) => toNumber(value(inner), focus.rules);
  switch (expr.kind) {
    case 'or':
      return expr.operands.some((operand) => toBoolean(value(operand)));
    case 'and':
      return expr.operands.every((operand) => toBoolean(value(operand)));
    case 'compare':
      return compare(expr.op, value(expr.left), value(expr.right), focus.rules);
    case 'arithmetic':
      return expr.rest.reduce((left, { op, operand }) => arithmetic(op, left, number(operand)), number(expr.first));
    case 'negate':
      return expr.times % 2 === 0 ? number(expr.operand) : -number(expr.operand);
    case 'union':
      return inDocumentOrder(expr.operands.flatMap(nodes));
    case 'string':
    case 'number':
      return expr.value;
    case 'variable':
      return context.variables[variableKey(expr, context)];
    case 'call': {
      const definition = FUNCTIONS[expr.local];
      const args = expr.args.map((arg, i) =>
        convert(definition.params[Math.min(i, definition.params.length - 1)], value(arg), focus.rules),
      );
      return definition.call(args, focus);
    }
    case 'filter':
      return filtered(nodes(expr.primary), expr.predicates, focus, context);
    case 'path': {
      const start = expr.start === 'context' ? [focus.node] : expr.start === 'root' ? [focus.node.document.nodes[0]] : nodes(expr.start);
      return expr.steps.reduce((from, step) => inDocumentOrder(from.flatMap((node) => stepFrom(node, step, focus, context))), start);
    }
  }
}

/** §2.1: the nodes a step selects from one context node, in axis order. */
function stepFrom(node: TwinNode, step: Step, focus: Focus, context: TwinContext): TwinNode[] {
  if (context.work !== undefined) context.work -= node.document.nodes.length;
  if (context.work !== undefined && context.work < 0) throw new TooMuchWork();
  const tested = axisNodes(step.axis, node, focus.rules).filter((each) => passes(step.test, step.axis, each, context));
  return filtered(tested, step.predicates, focus, context);
}

/** §2.4: each predicate sees the nodes its predecessor left; a number means that position. */
function filtered(nodes: TwinNode[], predicates: readonly Expr[], outer: Focus, context: TwinContext): TwinNode[] {
  return predicates.reduce(
    (left, predicate) =>
      left.filter((node, i) => {
        const value = evaluateAt(predicate, { ...outer, node, position: i + 1, size: left.length }, context);
        return typeof value === 'number' ? value === i + 1 : toBoolean(value);
      }),
    nodes,
  );
}

/** §2.3 */
function passes(test: NodeTest, axis: string, node: TwinNode, context: TwinContext): boolean {
  const principal = axis === 'attribute' ? 'attribute' : axis === 'namespace' ? 'namespace' : 'element';
  switch (test.kind) {
    case 'node':
      return true;
    case 'text':
    case 'comment':
      return node.kind === test.kind;
    case 'processing-instruction':
      return node.kind === 'instruction' && (test.target === undefined || node.local === test.target);
    case 'any':
      return node.kind === principal;
    case 'any-of-namespace':
      return node.kind === principal && node.ns === namespaceOf(test, context);
    case 'name':
      return node.kind === principal && node.local === test.local && node.ns === namespaceOf(test, context);
  }
}

/** The namespace a prefix stands for; no prefix, no namespace. */
export function namespaceOf(name: { readonly prefix?: string; readonly ns?: string }, context: TwinContext): string {
  if (name.ns !== undefined) return name.ns;
  if (name.prefix === undefined) return '';
  if (name.prefix === 'xml') return 'http://www.w3.org/XML/1998/namespace';
  const ns = Object.hasOwn(context.namespaces, name.prefix) ? context.namespaces[name.prefix] : undefined;
  if (ns === undefined) throw new Error(`the prefix ${name.prefix} is not bound`);
  return ns;
}

export function variableKey(name: { readonly prefix?: string; readonly local: string }, context: TwinContext): string {
  return name.prefix === undefined ? name.local : `Q{${namespaceOf(name, context)}}${name.local}`;
}

function arithmetic(op: string, left: number, right: number): number {
  switch (op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case 'div':
      return left / right;
    default:
      return left % right;
  }
}

function convert(param: string, value: TwinValue, rules: Rules): TwinValue {
  const type = param.replace(/[?*]$/, '');
  return type === 'string'
    ? toText(value, rules)
    : type === 'number'
      ? toNumber(value, rules)
      : type === 'boolean'
        ? toBoolean(value)
        : value;
}

function inDocumentOrder(nodes: TwinNode[]): TwinNode[] {
  return [...new Set(nodes)].sort((a, b) => a.order - b.order);
}
