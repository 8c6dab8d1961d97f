import { expect } from 'chai';
import { Problem } from '../../../src/model/index.js';
import { ask } from '../plan/ask.js';

const XML = '<r><p>a.b.c</p><q>.</q></r>';

describe('replace()', () => {
  const TABLE: readonly (readonly [xpath: string, value: string])[] = [
    // a group number takes as many digits as there are groups
    ['replace("abcdefghijk", "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$1$10$9")', 'kaji'],
    ['replace("ab", "(a)(b)", "$2$13")', 'ba3'],
    ['replace("ab", "(a)(b)", "$21$2")', 'b1b'],
    ['replace("ab", "(a)b", "$9")', ''],
    ['replace("ab", "(a)b", "$0x")', 'abx'],
    ['replace("ab", "(a)b", "$1:")', 'a:'],
    ['replace("ab", "(a)b", "$1/")', 'a/'],
    // a group that took no part
    ['replace("ac", "a(b)?c", "[$1]")', '[]'],
    ['replace("xaybz", "[ab]", "<$0>")', 'x<a>y<b>z'],
    ['replace("abc", "x", "$1")', 'abc'],
    ['replace("", "a", "b")', ''],
    ['replace("a", "a", "\\\\\\$\\\\")', '\\$\\'],
    ['replace(/r/p, "\\.", "-")', 'a-b-c'],
    ['replace("a.c", /r/q, "-", "q")', 'a-c'],
  ];
  for (const [xpath, value] of TABLE) it(`${xpath} is ${value}`, () => expect(ask(XML, xpath)).to.equal(value));
});

describe('what a pattern or replacement cannot be', () => {
  const REFUSED: readonly (readonly [xpath: string, message: string, hint: string])[] = [
    ['replace("a", "x*", "y")', 'the pattern of replace() matches the empty string: "x*"', 'use + instead of *'],
    ['tokenize("a", "x*")', 'the pattern of tokenize() matches the empty string: "x*"', 'use + instead of *'],
    ['replace("", "x*", "y")', 'the pattern of replace() matches the empty string: "x*"', 'use + instead of *'],
    ['replace("a", "a", "$")', '"$" is not followed by a group number in the replacement "$"', 'write \\$ for a dollar sign'],
    ['replace("a", "a", "$x1")', '"$" is not followed by a group number in the replacement "$x1"', 'write \\$ for a dollar sign'],
    ['replace("a", "a", "\\")', '"\\" stands before neither "\\" nor "$" in the replacement "\\"', 'write \\\\ for a backslash'],
    ['replace("a", "a", "\\n")', '"\\" stands before neither "\\" nor "$" in the replacement "\\n"', 'write \\\\ for a backslash'],
  ];
  for (const [xpath, message, hint] of REFUSED) {
    it(`${xpath}: ${message}`, () => {
      expect(() => ask(XML, xpath))
        .to.throw(Problem, message)
        .that.satisfies(
          (problem: Problem) =>
            problem.code === 'invalid-xpath' &&
            problem.hint === hint &&
            problem.violations[0].rule === 'xpath-pattern' &&
            problem.violations[0].message === message &&
            problem.violations[0].hint === hint,
        );
    });
  }
});
