import { expect } from 'chai';
import { type Operation, type Recorded, violation } from './history.js';
import { random, seedFrom } from './random.js';

const at = (from: number, to: number, operation: Operation): Recorded => ({ from, to, operation });
const write = (value: string): Operation => ({ kind: 'write', value });
const read = (value: string | undefined): Operation => ({ kind: 'read', value });
const swap = (expected: string, value: string, ok = true): Operation => ({ kind: 'swap', expected, value, ok });
const NEVER = Number.POSITIVE_INFINITY;

describe('The checker of histories', () => {
  const linearizable: Record<string, readonly Recorded[]> = {
    'one after the other': [at(0, 1, write('a')), at(2, 3, read('a')), at(4, 5, write('b')), at(6, 7, read('b'))],
    'a read beside a write sees either': [at(0, 9, write('a')), at(1, 2, read(undefined)), at(3, 4, read('a'))],
    'two writes beside each other, in either order': [at(0, 5, write('a')), at(0, 5, write('b')), at(6, 7, read('a'))],
    'what was never answered may have happened late': [at(0, NEVER, write('a')), at(1, 2, read(undefined)), at(50, 51, read('a'))],
    'or never': [at(0, NEVER, write('a')), at(1, 2, read(undefined)), at(50, 51, read(undefined))],
    'of two swaps of one value, one wins': [
      at(0, 1, write('a')),
      at(2, 9, swap('a', 'b')),
      at(2, 9, swap('a', 'c', false)),
      at(10, 11, read('b')),
    ],
  };
  for (const [name, history] of Object.entries(linearizable))
    it(`accepts: ${name}`, () => expect(violation(history, undefined)).to.equal(undefined));

  const wrong: Record<string, readonly Recorded[]> = {
    'a read of what was replaced': [at(0, 1, write('a')), at(2, 3, write('b')), at(4, 5, read('a'))],
    'a write that is lost': [at(0, 1, write('a')), at(2, 3, read(undefined))],
    'reads that go back': [at(0, 9, write('a')), at(1, 2, read('a')), at(3, 4, read(undefined))],
    'two swaps of one value that both win': [
      at(0, 1, write('a')),
      at(2, 9, swap('a', 'b')),
      at(2, 9, swap('a', 'c')),
      at(10, 11, read('b')),
    ],
    'a swap refused although it would do': [at(0, 1, write('a')), at(2, 3, swap('a', 'b', false)), at(4, 5, read('a'))],
    'a value from nowhere': [at(0, NEVER, write('a')), at(1, 2, read('x'))],
  };
  for (const [name, history] of Object.entries(wrong)) it(`finds: ${name}`, () => expect(violation(history, undefined)).to.be.an('array'));

  it('accepts what a real register did, and finds a lost write in it', () => {
    const { int } = random(seedFrom('FACETRY_SEED'));
    for (let run = 0; run < 12; run++) {
      let value: string | undefined;
      let time = 0;
      // each client's operation takes effect at a moment within it
      const history: Recorded[] = [];
      for (let n = 0; n < 200; n++) {
        const moment = ++time * 10;
        const from = moment - int(60);
        const to = moment + 1 + int(60);
        const kind = int(3);
        if (kind === 0) history.push(at(from, to, read(value)));
        else if (kind === 1) {
          value = `w${n}`;
          history.push(at(from, to, write(value)));
        } else {
          const expected = int(2) === 0 && value !== undefined ? value : 'other';
          const ok = expected === value;
          history.push(at(from, to, swap(expected, `s${n}`, ok)));
          if (ok) value = `s${n}`;
        }
      }
      expect(violation(history, undefined)).to.equal(undefined);
      const after = time * 10 + 1000;
      expect(violation([...history, at(after, after + 1, write('last')), at(after + 2, after + 3, read(value))], undefined)).to.be.an(
        'array',
      );
    }
  });
});
