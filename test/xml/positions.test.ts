import { expect } from 'chai';
import { positionsIn } from '../../src/xml/positions.js';

describe('Positions in a text', () => {
  const cases: readonly (readonly [text: string, offset: number, line: number, column: number])[] = [
    ['abc', 0, 1, 1],
    ['abc', 3, 1, 4],
    ['a\nb', 2, 2, 1],
    ['a\r\nb', 3, 2, 1],
    ['a\rb', 2, 2, 1],
    ['a\r\r\nb', 4, 3, 1],
    ['\n\n', 2, 3, 1],
    ['😀x', 2, 1, 2],
    ['é\n😀😀x', 6, 2, 3],
  ];
  for (const [text, offset, line, column] of cases) {
    it(`offset ${offset} of ${JSON.stringify(text)} is ${line}:${column}`, () => {
      expect(positionsIn(text)(offset)).to.deep.equal({ line, column });
    });
  }

  it('continue the line in which a document begins inside a larger body', () => {
    const at = positionsIn('ab\ncd', { line: 7, column: 5 });
    expect(at(1)).to.deep.equal({ line: 7, column: 6 });
    expect(at(3)).to.deep.equal({ line: 8, column: 1 });
  });
});
