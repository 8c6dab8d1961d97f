import { expect } from 'chai';
import fc from 'fast-check';
import { parseXPath } from '../../../src/discovery/syntax/index.js';
import { Problem } from '../../../src/model/index.js';
import { expressions } from '../../fuzz/expressions.js';
import { written } from './written.js';

const random = expressions({ variables: true, extensions: true });
const runs = {
  numRuns: Number(process.env.FUZZ_RUNS ?? 1_000),
  seed: Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31)),
};

describe(`syntax: random expressions (seed ${runs.seed})`, () => {
  it('a tree written out in full reads as the same tree', () => {
    fc.assert(
      fc.property(random, (text) => {
        const full = written(parseXPath(text))
          .replaceAll('{', '(')
          .replaceAll('}', ')')
          .replaceAll(/Q\(([^)]*)\)/g, 'Q{$1}');
        expect(unplaced(parseXPath(full))).to.deep.equal(unplaced(parseXPath(text)));
      }),
      runs,
    );
  });

  it('a damaged expression is read or refused with a place inside it, never anything else', () => {
    const damage = fc.tuple(
      random,
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom('', '(', ']', '"', '$', ':', '::', '/', '[', '-', 'é', '\u0000', '{', ' and ', '😀'),
    );
    fc.assert(
      fc.property(damage, ([text, place, length, put]) => {
        const at = place % (text.length + 1);
        const damaged = text.slice(0, at) + put + text.slice(at + length);
        try {
          parseXPath(damaged);
        } catch (error) {
          expect(error).to.be.instanceOf(Problem);
          const [{ column = 0, message }] = (error as Problem).violations;
          expect(column).to.be.within(1, [...damaged].length + 1);
          expect(message).to.match(/\S/);
        }
      }),
      runs,
    );
  });
});

/** The tree without its offsets, without undefined, and without the parentheses a lone operand needs none of. */
function unplaced(tree: unknown): unknown {
  return JSON.parse(JSON.stringify(tree, (key, value) => (key === 'at' ? undefined : value)));
}
