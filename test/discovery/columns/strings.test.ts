import { expect } from 'chai';
import fc from 'fast-check';
import { publishState, stateOf } from '../../../src/discovery/columns/columns.js';
import { type Columns, createAppender, createColumns } from '../../../src/discovery/columns/index.js';
import { STRING } from '../../../src/discovery/columns/state.js';
import { internText } from '../../../src/discovery/columns/strings.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);

function columnsOf(texts: readonly string[], size: 'directory' | 'document' = 'directory'): { columns: Columns; ids: number[] } {
  const columns = createColumns({ size });
  const ids = texts.map((text) => internText(stateOf(columns), text));
  publishState(stateOf(columns), 1);
  return { columns, ids };
}

describe('strings', () => {
  it('are kept once, and found by their bytes: 100 000 of them', () => {
    const texts = Array.from({ length: 100_000 }, (_, i) => (i % 7 === 0 ? `näme ${i}` : `${i}`));
    const { columns, ids } = columnsOf(texts);
    expect(new Set(ids).size).to.equal(texts.length);
    expect(columns.strings.count).to.equal(texts.length + 1);
    texts.forEach((text, i) => {
      if (columns.strings.text(ids[i]) !== text || columns.strings.find(text) !== ids[i] || internText(stateOf(columns), text) !== ids[i])
        throw new Error(`string ${text}`);
    });
    expect(columns.strings.count).to.equal(texts.length + 1);
    expect(columns.strings.find('100000')).to.equal(-1);
    expect(columns.strings.find('')).to.equal(0);
  });

  it('stay apart where hashes collide or one begins like the other', () => {
    const texts = ['a', 'aa', 'aaa', '\u0001', 'é', 'e\u0301', '\u{10FFFF}', '\uFFFD', ' a', 'a '];
    const { columns, ids } = columnsOf(texts);
    expect(ids.map((id) => columns.strings.text(id))).to.deep.equal(texts);
    expect(columns.strings.find('\uD800')).to.equal(-1);
  });

  it('spread over their buckets whatever they are', () => {
    const families: readonly ((i: number) => string)[] = [
      (i) => `${i}`,
      (i) => 'a'.repeat(i % 300) + String.fromCharCode(97 + (i % 26)) + i,
      (i) => String.fromCodePoint(0x100 + i),
      (i) => `${i}`.padStart(40, '0'),
      (i) => thueMorse(i),
    ];
    for (const family of families) {
      const { columns } = columnsOf(Array.from({ length: 4000 }, (_, i) => family(i)));
      const { stringBuckets, strings, header } = stateOf(columns);
      let longest = 0;
      for (let bucket = 0; bucket < header[10]; bucket++) {
        let length = 0;
        for (let id = stringBuckets[bucket]; id !== 0; id = strings[id * 4 + 2]) length++;
        longest = Math.max(longest, length);
      }
      // with 4000 balls in some 4000 bins the fullest holds 6 or 7; where they come in pairs, 20 happens once in a million
      expect(longest).to.be.below(20);
    }
  });
});

/** Two texts of each pair collide under every polynomial hash modulo a power of two, and in part under ours. More than two must not. */
function thueMorse(i: number): string {
  const parity = (n: number): number => (n === 0 ? 0 : (n & 1) ^ parity(n >>> 1));
  const flip = i & 1;
  return `${i >>> 1}:${Array.from({ length: 2048 }, (_, k) => 'ab'[parity(k) ^ flip]).join('')}`;
}

