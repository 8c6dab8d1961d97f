import { expect } from 'chai';
import { isExplosive } from '../../src/xml/pattern-ambiguity.js';
import { problemOf, readerOf, resource } from './support.js';

const EXPLOSIVE = [
  '(a|aa|aaa)*c',
  '((a{1,20}){1,20}){1,20}b',
  '([a-z]*|a*)*1',
  '(x+x+)+y',
  '(a|a)*b',
  '(\\w|\\d)+x',
  '([a-c]|[b-d])*e',
  '(a|b|ab)*c',
  '(.|x)*y',
  '(\\p{L}|é)*1',
  '(a?a)*b',
];
const HARMLESS = [
  '.*[^\\s].*',
  '[a-z]+',
  '(a+)+b',
  '(a*)*b',
  '([a-z]+-)*[a-z]+',
  '([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}',
  '([0-9a-f]{4}){8}',
  '\\d{1,3}(\\.\\d{1,3}){3}',
  '[^@\\s]+@([^@.\\s]+\\.)+[^@.\\s]+',
  '[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*',
  '(a?){30}a{30}',
  'sha256:[0-9a-f]{64}',
  '\\i\\c*',
  '[\\i-[:]][\\c-[:]]*',
  '(\\+|-)?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([Ee](\\+|-)?[0-9]+)?|(\\+|-)?INF|NaN',
  '',
  '(',
  '[a',
  'a{2',
];

describe('Patterns that can explode', () => {
  for (const pattern of EXPLOSIVE) {
    it(`${pattern} can`, () => {
      expect(isExplosive(pattern)).to.equal(true);
    });
  }
  for (const pattern of HARMLESS) {
    it(`${pattern || '(nothing)'} cannot`, () => {
      expect(isExplosive(pattern)).to.equal(false);
    });
  }
  it('a long pattern is looked at in bounded time', () => {
    const start = performance.now();
    isExplosive(`(${Array.from({ length: 140 }, (_, k) => `[a-z]${k % 2 === 0 ? '?' : '*'}`).join('')})*1`);
    isExplosive(`(${'(a|b)*'.repeat(5000)})*`);
    isExplosive(`${'('.repeat(2000)}a${')'.repeat(2000)}`);
    expect(performance.now() - start).to.be.below(3000);
  });
  it('a schema with one is refused, with its line', () => {
    const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p"><xs:element name="e"><xs:simpleType><xs:restriction base="xs:string">
<xs:pattern value="(a|aa)*b"/></xs:restriction></xs:simpleType></xs:element></xs:schema>`;
    const problem = problemOf(() => readerOf([{ xsd }]));
    expect(problem.code).to.equal('invalid-schema');
    expect(problem.violations[0]).to.include({ rule: 'schema-pattern', line: 2 });
  });
  it('libxml2 is quick on the harmless ones, with the texts they are slowest on', () => {
    for (const pattern of HARMLESS.slice(0, 14)) {
      const escaped = pattern.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      const xsd = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:p"><xs:element name="e"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="${escaped}"/></xs:restriction></xs:simpleType></xs:element></xs:schema>`;
      const read = readerOf([{ xsd }]);
      for (const text of ['a', '0', 'a-', '1.', 'a.', ' ']) {
        const start = performance.now();
        const document = resource(`<scope>/a</scope><p:e xmlns:p="urn:p">${text.repeat(200)}\u0661!</p:e>`);
        try {
          read(document);
        } catch {
          // whether it matches does not matter here
        }
        expect(performance.now() - start, `${pattern} on ${text}`).to.be.below(500);
      }
    }
  });
});
