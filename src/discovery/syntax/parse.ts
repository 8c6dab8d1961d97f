/**
 * discovery/syntax/: what does this expression say? XPath 1.0 text → the tree of `ast.ts`. One function per
 * production of the recommendation; knows no functions, no namespaces, no documents.
 */

import { nearest } from '../../model/index.js';
import type { ArithmeticOp, Axis, CompareOp, Expr, NodeTest, Step } from './ast.js';
import { invalidXPath } from './invalid.js';
import { lexer, type Token } from './lex.js';
import { SYNTAX_LIMITS, type SyntaxLimits } from './limits.js';

export const AXES: ReadonlySet<string> = new Set<Axis>([
  'ancestor',
  'ancestor-or-self',
  'attribute',
  'child',
  'descendant',
  'descendant-or-self',
  'following',
  'following-sibling',
  'namespace',
  'parent',
  'preceding',
  'preceding-sibling',
  'self',
]);

const EQUALITY = ['=', '!='];
const RELATIONAL = ['<', '<=', '>', '>='];
const ADDITIVE = ['+', '-'];
const MULTIPLICATIVE = ['*', 'div', 'mod'];
const MINUS = ['-'];
const SLASHES = ['/', '//'];
const DOUBLE_SLASH = ['//'];

/**
 * Reads one expression (Expr, §3.1) and nothing beside it.
 * @throws Problem `invalid-xpath` with the column, what was found and what was expected.
 */
