import type { Compiled } from '../discovery/index.js';
import { type Asked, compileAsked } from './evaluate.js';

/** A question that was asked before, and what is known of it. */
export interface KnownPlan {
  /** Compiles when first needed; throws Problem `invalid-xpath`. */
  readonly compiled: Compiled;
  /** it did not end within the inline budget the last time, or its text alone is long */
  slow: boolean;
}

export interface Plans {
  get(asked: Asked): KnownPlan;
}

/** Compiling takes some tens of microseconds a kilobyte; a text longer than this is compiled in the query thread. */
const LONG_TEXT = 4096;

/** The plans of the last questions, least recently used ones forgotten. */
export function createPlans(capacity: number): Plans {
  const plans = new Map<string, KnownPlan>();
  return {
    get(asked) {
      const key = JSON.stringify([asked.xpath, asked.bindings, Object.keys(asked.variables)]);
      const known = plans.get(key) ?? planOf(asked);
      plans.delete(key);
      plans.set(key, known);
      if (plans.size > capacity) plans.delete(plans.keys().next().value as string);
      return known;
    },
  };
}

function planOf(asked: Asked): KnownPlan {
  let compiled: Compiled | undefined;
  return {
    get compiled() {
      compiled ??= compileAsked(asked);
      return compiled;
    },
    slow: asked.xpath.length > LONG_TEXT,
  };
}
