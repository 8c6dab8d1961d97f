/** How many nodes will meet a condition, and what it costs to find them all from scratch. Row counts and posting counts are exact; the rest is rules of thumb. */
import { type Classes, NOTHING, rowsUnder, stepClasses } from './classes.js';
import type { Condition } from './condition.js';
import { countsBack } from './nth.js';
import type { Run } from './run.js';
import { testOf } from './tests.js';
import { conditionsOf, type PlanStep } from './tree.js';
import type { StringTest } from './value-test.js';

/** `cost` in rows looked at. */
export interface Estimate {
  readonly rows: number;
  readonly cost: number;
}

/** What a row of a posting chain costs: it misses the caches, where a scan reads values that stand side by side. */
export const CHAIN = 48;

/** What a step of a walk costs for one node, in rows looked at. */
export const WALK = 10;

export function estimate(run: Run, condition: Condition, classes: Classes): Estimate {
  switch (condition.kind) {
    case 'all':
      return condition.parts.map((part) => estimate(run, part, classes)).reduce(better);
    case 'any': {
      let rows = 0;
      let cost = 0;
      for (const part of condition.parts) {
        const each = estimate(run, part, classes);
        rows += each.rows;
        cost += each.cost;
      }
      return { rows, cost };
    }
    case 'none': {
      const all = rowsUnder(run, classes);
      const part = estimate(run, condition.part, classes);
      return { rows: Math.max(0, all - part.rows), cost: all + part.cost };
    }
    case 'reach':
    case 'first':
      return ofPath(run, condition.path.steps, classes, testOf(run, condition), condition.kind === 'reach' ? condition.target : []);
    case 'label':
    case 'fixed': {
      const all = rowsUnder(run, classes);
      return { rows: all / 2, cost: all };
    }
    case 'count': {
      const all = rowsUnder(run, classes);
      return { rows: all / 3, cost: all * 2 };
    }
    case 'nth': {
      const all = rowsUnder(run, classes);
      const forward = { rows: all / 3, cost: all * WALK * 4 };
      if (!countsBack(classes, condition)) return forward;
      const targets = atStep(run, classes, condition.target, undefined);
      return better(forward, { rows: targets.rows, cost: all * 2 + weight(targets) });
    }
    case 'join':
    case 'each': {
      const all = rowsUnder(run, classes);
      return { rows: all / 3, cost: all * WALK * 4 };
    }
  }
}

/** What a condition costs when it is the first to be evaluated: each node that is left has to be looked at again. */
export function weight({ rows, cost }: Estimate): number {
  return cost + rows * WALK;
}

export function better(a: Estimate, b: Estimate): Estimate {
  return weight(a) <= weight(b) ? a : b;
}

/** From the place on the path where the fewest nodes are. */
function ofPath(run: Run, steps: readonly PlanStep[], from: Classes, test: StringTest | undefined, target: readonly Condition[]): Estimate {
  let classes = from;
  let best: Estimate | undefined;
  for (const [i, step] of steps.entries()) {
    classes = stepClasses(run, classes, step) ?? NOTHING;
    const last = i === steps.length - 1;
    const conditions = conditionsOf(step.predicates) ?? [];
    if (!last && conditions.length === 0) continue;
    const here = atStep(run, classes, last ? [...conditions, ...target] : conditions, last ? test : undefined);
    best = best === undefined ? here : better(best, here);
  }
  return best ?? { rows: rowsUnder(run, from), cost: rowsUnder(run, from) };
}

/** Nodes of the classes that meet all conditions and pass the test. */
export function atStep(run: Run, classes: Classes, conditions: readonly Condition[], test: StringTest | undefined): Estimate {
  let best: Estimate | undefined = test === undefined ? undefined : passing(run, classes, test);
  for (const condition of conditions) {
    const here = estimate(run, condition, classes);
    best = best === undefined ? here : better(best, here);
  }
  if (best !== undefined) return best;
  const all = rowsUnder(run, classes);
  return { rows: all, cost: all };
}

function passing(run: Run, classes: Classes, test: StringTest): Estimate {
  if (test.ids === undefined) {
    const all = rowsUnder(run, classes);
    return { rows: all * test.share, cost: all };
  }
  const { postings, labels } = run.columns;
  let rows = 0;
  let cost = 0;
  for (const of of [classes.rows, classes.texts]) {
    for (const label of of) {
      // elements with several texts have to be looked at
      if (of === classes.rows && run.facts.inner[label] === 1) cost += labels.rowCount(label);
      let length = 0;
      for (const id of test.ids) length += postings.count(label, id);
      rows += length;
      cost += Math.min(length * CHAIN, labels.rowCount(label));
    }
  }
  run.meter.spend((classes.rows.length + classes.texts.length) * test.ids.length);
  return { rows, cost };
}
