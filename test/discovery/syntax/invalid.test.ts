import { expect } from 'chai';
import { invalidXPath } from '../../../src/discovery/syntax/index.js';

const complaint = { rule: 'xpath-syntax', message: 'found something' };

/** expression, offset → where it is said to be, and the picture */
const PLACES: readonly (readonly [what: string, text: string, at: number, place: string, picture: string])[] = [
  ['the beginning', '//a', 0, 'column 1', '//a\n^'],
  ['the middle', '//a[]', 4, 'column 5', '//a[]\n    ^'],
  ['the end', '//a[', 4, 'column 5', '//a[\n    ^'],
  ['behind a character of two code units', '😀[]', 3, 'column 3', '😀[]\n  ^'],
  ['the second line', 'a\n b[', 4, 'line 2, column 3', 'a  b[\n    ^'],
  ['behind the line ends of Windows', 'a\r\nb\r[', 5, 'line 3, column 1', 'a  b [\n     ^'],
  ['between control characters', 'a\u0001\uFFFF[', 3, 'column 4', 'a\uFFFD\uFFFD[\n   ^'],
  ['far from the beginning', `${'x'.repeat(60)}]`, 60, 'column 61', `…${'x'.repeat(50)}]\n${' '.repeat(51)}^`],
  [
    'just near enough to both ends',
    `${'x'.repeat(50)}]${'y'.repeat(29)}`,
    50,
    'column 51',
    `${'x'.repeat(50)}]${'y'.repeat(29)}\n${' '.repeat(50)}^`,
  ],
  ['far from the end', `]${'y'.repeat(30)}`, 0, 'column 1', `]${'y'.repeat(29)}…\n^`],
  [
    'far from both among wide characters',
    `${'😀'.repeat(60)}]${'😀'.repeat(40)}`,
    120,
    'column 61',
    `…${'😀'.repeat(50)}]${'😀'.repeat(29)}…\n${' '.repeat(51)}^`,
  ],
];

describe('syntax: what is wrong, and where', () => {
  for (const [what, text, at, place, picture] of PLACES) {
    it(`at ${what}`, () => {
      const problem = invalidXPath(text, at, complaint);
      expect(problem.code).to.equal('invalid-xpath');
      expect(problem.message).to.equal(`found something (${place})`);
      expect(problem.hint).to.equal(picture);
      const [line, column] = place.startsWith('line') ? (place.match(/\d+/g) as string[]).map(Number) : [undefined, Number(place.slice(7))];
      const { violations } = problem;
      expect(violations).to.have.length(1);
      expect(violations[0]).to.deep.equal({
        rule: 'xpath-syntax',
        message: 'found something',
        ...(line === undefined ? {} : { line }),
        column,
        hint: picture,
      });
    });
  }

  it('with what to do instead, above the picture', () => {
    expect(invalidXPath('a', 0, { ...complaint, hint: 'write b' }).hint).to.equal('write b\na\n^');
  });
});
