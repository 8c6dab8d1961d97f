/**
 * Syntax tree → plan: resolves prefixes, functions and variables, finds the type of every part, refuses what can never be
 * evaluated whatever the data, and folds the abbreviations together (`//x` becomes one descendant step).
 */
import { nearest, Problem, XML_NS } from '../../model/index.js';
import type { CompileOptions } from '../engine.js';
import { compilePattern, FUNCTIONS, type FunctionDefinition, LIBRARIES, OPERATORS, type ValueType } from '../functions/index.js';
import { type Axis, type Complaint, type Expr, invalidXPath, type NodeTest, type Step } from '../syntax/index.js';
import { conditionOf } from './condition.js';
import { describe } from './describe.js';
import { isPath, type NameTest, type PathPlan, type Plan, type PlanStep, type Predicate } from './tree.js';

/** Plan without what every node has; `make` adds it. */
type Shape = Plan extends infer P ? (P extends Plan ? Omit<P, 'id' | 'type' | 'at' | 'usesNode' | 'usesPosition'> : never) : never;

export function bind(expr: Expr, text: string, options: CompileOptions): Plan {
  let ids = 0;
  return plan(expr);

  function refuse(at: number, complaint: Complaint): never {
    throw invalidXPath(text, at, complaint);
  }

  function make(type: ValueType, at: number, uses: { usesNode: boolean; usesPosition: boolean }, shape: Shape): Plan {
    return { id: ids++, type, at, usesNode: uses.usesNode, usesPosition: uses.usesPosition, ...shape } as Plan;
  }

  function plan(e: Expr): Plan {
    switch (e.kind) {
      case 'or':
      case 'and': {
        const operands = distinct(
          e.operands.map((operand) => truth(plan(operand))),
          e.operands,
        );
        return operands.length === 1 ? operands[0] : make('boolean', e.at, usesOf(operands), { op: e.kind, operands });
      }
      case 'compare':
        return comparison(e.op, plan(e.left), plan(e.right), e.at);
      case 'arithmetic': {
        const first = plan(e.first);
        const rest = e.rest.map(({ op, operand }) => ({ op, operand: plan(operand) }));
        return make('number', e.at, usesOf([first, ...rest.map(({ operand }) => operand)]), { op: 'arithmetic', first, rest });
      }
      case 'negate': {
        const operand = plan(e.operand);
        // an even number of signs still makes a number of what follows
        const once = make('number', e.at, operand, { op: 'negate', operand });
        return e.times % 2 === 1 ? once : make('number', e.at, operand, { op: 'negate', operand: once });
      }
      case 'union': {
        const operands = distinct(
          e.operands.map((operand) => nodeset(plan(operand), 'an operand of "|"')),
          e.operands,
        );
        return operands.length === 1 ? operands[0] : make('nodeset', e.at, usesOf(operands), { op: 'union', operands });
      }
      case 'string':
      case 'number':
        return literal(e.value, e.at);
      case 'variable':
        return variable(e);
      case 'call':
        return call(e);
      case 'filter':
        return filter(nodeset(plan(e.primary), 'what a predicate filters'), e.predicates, e.at);
      case 'path':
        return path(e);
    }
  }

  function literal(value: string | number | boolean, at: number): Plan {
    return make(typeof value as ValueType, at, NOTHING, { op: 'literal', value });
  }

  function nodeset(operand: Plan, what: string): Plan {
    if (operand.type !== 'nodeset' && operand.type !== 'any') {
      refuse(operand.at, { rule: 'xpath-type', message: `${what} must be a node-set, and this is a ${operand.type}` });
    }
    return operand;
  }

  /** boolean() of the plan (§4.3). */
  function truth(operand: Plan): Plan {
    if (operand.type === 'boolean') return operand;
    return make('boolean', operand.at, operand, { op: operand.type === 'nodeset' ? 'exists' : 'truth', operand });
  }

  /** `count(x) > 0` and its likes only ask whether there is one. */
  function comparison(op: (Plan & { op: 'compare' })['compare'], left: Plan, right: Plan, at: number): Plan {
    const counted =
      left.op === 'call' && left.definition.name === 'count' && right.op === 'literal' && typeof right.value === 'number'
        ? left.args[0]
        : undefined;
    if (counted !== undefined && counted.type === 'nodeset') {
      const value = (right as Plan & { op: 'literal' }).value;
      const some = truth(counted);
      if ((value === 0 && (op === '>' || op === '!=')) || (value === 1 && op === '>=')) return some;
      if ((value === 0 && (op === '=' || op === '<=')) || (value === 1 && op === '<'))
        return make('boolean', at, some, { op: 'not', operand: some });
    }
    return make('boolean', at, usesOf([left, right]), { op: 'compare', compare: op, left, right });
  }

  function variable(e: Expr & { kind: 'variable' }): Plan {
    const name = e.prefix === undefined ? e.local : `Q{${namespaceOf(e.prefix, e.at + 1)}}${e.local}`;
    if (options.variables !== undefined && !options.variables.has(name)) {
      const written = e.prefix === undefined ? e.local : `${e.prefix}:${e.local}`;
      const close = nearest(name, options.variables);
      const given = [...options.variables].slice(0, 8).map((each) => `$${each}`);
      const hint =
        close !== undefined ? `did you mean $${close}?` : given.length === 0 ? 'no variables were given' : `given: ${given.join(', ')}`;
      refuse(e.at, { rule: 'xpath-variable', message: `there is no variable $${written}`, hint });
    }
    return make('any', e.at, NOTHING, { op: 'variable', name });
  }

  function call(e: Expr & { kind: 'call' }): Plan {
    const library = e.prefix === undefined ? FUNCTIONS : LIBRARIES.get(namespaceOf(e.prefix, e.at));
    const definition = library?.get(e.local);
    if (definition === undefined) return e.prefix === undefined && OPERATORS.includes(e.local) ? operator(e) : unknownFunction(e, library);
    const { params, result } = definition;
    checkArity(
      e,
      params.filter((param) => !/[?*]$/.test(param)).length,
      params.at(-1)?.endsWith('*') ? Number.POSITIVE_INFINITY : params.length,
    );
    const args = e.args.map((arg, i) => {
      const param = params[Math.min(i, params.length - 1)];
      return param.startsWith('nodeset')
        ? nodeset(plan(arg), `argument ${i + 1} of ${e.prefix === undefined ? '' : `${e.prefix}:`}${e.local}()`)
        : plan(arg);
    });
    if (args.length === 0 && definition.ofContext) args.push(self(e.at));
    const uses = usesOf(args);
    const own = {
      usesNode: uses.usesNode || definition.usesNode === true,
      usesPosition: uses.usesPosition || definition.usesPosition === true,
    };
    checkPattern(definition, args);
    return make(result, e.at, own, { op: 'call', definition, args });
  }

  function unknownFunction(e: Expr & { kind: 'call' }, library: ReadonlyMap<string, FunctionDefinition> | undefined): never {
    const prefix = e.prefix === undefined ? '' : `${e.prefix}:`;
    const own = e.prefix === undefined || library === undefined ? [...FUNCTIONS.keys(), ...OPERATORS] : [...library.keys()];
    const close = nearest(e.local, own);
    const hint =
      close !== undefined
        ? `did you mean ${library === undefined ? '' : prefix}${close}()?`
        : e.prefix !== undefined && library !== undefined
          ? `there are ${own.map((local) => `${prefix}${local}()`).join(', ')}`
          : 'the README lists the functions';
    refuse(e.at, { rule: 'xpath-function', message: `there is no function ${prefix}${e.local}()`, hint });
  }

  /** boolean(), not(), exists(): questions the planner answers without building what they ask about. */
  function operator(e: Expr & { kind: 'call' }): Plan {
    checkArity(e, 1, 1);
    const argument = plan(e.args[0]);
    if (e.local === 'exists') nodeset(argument, 'argument 1 of exists()');
    const asked = truth(argument);
    if (e.local !== 'not') return asked;
    return asked.op === 'not' ? asked.operand : make('boolean', e.at, asked, { op: 'not', operand: asked });
  }

  function checkArity(e: Expr & { kind: 'call' }, least: number, most: number): void {
    const given = e.args.length;
    if (given >= least && given <= most) return;
    const wanted = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`;
    refuse(e.at, {
      rule: 'xpath-arguments',
      message: `${e.local}() takes ${wanted} argument${wanted === '1' ? '' : 's'}, and here it has ${given}`,
    });
  }

  /** A literal pattern is known to be wrong before any data is seen. */
  function checkPattern(definition: FunctionDefinition, args: readonly Plan[]): void {
    const at = { matches: 2, replace: 3, tokenize: 2 }[definition.name];
    const [pattern, flags] = at === undefined ? [] : [args[1], args[at]];
    if (pattern?.op !== 'literal' || typeof pattern.value !== 'string' || (flags !== undefined && flags.op !== 'literal')) return;
    try {
      compilePattern(pattern.value, flags === undefined ? '' : String(flags.value));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refuse(pattern.at, { rule: 'xpath-pattern', message: error.message, hint: error.hint });
    }
  }

  // Paths

  function self(at: number): PathPlan {
    const step: PlanStep = { axis: 'self', test: NODE, predicates: [], at };
    return make('nodeset', at, { usesNode: true, usesPosition: false }, { op: 'path', start: 'context', steps: [step] }) as PathPlan;
  }

  function path(e: Expr & { kind: 'path' }): Plan {
    const start = typeof e.start === 'string' ? e.start : nodeset(plan(e.start), 'what a path starts from');
    const steps = fold(e.steps.map(step));
    if (typeof start !== 'string') {
      if (steps.length === 0) return start;
      // a path that starts from a path is one path
      if (isPath(start)) return make('nodeset', e.at, start, { op: 'path', start: start.start, steps: fold([...start.steps, ...steps]) });
      return make('nodeset', e.at, start, { op: 'path', start, steps });
    }
    return make('nodeset', e.at, { usesNode: start === 'context', usesPosition: false }, { op: 'path', start, steps });
  }

  function step(s: Step): PlanStep {
    return { axis: s.axis, test: nameTest(s.test, s.axis), predicates: s.predicates.map(predicate), at: s.at };
  }

  function filter(primary: Plan, predicates: readonly Expr[], at: number): Plan {
    const bound = predicates.map(predicate);
    // without positions it does not matter whether a step filters or what it gave is filtered
    const last = isPath(primary) ? primary.steps.at(-1) : undefined;
    if (isPath(primary) && last !== undefined && bound.every((each) => each.kind === 'free')) {
      const steps = [...primary.steps.slice(0, -1), { ...last, predicates: [...last.predicates, ...bound] }];
      return { ...primary, steps };
    }
    return make('nodeset', at, primary, { op: 'filter', primary, predicates: bound });
  }

  function predicate(e: Expr): Predicate {
    const bound = plan(e);
    if (bound.type === 'number')
      return bound.op === 'literal'
        ? index(bound.value as number, bound)
        : isCall(bound, 'last')
          ? { kind: 'last', plan: bound }
          : { kind: 'counted', plan: bound };
    // a variable may turn out to be a number
    if (bound.type === 'any') return { kind: 'counted', plan: bound };
    const asked = truth(bound);
    if (!asked.usesPosition) return { kind: 'free', plan: asked, condition: conditionOf(asked) };
    if (asked.op === 'compare' && asked.compare === '=') {
      const other = isCall(asked.left, 'position') ? asked.right : isCall(asked.right, 'position') ? asked.left : undefined;
      if (other?.op === 'literal' && typeof other.value === 'number') return index(other.value, asked);
      if (other !== undefined && isCall(other, 'last')) return { kind: 'last', plan: asked };
    }
    return { kind: 'counted', plan: asked };
  }

  function index(value: number, bound: Plan): Predicate {
    return { kind: 'index', index: value, plan: bound };
  }

  function nameTest(test: NodeTest, axis: Axis): NameTest {
    switch (test.kind) {
      case 'any':
        return { kind: 'any', ns: '', written: '*', key: '*' };
      case 'any-of-namespace': {
        const ns = test.ns ?? namespaceOf(test.prefix as string, test.at);
        return { kind: 'namespace', ns, written: test.prefix === undefined ? `Q{${ns}}*` : `${test.prefix}:*`, key: `{${ns}}*` };
      }
      case 'name': {
        const ns = test.ns ?? (test.prefix === undefined ? unprefixed(axis) : namespaceOf(test.prefix, test.at));
        const written =
          test.ns !== undefined ? `Q{${ns}}${test.local}` : test.prefix === undefined ? test.local : `${test.prefix}:${test.local}`;
        return { kind: 'name', ns, local: test.local, written, key: `{${ns}}${test.local}` };
      }
      case 'node':
        return NODE;
      case 'text':
        return { kind: 'text', ns: '', written: 'text()', key: 'text()' };
      case 'comment':
        return { kind: 'comment', ns: '', written: 'comment()', key: 'comment()' };
      case 'processing-instruction': {
        const target = test.target === undefined ? '' : `'${test.target}'`;
        return {
          kind: 'instruction',
          ns: '',
          ...(test.target === undefined ? {} : { local: test.target }),
          written: `processing-instruction(${target})`,
          key: `?${target}`,
        };
      }
    }
  }

  function unprefixed(axis: Axis): string {
    return axis === 'attribute' || axis === 'namespace' ? '' : (options.elementNamespace ?? '');
  }

  function namespaceOf(prefix: string, at: number): string {
    const ns = prefix === 'xml' ? XML_NS : options.namespaces.get(prefix);
    if (ns !== undefined) return ns;
    const close = nearest(prefix, options.namespaces.keys());
    const known = [...options.namespaces.keys()].slice(0, 12);
    const hint =
      close !== undefined ? `did you mean "${close}"?` : known.length === 0 ? 'no prefixes are bound' : `bound: ${known.join(', ')}`;
    return refuse(at, { rule: 'xpath-prefix', message: `the prefix "${prefix}" is not bound to a namespace`, hint });
  }
}

const NOTHING = { usesNode: false, usesPosition: false };
const NODE: NameTest = { kind: 'node', ns: '', written: 'node()', key: 'node()' };

function usesOf(plans: readonly Plan[]): { usesNode: boolean; usesPosition: boolean } {
  return { usesNode: plans.some((each) => each.usesNode), usesPosition: plans.some((each) => each.usesPosition) };
}

function isCall(plan: Plan, name: string): boolean {
  return plan.op === 'call' && plan.definition.name === name;
}

/** Longer operands are hardly the same, and comparing them at every level of a deep expression would take its time. */
const SHORT = 200;

/** Ten thousand times the same operand is that operand once. */
function distinct(operands: readonly Plan[], written: readonly Expr[]): readonly Plan[] {
  const seen = new Set<string>();
  return operands.filter((operand, i) => {
    const length = (written[i + 1]?.at ?? Number.POSITIVE_INFINITY) - written[i].at;
    if (length > SHORT || operand.op === 'literal') return true;
    const key = describe(operand);
    return !seen.has(key) && seen.add(key);
  });
}

function isFree(step: PlanStep): boolean {
  return step.predicates.every((predicate) => predicate.kind === 'free');
}

/** Drops `self::node()` and merges `descendant-or-self::node()` with the step after it, where positions are not counted. */
function fold(steps: readonly PlanStep[]): PlanStep[] {
  const folded: PlanStep[] = [];
  for (const step of steps) {
    const last = folded.at(-1);
    const plainSelf = step.axis === 'self' && step.test.kind === 'node' && step.predicates.length === 0;
    if (plainSelf && folded.length > 0) continue;
    const anywhere = last !== undefined && last.axis === 'descendant-or-self' && last.test.kind === 'node' && last.predicates.length === 0;
    if (anywhere && isFree(step)) {
      const axis = (
        { child: 'descendant', descendant: 'descendant', 'descendant-or-self': 'descendant-or-self', self: 'descendant-or-self' } as const
      )[step.axis as 'child'];
      if (axis !== undefined) {
        folded[folded.length - 1] = { ...step, axis };
        continue;
      }
    }
    // ./x is x
    if (last !== undefined && folded.length === 1 && last.axis === 'self' && last.test.kind === 'node' && last.predicates.length === 0)
      folded.pop();
    folded.push(step);
  }
  return folded;
}
