import type { Expr } from '../../../src/discovery/syntax/index.js';
import { namespaceOf, type TwinContext, variableKey } from './evaluate.js';
import { FUNCTIONS, type TwinType } from './functions.js';

/** Resolves every name in the expression and finds its type, reached by evaluation or not. Throws for what is wrong in it. */
export function check(expr: Expr, context: TwinContext): TwinType {
  const visit = (inner: Expr) => check(inner, context);
  const nodeset = (inner: Expr, what: string) => {
    if (visit(inner) !== 'nodeset') throw new Error(`${what} must be a node-set`);
  };
  switch (expr.kind) {
    case 'or':
    case 'and':
      expr.operands.forEach(visit);
      return 'boolean';
    case 'compare':
      visit(expr.left);
      visit(expr.right);
      return 'boolean';
    case 'arithmetic':
      visit(expr.first);
      for (const { operand } of expr.rest) visit(operand);
      return 'number';
    case 'negate':
      visit(expr.operand);
      return 'number';
    case 'union':
      for (const operand of expr.operands) nodeset(operand, 'an operand of |');
      return 'nodeset';
    case 'string':
    case 'number':
      return expr.kind;
    case 'variable': {
      const key = variableKey(expr, context);
      if (!Object.hasOwn(context.variables, key)) throw new Error(`there is no variable $${key}`);
      const value = context.variables[key];
      return Array.isArray(value) ? 'nodeset' : (typeof value as TwinType);
    }
    case 'call': {
      if (expr.prefix !== undefined) throw new Error(`there is no function ${expr.prefix}:${expr.local}()`);
      const definition = Object.hasOwn(FUNCTIONS, expr.local) ? FUNCTIONS[expr.local] : undefined;
      if (definition === undefined) throw new Error(`there is no function ${expr.local}()`);
      const { params, result } = definition;
      const least = params.filter((param) => !/[?*]$/.test(param)).length;
      const most = params.some((param) => param.endsWith('*')) ? Number.POSITIVE_INFINITY : params.length;
      if (expr.args.length < least || expr.args.length > most)
        throw new Error(`${expr.local}() does not take ${expr.args.length} arguments`);
      expr.args.forEach((arg, i) => {
        if (params[i]?.startsWith('nodeset')) nodeset(arg, `argument ${i + 1} of ${expr.local}()`);
        else visit(arg);
      });
      return result;
    }
    case 'filter':
      nodeset(expr.primary, 'what a predicate filters');
      expr.predicates.forEach(visit);
      return 'nodeset';
    case 'path':
      if (typeof expr.start !== 'string') nodeset(expr.start, 'what a path starts from');
      for (const { test, predicates } of expr.steps) {
        if (test.kind === 'name' || test.kind === 'any-of-namespace') namespaceOf(test, context);
        predicates.forEach(visit);
      }
      return 'nodeset';
  }
}
