/**
 * Location paths. The part of a path that runs downwards from the root is resolved on labels; where it has conditions it is
 * entered at the step with the fewest nodes, which are then held against what stands above them and followed further down.
 *
 *     /r:resource/c:cluster[c:applianceRef = 'x']/c:outputs/c:output[c:key = 'endpoint']/c:value
 *                 ▲ entered here (182 rows)       └─ child ─┴─ child, sieve ────────────┴─ child
 */
import { type Classes, DOWN, ROOT, stepClasses } from './classes.js';
import { brief, describePath, describeStep } from './describe.js';
import { atStep, better, type Estimate } from './estimate.js';
import { nodesOf } from './evaluate.js';
import { parentOf } from './nodes.js';
import { memberOf } from './order.js';
import { takeCountingChildren, takeCountingStep } from './positional.js';
import { inverse } from './reach.js';
import type { Run } from './run.js';
import { countClasses, nodesOfClasses } from './scan.js';
import { sieve, sieveCandidates } from './sieve.js';
import { takeAxis } from './steps.js';
import { traced } from './trace.js';
import { conditionsOf, type PathPlan, type PlanStep } from './tree.js';

/** The nodes a path selects, ascending. */
export function evaluatePath(run: Run, path: PathPlan, node: number, position: number, size: number): Uint32Array {
  if (run.optimise && startsAtRoot(path, node)) {
    const { classes, nodes } = fromRoot(run, path.steps);
    return (
      nodes ??
      traced(
        run,
        () => `all rows of ${brief(describePath('root', path.steps))}`,
        undefined,
        () => nodesOfClasses(run, classes),
      )
    );
  }
  let nodes =
    path.start === 'root'
      ? Uint32Array.of(0)
      : path.start === 'context'
        ? Uint32Array.of(node)
        : nodesOf(run, path.start, node, position, size);
  for (const step of path.steps) {
    nodes = takeStep(run, nodes, step);
    if (nodes.length === 0) break;
  }
  return nodes;
}

/** How many nodes a path selects, without listing them where that can be avoided. */
export function countPath(run: Run, path: PathPlan, node: number, position: number, size: number): number {
  if (!run.optimise || !startsAtRoot(path, node)) return evaluatePath(run, path, node, position, size).length;
  const { classes, nodes } = fromRoot(run, path.steps);
  if (nodes !== undefined) return nodes.length;
  const line = run.tracer?.open(`count rows of ${brief(describePath('root', path.steps))}`);
  const count = countClasses(run, classes);
  if (line !== undefined) run.tracer?.close(line, count);
  return count;
}

function startsAtRoot(path: PathPlan, node: number): boolean {
  return path.start === 'root' || (path.start === 'context' && node === 0);
}

export function takeStep(run: Run, nodes: Uint32Array, step: PlanStep): Uint32Array {
  const conditions = conditionsOf(step.predicates);
  if (conditions === undefined) return takeCountingStep(run, nodes, step);
  return sieve(run, conditions, takeAxis(run, nodes, step.axis, step.test));
}

/** What a path from the root selects: all nodes of some classes, or listed nodes. */
interface Selected {
  readonly classes: Classes;
  readonly nodes: Uint32Array | undefined;
}

function fromRoot(run: Run, steps: readonly PlanStep[]): Selected {
  const down = downwards(steps);
  const places: Classes[] = [ROOT];
  for (let i = 0; i < down; i++) places.push(stepClasses(run, places[i], steps[i]) as Classes);
  const end = places[down];
  let nodes = end.rows.length + end.texts.length === 0 ? new Uint32Array(0) : conditional(run, steps.slice(0, down), places);
  let i = down;
  if (nodes === undefined && i < steps.length) {
    const step = steps[i];
    const below = step.axis === 'child' ? (stepClasses(run, places[down], step) as Classes) : undefined;
    // a step to children that counts them: grouped by parent, all at once
    if (below !== undefined)
      nodes = traced(
        run,
        () => `count among siblings: ${brief(describeStep(step))}`,
        undefined,
        () => takeCountingChildren(run, below, step),
      );
    else nodes = nodesOfClasses(run, places[down]);
    if (below !== undefined) i++;
  }
  if (nodes === undefined) return { classes: places[down], nodes };
  for (; i < steps.length && nodes.length > 0; i++) {
    const before: Uint32Array = nodes;
    nodes = traced(
      run,
      () => `step: ${brief(describeStep(steps[i]))}`,
      undefined,
      () => takeStep(run, before, steps[i]),
    );
  }
  return { classes: ROOT, nodes };
}