/** XPath 1.0 §4.4; what is not listed is NaN. */
const NUMBERS: readonly (readonly [text: string, number: number])[] = [
  ['0', 0],
  ['-0', -0],
  ['-0.0', -0],
  ['.5', 0.5],
  ['5.', 5],
  ['-.5', -0.5],
  [' \t\r\n12.50 ', 12.5],
  ['0.1', 0.1],
  ['123456789012345678', 123456789012345680],
  ['0.1234567890123456789', 0.12345678901234568],
  ['9007199254740993', 9007199254740992],
  ['1'.repeat(400), Number.POSITIVE_INFINITY],
  [`0.${'0'.repeat(400)}1`, 0],
  [`0.${'0'.repeat(323)}5`, 5e-324],
  [`0.${'0'.repeat(322)}1`, 1e-323],
  ['', Number.NaN],
  [' ', Number.NaN],
  ['-', Number.NaN],
  ['.', Number.NaN],
  ['+1', Number.NaN],
  ['--1', Number.NaN],
  ['- 1', Number.NaN],
  ['1e3', Number.NaN],
  ['0x10', Number.NaN],
  ['1 2', Number.NaN],
  ['1.2.3', Number.NaN],
  ['Infinity', Number.NaN],
  ['1\u00a0', Number.NaN],
  ['１', Number.NaN],
];

describe('number() of a string', () => {
  for (const [text, expected] of NUMBERS) {
    it(`${JSON.stringify(text.length > 30 ? `${text.slice(0, 30)}…` : text)} is ${Object.is(expected, -0) ? '-0' : expected}, also when asked again`, () => {
      const { columns, ids } = columnsOf([text]);
      expect(Object.is(columns.strings.number(ids[0]), expected), `${columns.strings.number(ids[0])}`).to.equal(true);
      expect(Object.is(columns.strings.number(ids[0]), expected), `${columns.strings.number(ids[0])}`).to.equal(true);
    });
  }

  it(`is what the engine's own conversion says of decimal numbers (FACETRY_SEED=${seed})`, () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{0,25}(\.\d{0,25})?$/), (text) => {
        const { columns, ids } = columnsOf([text], 'document');
        const expected = /\d/.test(text) ? Number(text) : Number.NaN;
        return Object.is(columns.strings.number(ids[0]), expected);
      }),
      { seed, numRuns: 500 },
    );
  });
});

const word = fc.constantFrom('alpha', 'beta', 'été', '小明', '😀', 'nvidia-driver-535', 'x', ' ', '\n', 'aaaa', 'aab');
const text = fc.oneof(
  { weight: 2, arbitrary: fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join('')) },
  { weight: 3, arbitrary: fc.array(word, { minLength: 20, maxLength: 400 }).map((words) => words.join('')) },
  { weight: 1, arbitrary: fc.array(word, { minLength: 1000, maxLength: 6000 }).map((words) => words.join(' ')) },
);

