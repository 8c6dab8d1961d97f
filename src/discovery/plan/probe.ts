/** Paths from one node: is there any node at their end? */
import { evaluatePath } from './paths.js';
import type { Run } from './run.js';
import type { PathPlan } from './tree.js';

export function reaches(run: Run, path: PathPlan, node: number): boolean {
  return evaluatePath(run, path, node, 1, 1).length > 0;
}
