/** What functions ask of the budget: the host is a counter. */
import { expect } from 'chai';
import { FUNCTIONS, type Host, type Nodes } from '../../../src/discovery/functions/index.js';
import { compilePattern } from '../../../src/discovery/functions/regex.js';

interface Counted {
  units: number;
  ms: number[];
  toBuild: number[];
  built: number[];
}

/** Nodes are places in `texts`; node i comes before node i + 1. */
function counting(texts: readonly string[]): { host: Host; counted: Counted } {
  const counted: Counted = { units: 0, ms: [], toBuild: [], built: [] };
  const host = {
    text: (node: number) => texts[node],
    inOrder: (nodes: Nodes) => nodes,
    first: (nodes: Nodes) => nodes[0],
    byId: (tokens: Iterable<string>) => Uint32Array.from([...tokens], Number),
    textNodes: (values: readonly string[]) => Uint32Array.from(values, (_, i) => i),
    pattern: (source: string, flags: string) => compilePattern(source, flags),
    spend(units: number) {
      counted.units += units;
    },
    foresee: (ms: number) => counted.ms.push(ms),
    toBuild: (length: number) => counted.toBuild.push(length),
    built(text: string) {
      counted.built.push(text.length);
      return text;
    },
    now: undefined,
  } as unknown as Host;
  return { host, counted };
}

function call(name: string, args: readonly unknown[], texts: readonly string[] = []): { value: unknown; counted: Counted } {
  const { host, counted } = counting(texts);
  const value = FUNCTIONS.get(name)?.call([...args], { host, node: 0, position: 1, size: 1 });
  return { value, counted };
}

/** Units that grow with the text, not fall. */
function growsWith(
  name: string,
  args: (length: number) => readonly unknown[],
  texts: (length: number) => readonly string[] = () => [],
): void {
  const [short, long] = [100, 100_000].map((length) => call(name, args(length), texts(length)).counted.units);
  expect(long, `${name}: ${short} and ${long}`).to.be.above(short + 100);
}

const a = (length: number) => 'a'.repeat(length);
const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i);

describe('the cost of functions', () => {
  it('grows with what is read', () => {
    growsWith('matches', (length) => [a(length), 'b']);
    growsWith('replace', (length) => [a(length), 'a', 'b']);
    growsWith('replace', (length) => [`${a(length)}b`, 'b', 'c']);
    growsWith('tokenize', (length) => [a(length), 'a']);
    growsWith('tokenize', (length) => [a(length)]);
    growsWith('translate', (length) => [a(length), 'a', 'b']);
    growsWith('translate', (length) => ['a', a(length), 'b']);
    growsWith('id', (length) => [a(length)]);
    growsWith(
      'id',
      () => [all(1)],
      (length) => [a(length)],
    );
    growsWith(
      'id',
      (length) => [all(length)],
      (length) => new Array(length).fill('1'),
    );
    growsWith(
      'string-join',
      () => [all(1)],
      (length) => [a(length)],
    );
    growsWith(
      'string-join',
      (length) => [all(length)],
      (length) => new Array(length).fill(''),
    );
  });

  it('is foreseen where it cannot be interrupted', () => {
    for (const [name, args] of [
      ['matches', [a(100_000), 'b']],
      ['replace', [a(100_000), 'b', 'c']],
      ['normalize-space', [a(100_000)]],
      ['lower-case', [a(100_000)]],
      ['upper-case', [a(100_000)]],
    ] as const) {
      expect(Math.max(...call(name, args).counted.ms), name).to.be.within(0.1, 1000);
    }
    // a larger automaton costs more for each character, and less is left after each match
    const small = call('replace', [a(1000), 'b', 'c']).counted.ms[0];
    const large = call('replace', [a(1000), 'b{50}', 'c']).counted.ms[0];
    expect(large).to.be.above(small * 5);
    const { ms } = call('replace', [a(50), 'a', 'c']).counted;
    expect(ms).to.have.length(51);
    expect(ms.slice(1).every((cost, i) => cost < ms[i])).to.equal(true);
    expect(ms.at(-1)).to.equal(0);
  });

  it('is held against the size budget before a long string is built', () => {
    const { value, counted } = call('string-join', [all(3), '--'], ['aa', 'b', 'cc']);
    expect(value).to.equal('aa--b--cc');
    expect(counted.toBuild).to.deep.equal([4, 7, 11]);
    expect(counted.built).to.deep.equal([9]);
  });

  it('of a replacement that grows is held against it as it grows', () => {
    const { counted } = call('replace', [a(100), 'a', a(1000)]);
    expect(counted.built.at(-1)).to.equal(100_000);
    expect(counted.built.filter((length) => length > 65_536).length).to.be.above(30);
    // and short ones are not asked about each time
    expect(call('replace', [a(100), 'a', 'bc']).counted.built).to.deep.equal([200]);
  });
});

describe('id()', () => {
  it('takes the words of a string, each once', () => {
    expect(call('id', [' 3 1\n3\t2 ']).value).to.deep.equal(Uint32Array.of(3, 1, 2));
  });
  it('takes the words of every node of a set', () => {
    expect(call('id', [all(2)], ['3 1', '2 3']).value).to.deep.equal(Uint32Array.of(3, 1, 2));
  });
  it('finds nothing for nothing', () => {
    expect(call('id', [all(0)]).value).to.deep.equal(new Uint32Array(0));
    expect(call('id', ['']).value).to.deep.equal(new Uint32Array(0));
  });
});

describe('current-dateTime()', () => {
  it('is empty when nobody said what time it is', () => expect(call('current-dateTime', []).value).to.equal(''));
});
