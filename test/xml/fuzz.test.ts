import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Problem, RESOURCE_NS } from '../../src/model/index.js';
import { checkSchemas } from '../../src/xml/schema-registry.js';
import { compileValidator } from '../../src/xml/validator.js';
import { hostileBytes, hostileFiles, hostileMissing } from '../hostile/corpus.js';
import { FACET, readerOf, resource } from './support.js';

/** A small generator of numbers from a seed (mulberry32), so that a failure can be seen again. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const SNIPPETS = [
  '<',
  '>',
  '/',
  '&',
  '"',
  "'",
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<?',
  '?>',
  '&#0;',
  '&#xD800;',
  '&lt;',
  'xmlns=""',
  ' xmlns:f="urn:g"',
  '<!DOCTYPE a>',
  '\0',
  '\r',
  '\u00e9',
  '\ud83d\ude00',
  '<a>',
  '</a>',
  '<resource>',
  ':',
  '{',
  '\ufeff',
  // where names begin, go on, and end
  '\u00b7',
  '\u00d7',
  '\u0300',
  '\u037e',
  '\u2040',
  '\u{effff}',
  '-',
  '&#xfffe;',
  '&#13;',
].map((text) => Buffer.from(text));

/** One to four small changes: bytes flipped, cut, doubled, moved, or markup put in. */
function mutate(document: Buffer, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(document);
  for (let times = next(2) === 0 ? 1 : 2 + next(3); times > 0; times--) {
    const at = next(bytes.length + 1);
    const length = next(20);
    const piece = bytes.subarray(at, at + length);
    switch (next(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = next(256);
        break;
      case 1:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at + length)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), SNIPPETS[next(SNIPPETS.length)], bytes.subarray(at)]);
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
    }
  }
  return bytes;
}

const FACETS = new URL('../../facets/', import.meta.url);
const RESOURCE_XSD = readFileSync(new URL('../../xsd/resource.xsd', import.meta.url), 'utf8');

describe('Mutations of good and of hostile documents', function () {
  this.timeout(120_000);
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
  const rounds = Number(process.env.FUZZ_ROUNDS ?? 2000);

  it(`${rounds} are accepted or refused with a problem, quickly; accepted ones are canonical, and valid for libxml2 (seed ${seed}, FUZZ_SEED to repeat)`, () => {
    const names = readdirSync(FACETS);
    const schemas = names.map((name) => ({ xsd: readFileSync(new URL(`${name}/${name}.xsd`, FACETS), 'utf8') }));
    const read = readerOf(schemas);
    // The reader asks it only where one of the schemas has a say; it must never have found anything elsewhere.
    const validator = compileValidator([{ ns: RESOURCE_NS, xsd: RESOURCE_XSD }, ...checkSchemas(schemas)]);
    const bare = resource(`<name xmlns:n="urn:n">n:x</name><description>d é</description><scope>/a</scope>${FACET}<g xmlns="urn:g"/>`);
    const good = [
      bare,
      resource(
        `<name xmlns:n="urn:n">n:x</name><scope>/a</scope>${FACET}<g xmlns="urn:g"><h xmlns=""> </h></g>`,
        ' xmlns:x="urn:x" x:y="1"',
      ),
      ...names.map((name) => readFileSync(new URL(`${name}/sample.xml`, FACETS), 'utf8')),
    ];
    const hostile =
      hostileMissing() === undefined
        ? hostileFiles().filter(({ channel, file }) => /POST document$/.test(channel) && !file.startsWith('14'))
        : [];
    const seeds = [...good.map((text) => Buffer.from(text)), ...hostile.map(({ file }) => hostileBytes(file))];
    const next = random(seed);
    let accepted = 0;
    for (let round = 0; round < rounds; round++) {
      // half of the first kind: there nobody but the reader looks
      const kind = next(4);
      const bytes = mutate(kind < 2 ? seeds[0] : seeds[next(kind === 2 ? good.length : seeds.length)], next);
      const start = performance.now();
      let xml: string | undefined;
      try {
        xml = read(bytes).resource.xml;
      } catch (error) {
        if (!(error instanceof Problem)) throw new Error(`round ${round}: ${bytes.toString('base64')}`, { cause: error });
        expect(error.status, `round ${round}`).to.be.within(400, 499);
        for (const { message } of error.violations) expect(message, `round ${round}`).to.be.a('string').and.not.equal('');
      }
      expect(performance.now() - start, `ms of round ${round}: ${bytes.toString('base64').slice(0, 2000)}`).to.be.below(1000);
      if (xml === undefined) continue;
      accepted++;
      expect(read(xml).resource.xml, `round ${round}`).to.equal(xml);
      expect(validator.validate(Buffer.from(xml)), `round ${round}: ${xml}`).to.deep.equal({ count: 0, findings: [] });
    }
    // A fuzzer whose documents are all refused would test the doors only.
    expect(accepted).to.be.greaterThan(rounds / 100);
  });
});
