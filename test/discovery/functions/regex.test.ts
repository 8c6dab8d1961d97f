import { expect } from 'chai';
import { compilePattern } from '../../../src/discovery/functions/index.js';
import { translatePattern } from '../../../src/discovery/functions/regex.js';
import { Problem } from '../../../src/model/index.js';

/** XPath pattern → what RE2 is given */
const TRANSLATED: readonly [pattern: string, flags: string, re2: string][] = [
  ['a.b', '', 'a[^\\n\\r]b'],
  ['a.b', 's', 'a.b'],
  ['\\d+\\D', '', '\\p{Nd}+\\P{Nd}'],
  ['\\s\\S', '', '[ \\t\\n\\r][^ \\t\\n\\r]'],
  ['[\\d\\s]', '', '[\\p{Nd} \\t\\n\\r]'],
  ['(?:a|b){2,3}?', '', '(?:a|b){2,3}?'],
  ['a b', 'x', 'ab'],
  ['[a b]', 'x', '[a b]'],
  ['\\p{Lu}\\P{L}', '', '\\p{Lu}\\P{L}'],
  ['[a^&]', '', '[a\\^\\&]'],
];

/** not XPath, or not possible in linear time */
const REFUSED: readonly [pattern: string, flags: string][] = [
  ['(a)\\1', ''],
  ['[a-z-[aeiou]]', ''],
  ['\\b', ''],
  ['\\C{2', ''],
  ['(?i)a', ''],
  ['(?=a)', ''],
  ['\\x41', ''],
  ['[[:alpha:]]', ''],
  ['\\p{IsBasicLatin}', ''],
  ['a{', ''],
  ['a}', ''],
  ['a]', ''],
  ['[]', ''],
  ['[', ''],
  ['(', ''],
  ['*', ''],
  ['a\\', ''],
  ['a', 'g'],
];

describe('patterns', () => {
  for (const [pattern, flags, re2] of TRANSLATED) {
    it(`${pattern} ${flags} becomes ${re2}`, () => expect(translatePattern(pattern, flags)).to.equal(re2));
  }

  for (const [pattern, flags] of REFUSED) {
    it(`${pattern} ${flags} is refused with a reason`, () => {
      expect(() => compilePattern(pattern, flags)).to.throw(Problem, 'is not a regular expression');
    });
  }

  it('take linear time where backtracking would take forever', () => {
    const start = performance.now();
    expect(compilePattern('^(a+)+$', '').test(`${'a'.repeat(20_000)}!`)).to.equal(false);
    expect(compilePattern('(x+x+)+y', '').test('x'.repeat(20_000))).to.equal(false);
    expect(performance.now() - start).to.be.below(2_000);
  });
});
