import { expect } from 'chai';
import { compile } from '../../../src/discovery/index.js';
import { RESOURCE_NS } from '../../../src/model/index.js';
import { load } from './random-directory.js';

/** 400 resources; a tenth of them have a `c`, a hundredth say so in `b`. */
function sample() {
  return load(
    Array.from({ length: 400 }, (_, i) => ({
      id: `i${i}`,
      scopes: i % 2 === 0 ? ['/a', '/b'] : ['/b'],
      body: `<a><b>${i % 100 === 0 ? 'rare' : 'often'}</b><x>${i}</x>${i % 10 === 0 ? '<c><b>1</b><b>2</b></c>' : ''}</a>`,
    })),
  );
}

/** The plan as lines: operator, estimate → nodes. */
const PLANS: readonly [xpath: string, plan: readonly string[]][] = [
  ['count(/r:resource/r:scope)', ['count rows of /r:resource/r:scope → 600']],
  ["/r:resource[@id = 'i7']", ["enter at /r:resource[@id = 'i7'] 1 → 1", "  postings: @id = 'i7' 1 → 1", '  back to the candidates → 1']],
  [
    "/r:resource[a/c][r:scope = '/a'][a/b = 'rare']",
    [
      "enter at /r:resource[a/c][r:scope = '/a'][a/b = 'rare'] 4 → 4",
      "  postings: a/b = 'rare' 4 → 4",
      '  back to the candidates → 4',
      '  walk from each: a/c → 4',
      "  walk from each: r:scope = '/a' → 4",
    ],
  ],
  [
    '/r:resource[a/x >= 390 and not(a/c)]',
    [
      'enter at /r:resource[(a/x >= 390 and not(a/c))] 132 → 9',
      '  scan: a/x >= 390 132 → 10',
      '  back to the candidates → 10',
      '  not: a/c → 9',
      '    rows: a/c 40 → 40',
      '    back to the candidates → 40',
    ],
  ],
  [
    "/r:resource/a[b = 'rare']/c/b[2]",
    [
      "enter at /r:resource/a[b = 'rare'] 4 → 4",
      "  postings: b = 'rare' 4 → 4",
      '  back to the candidates → 4',
      'step: c → 4',
      'step: b[2] → 4',
    ],
  ],
  ['/r:resource/a/c/b[2]', ['count among siblings: b[2] → 40']],
  ["//b[. = 'rare']", ["enter at //b[. = 'rare'] 4 → 4", "  postings: . = 'rare' 4 → 4", '  back to the candidates → 4']],
];

describe('explain', () => {
  const columns = sample();
  const view = { columns, revision: columns.revision };

  for (const [xpath, plan] of PLANS) {
    it(`tells what was done for ${xpath}`, () => {
      const compiled = compile(xpath, { namespaces: new Map([['r', RESOURCE_NS]]) });
      const explained = compiled.explain(view, {});
      const lines = explained.plan.map(
        ({ depth, operator, estimated, actual }) =>
          `${'  '.repeat(depth)}${operator}${estimated === undefined ? '' : ` ${estimated}`} → ${actual}`,
      );
      expect(lines).to.deep.equal(plan);
      expect(explained.value).to.deep.equal(compiled.evaluate(view, {}));
      for (const { ms } of explained.plan) expect(ms).to.be.at.least(0);
    });
  }
});
