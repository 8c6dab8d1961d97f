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
  ['[a^&~]', '', '[a\\^\\&\\~]'],
  ['[^ab]', '', '[^ab]'],
  ['[^^]', '', '[^\\^]'],
  ['(a)(?:b)', '', '(a)(?:b)'],
  ['a{12}b{1,}c{10,20}', '', 'a{12}b{1,}c{10,20}'],
  ['\\w\\W', '', '[^\\p{P}\\p{Z}\\p{C}][\\p{P}\\p{Z}\\p{C}]'],
  ['[\\w]', '', '[\\p{L}\\p{M}\\p{N}\\p{S}]'],
  ['[\\]]', '', '[\\]]'],
  ['\\[ a \\] b', 'x', '\\[a\\]b'],
  ['\\\\[ a] b', 'x', '\\\\[ a]b'],
  ['[ ] a', 'x', '[ ]a'],
  ['[\\] ] a', 'x', '[\\] ]a'],
  ['a.b', 'q', 'a\\.b'],
];

/** not XPath, or not possible in linear time; and why, as people are told */
const REFUSED: readonly [pattern: string, flags: string, why: string][] = [
  ['(a)\\1', '', 'back-references cannot be matched in linear time'],
  ['(a)\\9', '', 'back-references cannot be matched in linear time'],
  ['[a-z-[aeiou]]', '', 'class subtraction ("-[") is not supported'],
  ['[[:alpha:]]', '', '"[" inside a class: write "\\["'],
  ['\\b', '', '"\\b" is no escape'],
  ['\\0', '', '"\\0" is no escape'],
  ['\\x41', '', '"\\x" is no escape'],
  ['[\\C]', '', '"\\C" cannot stand inside [ ] here'],
  ['\\C{2', '', '"{" begins no quantity'],
  ['a{', '', '"{" begins no quantity'],
  ['a{,2}', '', '"{" begins no quantity'],
  ['a{b{2}', '', '"{" begins no quantity'],
  ['(?i)a', '', 'after "(?" only ":" may stand'],
  ['(?=a)', '', 'after "(?" only ":" may stand'],
  ['\\p{IsBasicLatin}', '', '"\\p{IsBasicLatin}" is no category'],
  ['\\P{XL}', '', '"\\P{XL}" is no category'],
  ['\\pLu}', '', '"\\p{}" is no category'],
  ['\\p{Lu', '', '"\\p{}" is no category'],
  ['a}', '', '"}" stands alone: write "\\}"'],
  ['a]', '', '"]" stands alone: write "\\]"'],
  ['[]', '', 'a class is empty'],
  ['[^]', '', 'a class is empty'],
  ['[', '', '"[" is not closed'],
  ['[a', '', '"[" is not closed'],
  ['a\\', '', 'the pattern ends with "\\"'],
  ['(', '', ''],
  ['*', '', ''],
  ['a', 'g', 'there is no flag "g" (s, m, i, x and q exist)'],
];

describe('patterns', () => {
  for (const [pattern, flags, re2] of TRANSLATED) {
    it(`${pattern} ${flags} becomes ${re2}`, () => expect(translatePattern(pattern, flags)).to.equal(re2));
  }

  for (const [pattern, flags, why] of REFUSED) {
    it(`${pattern} ${flags} is refused: ${why}`, () => {
      const message = `"${pattern}" is not a regular expression: ${why}`;
      expect(() => compilePattern(pattern, flags))
        .to.throw(Problem, message)
        .that.satisfies(
          ({ code, violations }: Problem) =>
            code === 'invalid-xpath' && violations[0].rule === 'xpath-pattern' && violations[0].message.startsWith(message),
        );
    });
  }

  it('of any length are quoted in part', () => {
    expect(() => compilePattern(`${'a'.repeat(10_000)}]`, ''))
      .to.throw(Problem)
      .that.satisfies(({ message }: Problem) => message.length < 400);
  });

  it('take linear time where backtracking would take forever', () => {
    const start = performance.now();
    expect(compilePattern('^(a+)+$', '').test(`${'a'.repeat(20_000)}!`)).to.equal(false);
    expect(compilePattern('(x+x+)+y', '').test('x'.repeat(20_000))).to.equal(false);
    expect(performance.now() - start).to.be.below(2_000);
  });
});
