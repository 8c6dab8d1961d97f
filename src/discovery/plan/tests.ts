/** The tests of a run's conditions, each made once. */
import type { Condition } from './condition.js';
import type { Run } from './run.js';
import { comparisonTest, type StringTest, scalarTest } from './value-test.js';

export function testOf(run: Run, condition: Condition & { kind: 'reach' | 'first' }): StringTest | undefined {
  const known = run.tests.get(condition);
  if (known !== undefined) return known;
  if (condition.kind === 'reach' && condition.test === undefined) return undefined;
  const test =
    condition.kind === 'first'
      ? scalarTest(run, condition.scalar)
      : comparisonTest(run, condition.test as NonNullable<typeof condition.test>);
  run.tests.set(condition, test);
  return test;
}
