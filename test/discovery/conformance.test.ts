import { expect } from 'chai';
import { type CaseDocument, engineDocuments, runCase } from '../../src/cli/xpath-batch.js';
import { compile } from '../../src/discovery/index.js';
import { difference, readLedger, readSuite, SUITE } from './conformance-suite.js';
import { twinDocument } from './twin/case-document.js';

const LEDGER = 'test/discovery/conformance-ledger.csv';

describe('XPath 1.0 as the public suites see it', () => {
  const suite = readSuite();

  before(function () {
    if (suite !== undefined) return;
    if (process.env.CI === 'true') throw new Error(`${SUITE} is missing`);
    console.log(`      skipped: ${SUITE} does not lie beside the repository`);
    this.skip();
  });

  const engines = [
    ['the engine', engineDocuments(compile)],
    ['the twin', twinDocument],
  ] as [string, (xml: string) => CaseDocument<unknown>][];

  for (const [name, open] of engines) {
    // One test a source, so that a report says where something broke; every case that differs is told.
    for (const source of new Set(suite?.map((one) => one.source) ?? ['(no suite)'])) {
      it(`${name}: every case from ${source} has the expected result`, function () {
        this.timeout(20_000);
        const ledger = readLedger(LEDGER);
        const opened = memoised(open);
        const cases = suite?.filter((one) => one.source === source) ?? [];
        const found = cases.flatMap((one) => {
          const wrong = difference(one, runCase(one, opened));
          return wrong === undefined || ledger.has(one.id) ? [] : [`${one.id} ${one.xpath} at ${one.context}: ${wrong}`];
        });
        expect(cases, 'cases').to.not.have.length(0);
        expect(found.join('\n')).to.equal('');
      });
    }
  }

  it('the ledger excuses nothing that passes', () => {
    const open = memoised(engineDocuments(compile));
    const passing = (suite ?? []).filter((one) => readLedger(LEDGER).has(one.id) && difference(one, runCase(one, open)) === undefined);
    expect(passing.map((one) => one.id)).to.deep.equal([]);
  });
});

function memoised<Node>(open: (xml: string) => CaseDocument<Node>): (xml: string) => CaseDocument<Node> {
  const opened = new Map<string, CaseDocument<Node>>();
  return (xml) => {
    const document = opened.get(xml) ?? open(xml);
    opened.set(xml, document);
    return document;
  };
}
