/** The budget of one evaluation: work counts down, and the clock is read once in a while, so that asking costs next to nothing. */
import { Problem } from '../../model/index.js';
import type { Budget } from '../engine.js';

/** What a query may use when nobody says: 2 s, 20 million nodes in one set, strings of 256 MiB. */
export const DEFAULT_BUDGET: Budget = { time: 2000, nodes: 20_000_000, bytes: 256 * 1024 * 1024 };

/** Units of work (about 10-50 ns each) between two looks at the clock: a look comes every 0.1 ms or so. */
const SLICE = 4096;

/** ms; less is not worth a look at the clock */
const NOTICEABLE = 0.1;

export interface Meter {
  readonly budget: Budget;
  spend(units: number): void;
  /** work that cannot be interrupted will take about so many ms: refused now if that is more than is left */
  foresee(ms: number): void;
  /** a node-set has this many nodes */
  nodes(count: number): void;
  /** a string of so many bytes is, or is about to be, built */
  bytes(count: number): void;
}

/** @param now a clock in ms that never goes back */
export function createMeter(budget: Budget, now: () => number): Meter {
  const deadline = now() + budget.time;
  let left = SLICE;
  return {
    budget,
    spend(units) {
      left -= units;
      if (left > 0) return;
      left = SLICE;
      if (now() > deadline) throw overTime(budget);
    },
    foresee(ms) {
      if (ms >= NOTICEABLE && now() + ms > deadline) throw overTime(budget);
    },
    nodes(count) {
      if (count > budget.nodes)
        throw overBudget('nodes', `a node-set of it has more than ${budget.nodes} nodes`, 'select fewer nodes, or count() them');
    },
    bytes(count) {
      if (count > budget.bytes)
        throw overBudget('bytes', `a string of it has more than ${budget.bytes} bytes`, 'take the strings of fewer or smaller nodes');
    },
  };
}

function overTime(budget: Budget): Problem {
  return overBudget(
    'time',
    `did not end within ${budget.time} ms`,
    'select fewer nodes first (by name and by equality), or raise the time budget',
  );
}

function overBudget(which: 'time' | 'nodes' | 'bytes', what: string, hint: string): Problem {
  const message = `the query ${what}`;
  return new Problem('query-over-budget', { detail: message, hint, violations: [{ rule: `budget-${which}`, message, hint }] });
}
