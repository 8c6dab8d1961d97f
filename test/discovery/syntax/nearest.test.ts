import { expect } from 'chai';
import { nearest } from '../../../src/discovery/syntax/index.js';

describe('syntax: the name that was meant', () => {
  const names = ['contains', 'count', 'concat', 'starts-with', 'string', 'string-length', 'id', 'not'];

  for (const [typed, meant] of [
    ['contians', 'contains'],
    ['contain', 'contains'],
    ['CONTAINS', 'contains'],
    ['starts_with', 'starts-with'],
    ['startswith', 'starts-with'],
    ['stringlength', 'string-length'],
    ['cuont', 'count'],
    ['nto', 'not'],
    ['ids', 'id'],
    ['zzzzzzzz', undefined],
    ['', undefined],
    ['xy', undefined],
  ] as const) {
    it(`${typed || '(nothing)'} → ${meant ?? 'nothing near'}`, () => expect(nearest(typed, names)).to.equal(meant));
  }

  it('does not work for long on a long name', () => {
    expect(nearest('x'.repeat(100_000), names)).to.equal(undefined);
  });
});
