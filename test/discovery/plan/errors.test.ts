import { expect } from 'chai';
import { compile } from '../../../src/discovery/index.js';
import { Problem } from '../../../src/model/index.js';
import { ask } from './ask.js';

function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const namespaces = new Map([
  ['r', 'urn:r'],
  ['cluster', 'urn:c'],
]);

/** what is wrong → rule, column, and what the hint must name */
const REFUSED: readonly [xpath: string, rule: string, column: number, hint: string][] = [
  ['//a/clustr:b', 'xpath-prefix', 5, 'did you mean "cluster"?'],
  ['//a[unlike:b]', 'xpath-prefix', 5, 'bound: r, cluster'],
  ['//a[start-with(., "x")]', 'xpath-function', 5, 'did you mean starts-with()?'],
  ['//a[nto(b)]', 'xpath-function', 5, 'did you mean not()?'],
  ['r:count(//a)', 'xpath-function', 1, ''],
  ['$stats = 1', 'xpath-variable', 1, 'did you mean $status?'],
  ['$unlike', 'xpath-variable', 1, 'given: $status'],
  ['count(//a, 1)', 'xpath-arguments', 1, ''],
  ['substring("a")', 'xpath-arguments', 1, ''],
  ['count("a")', 'xpath-type', 7, ''],
  ['//a | true()', 'xpath-type', 7, ''],
  ['exists(1)', 'xpath-type', 8, ''],
  ['"a"[1]', 'xpath-type', 1, ''],
  ['matches(., "a(")', 'xpath-pattern', 12, ''],
  ['replace(., "(a)\\1", "x")', 'xpath-pattern', 12, ''],
];

describe('what can never be evaluated', () => {
  for (const [xpath, rule, column, hint] of REFUSED) {
    it(`${xpath} is refused before any data is seen`, () => {
      const problem = problemOf(() => compile(xpath, { namespaces, variables: new Set(['status']) }));
      expect(problem.code).to.equal('invalid-xpath');
      expect(problem.violations[0]?.rule).to.equal(rule);
      expect(problem.violations[0]?.column).to.equal(column);
      expect(problem.hint ?? '').to.contain(hint);
    });
  }

  it('binds the prefix xml without being told', () => {
    expect(ask('<a xml:lang="en"/>', 'string(/a/@xml:lang)')).to.equal('en');
  });

  it('refuses at run time what only the data can tell', () => {
    const number = new Map([['v', { type: 'number', value: 1 } as const]]);
    expect(problemOf(() => ask('<a/>', 'count($v)', { variables: number })).violations[0]?.rule).to.equal('xpath-type');
    expect(problemOf(() => ask('<a>(</a>', 'matches("x", /a)')).violations[0]?.rule).to.equal('xpath-pattern');
    expect(problemOf(() => ask('<a>a b</a>', 'tokenize(/a)')).hint).to.contain('string-join');
    expect(problemOf(() => ask('<a/>', '/a[$v]')).violations[0]?.rule).to.equal('xpath-variable');
  });
});
