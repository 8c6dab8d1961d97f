import type { Compiled } from '../discovery/index.js';
import { type Asked, compileAsked } from './evaluate.js';

/** A question compiled once, and what is known of it. */
export interface KnownPlan {
  readonly compiled: Compiled;
  /** it has not ended within the inline budget before */
  slow: boolean;
}

export interface Plans {
  get(asked: Asked): KnownPlan;
}

/** The plans of the last questions, least recently used ones forgotten. */
export function createPlans(capacity: number): Plans {
  const plans = new Map<string, KnownPlan>();
  return {
    get(asked) {
      const key = JSON.stringify([asked.xpath, asked.namespaces, Object.keys(asked.variables)]);
      const known = plans.get(key) ?? { compiled: compileAsked(asked), slow: false };
      plans.delete(key);
      plans.set(key, known);
      if (plans.size > capacity) plans.delete(plans.keys().next().value as string);
      return known;
    },
  };
}