describe(`testing strings against a needle (FACETRY_SEED=${seed})`, () => {
  const kinds = {
    contains: (string: string, needle: string) => string.includes(needle),
    'starts-with': (string: string, needle: string) => string.startsWith(needle),
    'ends-with': (string: string, needle: string) => string.endsWith(needle),
  };

  for (const size of ['directory', 'document'] as const) {
    it(`is what JavaScript says (${size})`, () => {
      fc.assert(
        fc.property(
          fc.array(text, { minLength: 1, maxLength: 80 }),
          fc.array(fc.oneof(word, text, fc.string({ unit: 'grapheme', maxLength: 3 })), { minLength: 1, maxLength: 4 }),
          fc.nat(),
          fc.nat(),
          (texts, needles, at, length) => {
            const { columns, ids } = columnsOf(texts, size);
            // and one that occurs, cut out of a text between code points
            const points = [...texts[at % texts.length]];
            const start = length % points.length;
            const cut = points.slice(start, start + 1 + (at % 20)).join('');
            for (const needle of [...needles, cut]) {
              for (const [kind, expected] of Object.entries(kinds)) {
                const matches = columns.strings.matcher(kind as keyof typeof kinds, needle);
                texts.forEach((string, i) => {
                  if (matches(ids[i]) !== expected(string, needle))
                    throw new Error(`${kind} ${JSON.stringify(needle)} in ${JSON.stringify(string)}`);
                });
              }
            }
          },
        ),
        { seed, numRuns: 60 },
      );
    });
  }

  it('leaves most long strings unread, and costs about a tenth of their bytes', () => {
    const random = generator(seed);
    const texts = Array.from(
      { length: 6000 },
      (_, i) => `${i} ${Array.from({ length: 200 }, () => random().toString(36).slice(2, 8)).join(' ')}`,
    );
    texts[77] += ' the needle ';
    const { columns, ids } = columnsOf(texts);
    const state = stateOf(columns);
    const bytes = texts.reduce((sum, one) => sum + one.length, 0);
    expect((state.ends.signatures * 4) / bytes).to.be.within(0.05, 0.13);
    const matches = columns.strings.matcher('contains', 'the needle');
    expect(ids.filter(matches)).to.deep.equal([ids[77]]);
    // unread: the heap may be wiped, and those ruled out are ruled out all the same
    const wiped = columns.strings.matcher('contains', 'the needle');
    wiped(ids[0]);
    state.heap.fill(0x20);
    expect(ids.filter((id) => wiped(id))).to.deep.equal([]);
  });

  it('knows beginnings of every length apart, wherever they part', () => {
    const whole = 'https://réseau.example.org/a/😀/b?c=1&d=2';
    const places = Array.from({ length: whole.length }, (_, at) => at);
    const texts = [
      whole,
      ...places.map((at) => whole.slice(0, at)),
      ...places.map((at) => `${whole.slice(0, at)}~${whole.slice(at + 1)}`),
    ].filter((text) => text.isWellFormed());
    const { columns, ids } = columnsOf(texts);
    for (const needle of texts) {
      const matches = columns.strings.matcher('starts-with', needle);
      expect(texts.filter((_, i) => matches(ids[i])).sort(), needle).to.deep.equal(texts.filter((text) => text.startsWith(needle)).sort());
    }
  });

  it('leaves most strings unread that begin otherwise, however early or late', () => {
    for (const [shared, needle] of [
      ['', 'needle that is long enough to have prints of all lengths'],
      ['https://', 'https://needle.example.org'],
      ['https://www.example.org/', 'https://www.example.org/a-needle/in-it'],
      ['', 'a needle'],
    ]) {
      const { columns, ids } = columnsOf(
        Array.from({ length: 4000 }, (_, i) => `${shared}${i * 7919} and what comes after it, at some length`),
      );
      const hay = columns.strings.matcher('starts-with', needle);
      expect(ids.filter(hay)).to.deep.equal([]);
      // whatever is read now begins with the needle: those that are ruled out are ruled out by their prints
      const { heap, strings } = stateOf(columns);
      for (const id of ids) heap.set(Buffer.from(needle), strings[id * STRING]);
      expect(ids.filter(hay).length / ids.length).to.be.below(0.15);
    }
  });

  it('finds nothing by half a character, and everything by an empty needle', () => {
    const { columns, ids } = columnsOf(['😀', '\uFFFD']);
    for (const kind of ['contains', 'starts-with', 'ends-with'] as const) {
      expect(ids.map(columns.strings.matcher(kind, '\uD83D'))).to.deep.equal([false, false]);
      expect(ids.map(columns.strings.matcher(kind, ''))).to.deep.equal([true, true]);
    }
  });
});

function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('labels', () => {
  it('by the ten thousand cost little and are found again', () => {
    const columns = createColumns();
    const document = createAppender(columns);
    document.startElement('', '', 'r');
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < 10_000; i++) {
        document.startElement('', '', `n${i}`);
        document.text('x');
        document.endElement();
      }
    }
    document.endElement();
    document.end();
    expect(columns.labels.count).to.equal(10_002);
    // a block of 2 rows with their data and its head: 24 bytes a label
    expect(stateOf(columns).ends.runs * 4).to.be.below(10_001 * 28);
    for (let label = 2; label < columns.labels.count; label++) {
      const [run] = columns.labels.runs(label);
      if (run.length !== 2 || columns.postings.count(label, columns.strings.find('x')) !== 2) throw new Error(`label ${label}`);
    }
  });
});
