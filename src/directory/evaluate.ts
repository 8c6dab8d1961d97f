/** One question, evaluated in the thread that calls; the part of `discover.ts` that both threads share. */
import { type Budget, type Compiled, compile, type OperatorTrace, type Value, type View } from '../discovery/index.js';
import { type LeaseSight, policyOver } from './lease/policy.js';

/** A question without its caller: what the query thread is told. */
export interface Asked {
  readonly xpath: string;
  readonly namespaces: Readonly<Record<string, string>>;
  /** says the same in fewer words: equal texts mean equal namespaces */
  readonly bindings: string;
  readonly variables: Readonly<Record<string, string | number | boolean>>;
  readonly explain: boolean;
  /** ms */
  readonly time: number;
  /** for dir:age() and its like */
  readonly leases: LeaseSight;
}

export interface Evaluated {
  readonly value: Value;
  readonly plan?: readonly OperatorTrace[];
  /** of evaluation and, when it was the first, compilation */
  readonly ms: number;
}

export function compileAsked(asked: Asked): Compiled {
  return compile(asked.xpath, { namespaces: new Map(Object.entries(asked.namespaces)), variables: new Set(Object.keys(asked.variables)) });
}

/** The budget of time counts from here, compiling included. */
export function evaluateAsked(known: { readonly compiled: Compiled }, view: View, asked: Asked, budget: Budget): Evaluated {
  const started = performance.now();
  const { compiled } = known;
  const time = Math.max(1, budget.time - (performance.now() - started));
  const options = {
    variables: variablesOf(asked),
    budget: { ...budget, time },
    now: Date.now(),
    policy: policyOver(view.columns, asked.leases),
  };
  const answer = asked.explain ? compiled.explain(view, options) : { value: compiled.evaluate(view, options) };
  return { ...answer, ms: performance.now() - started };
}

export function variablesOf(asked: Pick<Asked, 'variables'>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(asked.variables).map(([name, value]) => [name, { type: typeof value, value } as Value]));
}
