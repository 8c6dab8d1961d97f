/** compile: text → something that can be evaluated over any view, as often as wanted. */
import { Problem } from '../../model/index.js';
import type { View } from '../columns/contract.js';
import type { Compiled, CompileOptions, EvaluateOptions, NamespaceNode, NodeSet, OperatorTrace, Value } from '../engine.js';
import type { Nodes, Pattern, Result } from '../functions/index.js';
import { parseXPath } from '../syntax/index.js';
import { bind } from './bind.js';
import { evaluate } from './evaluate.js';
import { internNamespace, MADE, madeNode } from './made-nodes.js';
import { createMeter, DEFAULT_BUDGET } from './meter.js';
import { inOrder } from './order.js';
import { createRun, isNodes, type Run } from './run.js';
import { standingOf } from './standing.js';
import { createTracer, type Tracer } from './trace.js';
import type { Plan } from './tree.js';

export interface InternalOptions extends CompileOptions {
  /** false: every operator that treats many nodes at once is left out, for tests that hold them against the plain evaluator */
  readonly optimise?: boolean;
  /** clock of the time budget and of explanations, in ms; never goes back */
  readonly clock?: () => number;
}

/**
 * Compiles an XPath 1.0 expression.
 * @throws Problem `invalid-xpath`: syntax, an unbound prefix, an unknown function or variable, a type that can never fit
 */
export function compile(text: string, options: CompileOptions): Compiled {
  return compileWith(text, options);
}

export function compileWith(text: string, options: InternalOptions): Compiled {
  const plan = bind(parseXPath(text), text, options);
  const clock = options.clock ?? (() => performance.now());
  const patterns = new Map<string, Pattern>();
  const start = (view: View, given: EvaluateOptions, tracer: Tracer | undefined): Value => {
    const meter = createMeter(given.budget ?? DEFAULT_BUDGET, clock);
    const run = createRun({
      view,
      meter,
      variables: new Map(),
      now: given.now,
      policy: given.policy,
      optimise: options.optimise ?? true,
      tracer,
      patterns,
    });
    for (const [name, value] of given.variables ?? []) (run.variables as Map<string, Result>).set(name, fromValue(run, value));
    return answer(run, plan, given.context ?? 0);
  };
  return {
    text,
    evaluate: (view, given) => start(view, given, undefined),
    explain(view, given): { value: Value; plan: readonly OperatorTrace[] } {
      const tracer = createTracer(clock);
      const value = start(view, given, tracer);
      return { value, plan: tracer.lines };
    },
    standing: (texts) => standingOf(plan, texts),
  };
}

function answer(run: Run, plan: Plan, context: number | NamespaceNode): Value {
  const node = typeof context === 'number' ? context : internNamespace(run, context.row, context.prefix, context.uri);
  const value = evaluate(run, plan, node, 1, 1);
  if (!isNodes(value)) return { type: typeof value, value } as Value;
  run.meter.nodes(value.length);
  const nodes = inOrder(run, value);
  // ascending: nodes that no row stands for come last
  return { type: 'nodeset', nodes: value.length > 0 && value[value.length - 1] >= MADE ? withObjects(run, nodes) : nodes };
}

function withObjects(run: Run, nodes: Nodes): NodeSet {
  return Array.from(nodes, (node) => {
    if (node < MADE) return node;
    const made = madeNode(run, node);
    if (made.kind === 'namespace') return { row: made.row, prefix: made.prefix, uri: made.uri };
    const message = 'the tokens of tokenize() belong to no resource and cannot be an answer by themselves';
    throw new Problem('invalid-xpath', {
      detail: message,
      hint: "wrap them: string-join(tokenize(…), ', '), count(tokenize(…))",
      violations: [{ rule: 'xpath-type', message }],
    });
  });
}

function fromValue(run: Run, value: Value): Result {
  if (value.type !== 'nodeset') return value.value;
  const nodes = Array.from(value.nodes as ArrayLike<number | NamespaceNode>, (node) =>
    typeof node === 'number' ? node : internNamespace(run, node.row, node.prefix, node.uri),
  );
  return Uint32Array.from(new Set(nodes)).sort();
}
