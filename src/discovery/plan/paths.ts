/** Location paths. */
import { nodesOf } from './evaluate.js';
import { takeCountingStep } from './positional.js';
import type { Run } from './run.js';
import { sieve } from './sieve.js';
import { takeAxis } from './steps.js';
import { conditionsOf, type PathPlan, type PlanStep } from './tree.js';

export function evaluatePath(run: Run, path: PathPlan, node: number, position: number, size: number): Uint32Array {
  const start = path.start === 'root' ? Uint32Array.of(0) : path.start === 'context' ? Uint32Array.of(node) : nodesOf(run, path.start, node, position, size);
  return path.steps.reduce((nodes, step) => takeStep(run, nodes, step), start);
}

export function takeStep(run: Run, nodes: Uint32Array, step: PlanStep): Uint32Array {
  const conditions = conditionsOf(step.predicates);
  if (conditions === undefined) return takeCountingStep(run, nodes, step);
  return sieve(run, conditions, takeAxis(run, nodes, step.axis, step.test));
}
