import { expect } from 'chai';
import fc from 'fast-check';
import { isBulk, rootName } from '../../src/http/root-name.js';

describe('http/root-name', () => {
  for (const [text, name] of [
    ['<resources>', 'resources'],
    ['<resources/>', 'resources'],
    ['<r:resources xmlns:r="urn:x">', 'resources'],
    ['\uFEFF<?xml version="1.0"?>\r\n<!-- <resources> --><?pi <x> ?>\n <resource id="a">', 'resource'],
    ['<resource\n', 'resource'],
    ['<!DOCTYPE resources><resources>', undefined],
    ['<!ELEMENT a>', undefined],
    ['text', undefined],
    ['', 'more'],
    ['<', 'more'],
    ['<!', 'more'],
    ['<!-', 'more'],
    ['<!-- a ', 'more'],
    ['<?xml ', 'more'],
    ['<resour', 'more'],
    [' \n', 'more'],
    [`<!--${'-x'.repeat(40_000)}--><resources>`, undefined],
    [`<${'x'.repeat(2000)}`, undefined],
  ] as const) {
    it(`${JSON.stringify(text.slice(0, 60))} → ${name}`, () => {
      expect(rootName(Buffer.from(text))).to.equal(name);
    });
  }

  it('decides the same however little it is shown at a time', () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e9);
    const misc = fc.constantFrom(' ', '\n', '<!-- a > b -->', '<?p a?>', '<?xml version="1.0"?>', '<!DOCTYPE x>', 'x');
    const root = fc.constantFrom('<resources>', '<resource>', '<a:resources b="c">', '<resourcess/>', '<');
    const run = fc.property(
      fc.array(misc, { maxLength: 4 }),
      root,
      fc.constantFrom('', '<resource/></resources>'),
      (before, start, after) => {
        const whole = Buffer.from(before.join('') + start + after);
        const decided = isBulk(whole);
        for (let length = 0; length < whole.length; length += 1) {
          const early = isBulk(whole.subarray(0, length));
          if (early !== 'more') expect(early).to.equal(decided === 'more' ? false : decided);
        }
      },
    );
    fc.assert(run, { seed });
  });
});
