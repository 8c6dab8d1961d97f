import { expect } from 'chai';
import fc from 'fast-check';
import { numberText } from '../../../src/http/answers/number.js';

describe('http/answers/number', () => {
  for (const [value, text] of [
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [-42, '-42'],
    [1e21, '1000000000000000000000'],
    [-1.25e22, '-12500000000000000000000'],
    [1e-7, '0.0000001'],
    [-1.25e-8, '-0.0000000125'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [123456789012345680000, '123456789012345680000'],
  ] as const) {
    it(`${value} → ${text}`, () => expect(numberText(value)).to.equal(text));
  }

  it('never has an exponent, and reads back as the same number', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e9);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = numberText(value);
        expect(text).to.match(/^-?\d+(\.\d+)?$/);
        expect(Number(text)).to.equal(value === 0 ? 0 : value);
      }),
      { seed },
    );
  });
});
