import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { RESOURCE_NS } from '../../src/model/index.js';
import { compileValidator } from '../../src/xml/validator.js';
import { skipWhen } from '../servers/installed.js';
import { problemOf, readerOf, shared } from './support.js';

/** What the published rules make of each probe: accepted (with which notice), or refused by which rule. */
const OUTCOMES: Readonly<Record<string, { readonly accepted: readonly string[] } | { readonly refused: readonly string[] }>> = {
  '01_ok_min': { accepted: [] },
  '02_no_id': { refused: ['id-missing'] },
  '03_qualified_id': { refused: ['id-qualified'] },
  '04_both_ids': { refused: ['id-qualified'] },
  '05_name_plain': { accepted: [] },
  '06_name_space': { refused: ['name-not-qname'] },
  '07_name_qname_bound': { accepted: [] },
  '08_name_qname_unbound': { refused: ['name-prefix-unbound'] },
  '09_name_digit_start': { refused: ['name-not-qname'] },
  '10_descr_multiline': { accepted: [] },
  '11_descr_empty': { refused: ['envelope-blank'] },
  '12_order_wrong': { refused: ['envelope-order'] },
  '13_no_scope': { refused: ['scope-missing'] },
  '14_no_facet': { refused: ['facet-missing'] },
  '15_facet_nons': { refused: ['facet-without-namespace'] },
  '16_facet_dup_name': { refused: ['facet-duplicate'] },
  '17_facet_attr': { refused: ['facet-attribute', 'facet-attribute'] },
  '18_facet_mixed': { refused: ['facet-mixed-content'] },
  '19_facet_comment_pi': { refused: ['facet-comment', 'facet-instruction'] },
  '20_facet_empty': { accepted: [] },
  '21_root_other_attr': { accepted: [] },
  '22_root_plain_attr': { refused: ['root-attribute'] },
  '23_dup_scope': { refused: ['scope-duplicate'] },
  '24_scope_ws': { accepted: [] },
  '25_scope_newline': { accepted: [] },
  // the spaces are part of the id: an id is not trimmed
  '26_id_newline_attr': { accepted: ['id-outer-space'] },
  '27_facet_in_tns': { refused: ['facet-in-resource-namespace'] },
  // lax: below a facet any element may stand; that the default namespace caught it is worth a word
  '28_facet_child_in_tns': { accepted: ['element-undeclared'] },
  '29_facet_xsitype_unknown': { refused: ['facet-attribute'] },
  '30_facet_between_scopes': { refused: ['envelope-order'] },
};

describe('The probe documents', () => {
  const { url, missing } = shared('gcube-samples/probes');
  before(function () {
    skipWhen(this, missing);
  });
  const read = readerOf();

  it('are all in the table', () => {
    const files = readdirSync(url).filter((file) => file.endsWith('.xml'));
    expect(files.map((file) => file.replace('.xml', ''))).to.have.members(Object.keys(OUTCOMES));
  });
  for (const [name, outcome] of missing === undefined ? Object.entries(OUTCOMES) : []) {
    it(`${name}: ${'accepted' in outcome ? 'accepted' : `refused, ${outcome.refused[0]}`}`, () => {
      const bytes = readFileSync(new URL(`${name}.xml`, url));
      if ('accepted' in outcome) expect(read(bytes).notices.map(({ rule }) => rule)).to.deep.equal(outcome.accepted);
      else {
        const problem = problemOf(() => read(bytes));
        expect(problem.code).to.equal('invalid-resource');
        expect(problem.violations.map(({ rule }) => rule)).to.deep.equal(outcome.refused);
        for (const { line, column, path, message } of problem.violations) {
          expect(line).to.equal(1);
          expect(column).to.be.greaterThan(0);
          expect(path).to.match(/^\/r:resource/);
          expect(message).to.not.equal('');
        }
      }
    });
  }
  it('are valid against our schema exactly when they are against the published one', () => {
    const verdicts = (xsd: string) => {
      const validator = compileValidator([{ ns: RESOURCE_NS, xsd }]);
      return Object.keys(OUTCOMES).map((name) => [
        name,
        validator.validate(readFileSync(new URL(`${name}.xml`, url))).findings.map(({ message }) => message),
      ]);
    };
    const ours = verdicts(readFileSync(new URL('../../xsd/resource.xsd', import.meta.url), 'utf8'));
    expect(ours).to.deep.equal(verdicts(readFileSync(new URL('seed.xsd', url), 'utf8')));
    expect(ours.filter(([, findings]) => findings.length > 0)).to.have.length.within(5, 25);
  });
  it('without id is fine when the address or the directory gives one', () => {
    const bytes = readFileSync(new URL('02_no_id.xml', url));
    expect(read(bytes, { id: 'from-url' }).resource.id).to.equal('from-url');
    expect(read(bytes, { mintedId: 'urn:uuid:1' }).resource.id).to.equal('urn:uuid:1');
  });
});

describe('Second-generation samples', () => {
  const { url, missing } = shared('gcube-samples/2g');
  before(function () {
    skipWhen(this, missing);
  });
  for (const file of missing === undefined ? readdirSync(url) : []) {
    it(`${file} is a resource`, () => {
      expect(readerOf()(readFileSync(new URL(file, url))).notices).to.deep.equal([]);
    });
  }
});
