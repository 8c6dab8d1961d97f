import { expect } from 'chai';
import fc from 'fast-check';
import { nearest } from '../../src/model/index.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);

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

  it(`is one of the smallest distance, as the definition has it (FACETRY_SEED=${seed})`, () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A'), minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 5 }), (typed, candidates) => {
        const far = Math.max(1, Math.floor(typed.length / 3));
        const distances = candidates.map((candidate) => distance(typed.toLowerCase(), candidate.toLowerCase()));
        const least = Math.min(...distances);
        expect(nearest(typed, candidates)).to.equal(least <= far ? candidates[distances.indexOf(least)] : undefined);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

/** Optimal string alignment, by its recursive definition. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distance(x, y);
  const swapped =
    a[0] === b[1] && a[1] === b[0] && a.length > 1 && b.length > 1 ? distance(a.slice(2), b.slice(2)) : Number.POSITIVE_INFINITY;
  return 1 + Math.min(distance(x, b), distance(a, y), distance(x, y), swapped);
}
