/** Which of these nodes meet the conditions? */
import type { Condition } from './condition.js';
import { truth } from './evaluate.js';
import type { Run } from './run.js';

export function sieve(run: Run, conditions: readonly Condition[], nodes: Uint32Array): Uint32Array {
  let left = nodes;
  for (const { plan } of conditions) left = left.filter((node) => truth(run, plan, node, 1, 1));
  return left;
}