export function parseXPath(text: string, limits: SyntaxLimits = SYNTAX_LIMITS): Expr {
  if (text.length > limits.length) {
    throw invalidXPath(text, limits.length, {
      rule: 'xpath-limit',
      message: `the expression has ${text.length} characters, and ${limits.length} are allowed`,
      hint: 'pass long values as $variables',
    });
  }
  const next = lexer(text);
  let token = next();
  let depth = 0;
  let chained = 0;
  const expression = orExpr();
  if (token.kind !== 'end') throw unexpected('an operator or the end of the expression');
  return expression;

  // §3.4 booleans. Each level reads the operands of its operator; a lone operand passes through.

  function orExpr(): Expr {
    const at = token.at;
    const operands = separated(andExpr, 'or');
    return operands.length === 1 ? operands[0] : { kind: 'or', operands, at };
  }

  function andExpr(): Expr {
    const at = token.at;
    const operands = separated(equalityExpr, 'and');
    return operands.length === 1 ? operands[0] : { kind: 'and', operands, at };
  }

  function equalityExpr(): Expr {
    return comparison(relationalExpr, EQUALITY);
  }

  function relationalExpr(): Expr {
    return comparison(additiveExpr, RELATIONAL);
  }

  function comparison(operand: () => Expr, operators: readonly string[]): Expr {
    let left = operand();
    for (let first = true; ; first = false) {
      const op = operatorOf(operators);
      if (op === undefined) return left;
      if (!first) countChained();
      const at = take().at;
      left = { kind: 'compare', op: op as CompareOp, left, right: operand(), at };
    }
  }

  // §3.5 numbers

  function additiveExpr(): Expr {
    return arithmetic(multiplicativeExpr, ADDITIVE);
  }

  function multiplicativeExpr(): Expr {
    return arithmetic(unaryExpr, MULTIPLICATIVE);
  }

  function arithmetic(operand: () => Expr, operators: readonly string[]): Expr {
    const at = token.at;
    const first = operand();
    const rest: { op: ArithmeticOp; operand: Expr }[] = [];
    for (;;) {
      const op = operatorOf(operators);
      if (op === undefined) return rest.length === 0 ? first : { kind: 'arithmetic', first, rest, at };
      checkList(rest.length + 2, 'operands');
      take();
      rest.push({ op: op as ArithmeticOp, operand: operand() });
    }
  }

  function unaryExpr(): Expr {
    const at = token.at;
    let times = 0;
    while (operatorOf(MINUS)) {
      take();
      times++;
    }
    const operand = unionExpr();
    return times === 0 ? operand : { kind: 'negate', operand, times, at };
  }

  // §3.3 node-sets

  function unionExpr(): Expr {
    const at = token.at;
    const operands = separated(pathExpr, '|');
    return operands.length === 1 ? operands[0] : { kind: 'union', operands, at };
  }

  function pathExpr(): Expr {
    const at = token.at;
    if (operatorOf(SLASHES)) return absolutePath();
    if (startsStep()) return { kind: 'path', start: 'context', steps: relativePath([]), at };
    const start = filterExpr();
    return operatorOf(SLASHES) ? { kind: 'path', start, steps: relativePath([], true), at } : start;
  }

  function filterExpr(): Expr {
    const at = token.at;
    const primary = primaryExpr();
    const predicates = predicateList();
    return predicates.length === 0 ? primary : { kind: 'filter', primary, predicates, at };
  }

  function primaryExpr(): Expr {
    const primary = token;
    switch (primary.kind) {
      case 'string':
      case 'number':
        take();
        return { kind: primary.kind, value: primary.value, at: primary.at } as Expr;
      case 'variable':
        take();
        return { kind: 'variable', prefix: primary.prefix, local: primary.local, at: primary.at };
      case 'function':
        take();
        return { kind: 'call', prefix: primary.prefix, local: primary.local, args: argumentList(), at: primary.at };
      case 'punctuation':
        if (primary.text === '(') return nested(orExpr, ')');
    }
    throw unexpected('a value or a path');
  }

  function argumentList(): Expr[] {
    const args: Expr[] = [];
    return nested(() => {
      if (isPunctuation(')')) return args;
      for (;;) {
        checkList(args.length + 1, 'arguments');
        args.push(orExpr());
        if (!isPunctuation(',')) return args;
        take();
      }
    }, ')');
  }

  // §2 location paths

  function absolutePath(): Expr {
    const at = token.at;
    if (operatorOf(DOUBLE_SLASH)) return { kind: 'path', start: 'root', steps: relativePath([], true), at };
    take();
    return { kind: 'path', start: 'root', steps: startsStep() ? relativePath([]) : [], at };
  }

  /** Step ('/' Step | '//' Step)*; with `separator`, begins at one of the separators instead. */
  function relativePath(steps: Step[], separator = false): Step[] {
    if (!separator) steps.push(step());
    for (;;) {
      const slash = operatorOf(SLASHES);
      if (slash === undefined) return steps;
      checkList(steps.length + 2, 'steps');
      const { at } = take();
      if (slash === '//') steps.push({ axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [], at });
      steps.push(step());
    }
  }

  function step(): Step {
    const at = token.at;
    if (isPunctuation('.') || isPunctuation('..')) {
      const axis = isPunctuation('.') ? 'self' : 'parent';
      take();
      // The abbreviations take no predicates (§2.5): `.[1]` is an error, `self::node()[1]` is not.
      if (isPunctuation('[')) throw unexpected('an operator or the end of the expression', `write ${axis}::node()[…]`);
      return { axis, test: { kind: 'node' }, predicates: [], at };
    }
    const axis = axisSpecifier();
    return { axis, test: nodeTest(), predicates: predicateList(), at };
  }

  function axisSpecifier(): Axis {
    if (isPunctuation('@')) {
      take();
      return 'attribute';
    }
    if (token.kind !== 'axis') return 'child';
    const { local, at } = token;
    if (!AXES.has(local)) {
      const meant = nearest(local, AXES);
      throw invalidXPath(text, at, {
        rule: 'xpath-axis',
        message: `there is no axis "${local.slice(0, 64)}"`,
        hint: meant ? `did you mean ${meant}::?` : `the axes are ${[...AXES].join(', ')}`,
      });
    }
    take();
    take(); // the lexer has seen the ::
    return local as Axis;
  }

  function nodeTest(): NodeTest {
    if (token.kind === 'name') {
      const { prefix, ns, local, at } = take() as Token & { kind: 'name' };
      if (local !== '*') return { kind: 'name', prefix, ns, local, at };
      return prefix === undefined && ns === undefined ? { kind: 'any' } : { kind: 'any-of-namespace', prefix, ns, at };
    }
    if (token.kind !== 'node-type') throw unexpected('a node test', functionInPath());
    const kind = take() as Token & { kind: 'node-type' };
    return nested((): NodeTest => {
      if (kind.local !== 'processing-instruction') return { kind: kind.local as 'node' | 'text' | 'comment' };
      if (token.kind !== 'string') return { kind: 'processing-instruction' };
      return { kind: 'processing-instruction', target: (take() as Token & { kind: 'string' }).value };
    }, ')');
  }

  function functionInPath(): string | undefined {
    return token.kind === 'function' ? `XPath 1.0 has no function calls as steps: write ${token.local}(path) around the path` : undefined;
  }

  function predicateList(): Expr[] {
    const predicates: Expr[] = [];
    while (isPunctuation('[')) {
      checkList(predicates.length + 1, 'predicates');
      predicates.push(nested(orExpr, ']'));
    }
    return predicates;
  }

  // the parser's hands

  function take(): Token {
    const taken = token;
    token = next();
    return taken;
  }

  function operatorOf(operators: readonly string[]): string | undefined {
    return token.kind === 'operator' && operators.includes(token.text) ? token.text : undefined;
  }

  function isPunctuation(symbol: string): boolean {
    return token.kind === 'punctuation' && token.text === symbol;
  }

  function startsStep(): boolean {
    if (token.kind === 'punctuation') return token.text === '@' || token.text === '.' || token.text === '..';
    return token.kind === 'name' || token.kind === 'axis' || token.kind === 'node-type';
  }

  function separated(operand: () => Expr, operator: string): Expr[] {
    const operands = [operand()];
    while (token.kind === 'operator' && token.text === operator) {
      checkList(operands.length + 1, 'operands');
      take();
      operands.push(operand());
    }
    return operands;
  }

  /** Reads `(` or `[`, the content and the closing sign. */
  function nested<T>(content: () => T, close: ')' | ']'): T {
    const open = close === ')' ? '(' : '[';
    if (!isPunctuation(open)) throw unexpected(`"${open}"`);
    if (++depth > limits.depth) {
      throw tooMuch(
        `parentheses and predicates are nested more than ${limits.depth} deep`,
        'state the same with fewer levels, or ask in two queries',
      );
    }
    take();
    const inside = content();
    if (!isPunctuation(close)) throw unexpected(`an operator or "${close}"`);
    take();
    depth--;
    return inside;
  }

  /** `a = b = c` compares a boolean with c and nests to the left: all such chains together count as depth. */
  function countChained(): void {
    if (++chained > limits.depth)
      throw tooMuch(`comparisons are chained more than ${limits.depth} times`, 'join comparisons by "and" or "or"');
  }

  function checkList(length: number, what: string): void {
    if (length > limits.list)
      throw tooMuch(`there are more than ${limits.list} ${what}`, 'pass a set of values as a $variable, or ask in several queries');
  }

  function tooMuch(message: string, hint: string) {
    return invalidXPath(text, token.at, { rule: 'xpath-limit', message, hint });
  }

  function unexpected(expected: string, hint?: string) {
    const found = token.kind === 'end' ? 'the end of the expression' : `"${text.slice(token.at, Math.min(token.end, token.at + 64))}"`;
    return invalidXPath(text, token.at, { rule: 'xpath-syntax', message: `found ${found} where ${expected} is expected`, hint });
  }
}
