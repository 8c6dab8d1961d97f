import { expect } from 'chai';
import fc from 'fast-check';
import type { Compiled, Policy, Value, View } from '../../../src/discovery/index.js';
import { compileWith } from '../../../src/discovery/plan/compile.js';
import { DIRECTORY_NS, RESOURCE_NS } from '../../../src/model/index.js';
import { NAMESPACES } from '../../fuzz/documents.js';
import { directories, ownView, partialView } from './random-directory.js';
import { questions } from './random-question.js';
import { told } from './told.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);
const runs = Number(process.env.PLAN_RUNS ?? 150);

const namespaces = new Map([...Object.entries(NAMESPACES), ['r', RESOURCE_NS], ['dir', DIRECTORY_NS]]);

/** Knows facets by their names alone: the same resource has another slot where less is seen. */
const policy: Policy = {
  age: (_, facet = '') => facet.length,
  fresh: (_, facet) => facet !== 'Q{}a',
  owner: (_, facet) => facet ?? 'nobody',
};
/** Compiled once and asked of every directory that comes: what a plan keeps must not outlive the columns it was learnt from. */
const plans = new Map<string, Compiled>();

function answer(text: string, view: View, optimise: boolean): unknown {
  const ask = (): Value => {
    const key = `${optimise} ${text}`;
    const plan = plans.get(key) ?? compileWith(text, { namespaces, optimise });
    if (plans.size < 5_000) plans.set(key, plan);
    return plan.evaluate(view, { policy, budget: { time: 20_000, nodes: 1e7, bytes: 1e8 } });
  };
  return told(ask, view);
}

describe(`the planner (FACETRY_SEED=${seed})`, () => {
  it('answers as the plain evaluator does, whatever the caller sees', function () {
    this.timeout(Math.max(120_000, runs * 1000));
    fc.assert(
      fc.property(directories, fc.array(questions, { minLength: 4, maxLength: 8 }), (directory, texts) => {
        for (const view of [ownView(directory), partialView(directory)]) {
          for (const text of texts) expect(answer(text, view, true), text).to.deep.equal(answer(text, view, false));
        }
      }),
      { seed, numRuns: runs },
    );
  });

  it('answers as if what the caller does not see did not exist', function () {
    this.timeout(Math.max(120_000, runs * 1000));
    fc.assert(
      fc.property(directories, fc.array(questions, { minLength: 4, maxLength: 8 }), (directory, texts) => {
        const own = ownView(directory);
        const partial = partialView(directory);
        for (const text of texts) {
          for (const optimise of [true, false]) expect(answer(text, partial, optimise), text).to.deep.equal(answer(text, own, optimise));
        }
      }),
      { seed, numRuns: runs },
    );
  });
});