/** Steps from the start that run downwards and count no positions. */
function downwards(steps: readonly PlanStep[]): number {
  const stop = steps.findIndex((step) => !DOWN.has(step.axis) || conditionsOf(step.predicates) === undefined);
  return stop < 0 ? steps.length : stop;
}

/** The nodes at the end of steps that have conditions; undefined when none has: then all nodes of the last classes are selected. */
function conditional(run: Run, steps: readonly PlanStep[], places: readonly Classes[]): Uint32Array | undefined {
  const with_ = steps.map((_, i) => i + 1).filter((place) => steps[place - 1].predicates.length > 0);
  if (with_.length === 0) return undefined;
  const from = with_.length === 1 ? with_[0] : entry(run, steps, places, with_);
  const conditions = conditionsOf(steps[from - 1].predicates) ?? [];
  let nodes = traced(
    run,
    () => `enter at ${brief(describePath('root', steps.slice(0, from)))}`,
    () => atStep(run, places[from], conditions, undefined).rows,
    () => sieveCandidates(run, conditions, { classes: places[from], nodes: undefined }),
  );
  const above = with_.filter((place) => place < from);
  if (above.length > 0) nodes = heldAgainst(run, nodes, steps, places, from, above[0]);
  for (let place = from + 1; place <= steps.length && nodes.length > 0; place++) {
    const before: Uint32Array = nodes;
    nodes = traced(
      run,
      () => `step: ${brief(describeStep(steps[place - 1]))}`,
      undefined,
      () => stepDown(run, before, steps[place - 1], places[place]),
    );
  }
  return nodes;
}

function entry(run: Run, steps: readonly PlanStep[], places: readonly Classes[], among: readonly number[]): number {
  let best = among[0];
  let about: Estimate | undefined;
  for (const place of among) {
    const here = atStep(run, places[place], conditionsOf(steps[place - 1].predicates) ?? [], undefined);
    if (about !== undefined && better(about, here) === about) continue;
    best = place;
    about = here;
  }
  return best;
}

function stepDown(run: Run, nodes: Uint32Array, step: PlanStep, classes: Classes): Uint32Array {
  const reached = takeAxis(run, nodes, step.axis, step.test);
  const conditions = conditionsOf(step.predicates) ?? [];
  return conditions.length === 0 || reached.length === 0 ? reached : sieveCandidates(run, conditions, { classes, nodes: reached });
}

/**
 * Of nodes at place `from`, those whose way up to place `first` meets the conditions on it: up to the ancestors that do, and
 * down again among the nodes passed on the way.
 */
function heldAgainst(
  run: Run,
  nodes: Uint32Array,
  steps: readonly PlanStep[],
  places: readonly Classes[],
  from: number,
  first: number,
): Uint32Array {
  const passed: Uint32Array[] = [];
  passed[from] = nodes;
  for (let place = from - 1; place >= first; place--) {
    const above = inverse(run, passed[place + 1], steps[place].axis, places[place], undefined);
    const conditions = conditionsOf(steps[place - 1].predicates) ?? [];
    passed[place] = conditions.length === 0 ? above : sieveCandidates(run, conditions, { classes: places[place], nodes: above });
  }
  let kept = passed[first];
  for (let place = first + 1; place <= from; place++) {
    const isKept = memberOf(run, kept);
    const { axis } = steps[place - 1];
    kept = passed[place].filter((node) => leadsUp(run, node, axis, isKept));
  }
  return kept;
}

function leadsUp(run: Run, node: number, axis: PlanStep['axis'], isKept: (node: number) => boolean): boolean {
  if (axis === 'self') return isKept(node);
  if (axis === 'descendant-or-self' && isKept(node)) return true;
  const once = axis === 'child' || axis === 'attribute';
  for (let up = parentOf(run, node); up >= 0; up = parentOf(run, up)) {
    if (isKept(up)) return true;
    if (once) return false;
  }
  return false;
}
