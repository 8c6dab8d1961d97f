import type { Expr, NodeTest, Step } from '../../../src/discovery/syntax/index.js';

/** A tree as text again: unabbreviated, every operator in parentheses, `{…}` around what a filter or path starts from. */
export function written(expr: Expr): string {
  switch (expr.kind) {
    case 'or':
    case 'and':
      return `(${expr.operands.map(written).join(` ${expr.kind} `)})`;
    case 'union':
      return `(${expr.operands.map(written).join(' | ')})`;
    case 'compare':
      return `(${written(expr.left)} ${expr.op} ${written(expr.right)})`;
    case 'arithmetic':
      return `(${[written(expr.first), ...expr.rest.map(({ op, operand }) => `${op} ${written(operand)}`)].join(' ')})`;
    case 'negate':
      // "-(-a)" is not "--a": signs written in one go are one node
      return `${'-'.repeat(expr.times)}${expr.operand.kind === 'negate' ? `(${written(expr.operand)})` : written(expr.operand)}`;
    case 'string':
      return expr.value.includes('"') ? `'${expr.value}'` : `"${expr.value}"`;
    case 'number':
      return String(expr.value);
    case 'variable':
      return `$${qname(expr)}`;
    case 'call':
      return `${qname(expr)}(${expr.args.map(written).join(', ')})`;
    case 'filter':
      return `{${written(expr.primary)}}${predicates(expr.predicates)}`;
    case 'path': {
      const start = expr.start === 'root' ? '/' : expr.start === 'context' ? '' : `{${written(expr.start)}}/`;
      return start + expr.steps.map(step).join('/');
    }
  }
}

function step({ axis, test, predicates: list }: Step): string {
  return `${axis}::${nodeTest(test)}${predicates(list)}`;
}

function predicates(list: readonly Expr[]): string {
  return list.map((each) => `[${written(each)}]`).join('');
}

function nodeTest(test: NodeTest): string {
  switch (test.kind) {
    case 'any':
      return '*';
    case 'any-of-namespace':
      return qname({ ...test, local: '*' });
    case 'name':
      return qname(test);
    case 'processing-instruction':
      return `processing-instruction(${test.target === undefined ? '' : JSON.stringify(test.target)})`;
    default:
      return `${test.kind}()`;
  }
}

function qname({ prefix, ns, local }: { readonly prefix?: string; readonly ns?: string; readonly local: string }): string {
  return ns !== undefined ? `Q{${ns}}${local}` : prefix !== undefined ? `${prefix}:${local}` : local;
}
