import { expect } from 'chai';
import { FUNCTIONS, OPERATORS } from '../../../src/discovery/functions/index.js';
import { ask } from '../plan/ask.js';

const XML =
  '<r xmlns:p="urn:p"><n>3</n><n>1</n><n>2</n><n>1</n><t xml:lang="en-GB"> a  b </t><p:q/><e/><w>x y z</w><u>é😀z</u><bad>x</bad></r>';

/** Each function with what it gives; the edges are those the recommendation words. */
const TABLE: Readonly<Record<string, readonly (readonly [xpath: string, value: string | number | boolean | readonly string[]])[]>> = {
  last: [
    ['string(/r/n[last()])', '1'],
    ['last()', 1],
  ],
  position: [
    ['string(/r/n[position() = 3])', '2'],
    ['position()', 1],
  ],
  count: [
    ['count(/r/n)', 4],
    ['count(/none)', 0],
    ['count(/r/n | /r/n[1])', 4],
  ],
  id: [['count(id("none"))', 0]],
  'local-name': [
    ['local-name(/r/p:q)', 'q'],
    ['local-name(/none)', ''],
    ['local-name(/r/n/text())', ''],
    ['local-name(/)', ''],
  ],
  'namespace-uri': [
    ['namespace-uri(/r/p:q)', 'urn:p'],
    ['namespace-uri(/r)', ''],
  ],
  name: [
    ['name(/r/p:q)', 'p:q'],
    ['name(/r/*)', 'n'],
    ['name(/r/t/@*)', 'xml:lang'],
  ],
  string: [
    ['string(/r/n)', '3'],
    ['string(/none)', ''],
    ['string(1 div 0)', 'Infinity'],
    ['string(-1 div 0)', '-Infinity'],
    ['string(0 div 0)', 'NaN'],
    ['string(-0)', '0'],
    ['string(1.0)', '1'],
    ['string(0.1)', '0.1'],
    ['string(true())', 'true'],
    ['string(100000000000000000000000)', '100000000000000000000000'],
    ['string(0.0000001)', '0.0000001'],
    ['string(-0.00000025)', '-0.00000025'],
    ['string(123456789012345.6)', '123456789012345.6'],
    ['string(0.000000123)', '0.000000123'],
    ['string(1234567890123456789012345)', '1234567890123456800000000'],
    ['string(-1000000000000000000000000)', '-1000000000000000000000000'],
  ],
  concat: [['concat("a", 1, true(), /none)', 'a1true']],
  'starts-with': [
    ['starts-with("abc", "ab")', true],
    ['starts-with("abc", "")', true],
    ['starts-with("", "a")', false],
  ],
  contains: [
    ['contains("abc", "bc")', true],
    ['contains("abc", "")', true],
    ['contains("abc", "x")', false],
  ],
  'substring-before': [
    ['substring-before("1999/04/01", "/")', '1999'],
    ['substring-before("a", "x")', ''],
    ['substring-before("a", "")', ''],
  ],
  'substring-after': [
    ['substring-after("1999/04/01", "/")', '04/01'],
    ['substring-after("a", "x")', ''],
    ['substring-after("a", "")', 'a'],
  ],
  substring: [
    ['substring("12345", 2, 3)', '234'],
    ['substring("12345", 2)', '2345'],
    ['substring("12345", 1.5, 2.6)', '234'],
    ['substring("12345", 0, 3)', '12'],
    ['substring("12345", 0 div 0, 3)', ''],
    ['substring("12345", 1, 0 div 0)', ''],
    ['substring("12345", 0 div 0)', ''],
    ['substring(/r/u, 0 div 0)', ''],
    ['substring(/r/u, 3, -1)', ''],
    ['substring(/r/u, -1 div 0)', 'é😀z'],
    ['substring("12345", -42, 1 div 0)', '12345'],
    ['substring("12345", -1 div 0, 1 div 0)', ''],
    ['substring(/r/u, 2, 1)', '😀'],
    ['substring(/r/u, 3)', 'z'],
    ['substring(/r/u, 4)', ''],
    ['substring(/r/u, 2, 9)', '😀z'],
    ['substring(/r/u, 2, 0)', ''],
    ['substring(/r/u, -1, 3)', 'é'],
    ['substring("12345", 3, 0)', ''],
    ['substring("12345", 4, -1)', ''],
    ['substring(/r/u, 1, 1)', 'é'],
  ],
  'string-length': [
    ['string-length(/r/u)', 3],
    ['string-length("")', 0],
    ['string-length(/none)', 0],
  ],
  'normalize-space': [
    ['normalize-space(/r/t)', 'a b'],
    ['normalize-space(" ")', ''],
    ['normalize-space("\u00a0a")', '\u00a0a'],
  ],
  translate: [
    ['translate("bar", "abc", "AB")', 'BAr'],
    ['translate("--aaa--", "abc-", "ABC")', 'AAA'],
    ['translate("aa", "aa", "xy")', 'xx'],
    ['translate(/r/u, "😀", "!")', 'é!z'],
  ],
  true: [['true()', true]],
  false: [['false()', false]],
  lang: [
    ['count(/r/t[lang("en")])', 1],
    ['count(/r/t[lang("EN-gb")])', 1],
    ['count(/r/t[lang("en-US")])', 0],
    ['count(/r/n[lang("en")])', 0],
    ['count(/r/t/text()[lang("en")])', 1],
  ],
  number: [
    ['number("  -12.5 ")', -12.5],
    ['number("+1")', Number.NaN],
    ['number("1e3")', Number.NaN],
    ['number("0x10")', Number.NaN],
    ['number(".5")', 0.5],
    ['number("5.")', 5],
    ['number(".")', Number.NaN],
    ['number("")', Number.NaN],
    ['number(true())', 1],
    ['number(/r/n)', 3],
  ],
  sum: [
    ['sum(/r/n)', 7],
    ['sum(/none)', 0],
    ['sum(/r/bad)', Number.NaN],
  ],
  floor: [
    ['floor(2.6)', 2],
    ['floor(-2.5)', -3],
  ],
  ceiling: [
    ['ceiling(2.2)', 3],
    ['1 div ceiling(-0.5)', Number.NEGATIVE_INFINITY],
  ],
  round: [
    ['round(2.5)', 3],
    ['round(-2.5)', -2],
    ['1 div round(-0.2)', Number.NEGATIVE_INFINITY],
    ['round(0 div 0)', Number.NaN],
    ['round(0.49999999999999994)', 0],
  ],
  // beyond 1.0
  abs: [
    ['abs(-2.5)', 2.5],
    ['abs("x")', Number.NaN],
  ],
  min: [
    ['min(/r/n)', 1],
    ['min(/none)', Number.NaN],
    ['min(/r/n | /r/bad)', Number.NaN],
    ['min(/r/bad | /r/n)', Number.NaN],
    ['min(/r/w | /r/n[1])', Number.NaN],
  ],
  max: [
    ['max(/r/n)', 3],
    ['max(/none)', Number.NaN],
    ['max(/r/n | /r/bad)', Number.NaN],
  ],
  avg: [
    ['avg(/r/n)', 1.75],
    ['avg(/none)', Number.NaN],
  ],
  empty: [
    ['empty(/none)', true],
    ['empty(/r)', false],
  ],
  'ends-with': [
    ['ends-with("abc", "bc")', true],
    ['ends-with("abc", "")', true],
    ['ends-with("c", "bc")', false],
  ],
  'lower-case': [['lower-case("ÀB")', 'àb']],
  'upper-case': [['upper-case("straße")', 'STRASSE']],
  'current-dateTime': [['current-dateTime()', '2026-01-02T03:04:05.006Z']],
  'distinct-values': [
    ['count(distinct-values(/r/n))', 3],
    ['distinct-values(/r/n)', ['/*[1]/*[1]', '/*[1]/*[2]', '/*[1]/*[3]']],
  ],
  'string-join': [
    ['string-join(/r/n, ",")', '3,1,2,1'],
    ['string-join(distinct-values(/r/n))', '312'],
    ['string-join(/none, ",")', ''],
  ],
  tokenize: [
    ['count(tokenize(/r/w))', 3],
    ['string(tokenize(/r/w)[2])', 'y'],
    ['string-join(tokenize("a, b,c", ",\\s*"), "|")', 'a|b|c'],
    ['tokenize("x y", " ") = "y"', true],
    ['count(tokenize("", ","))', 0],
    ['string-join(tokenize(",a,", ","), "|")', '|a|'],
    ['count(/r[tokenize(w) = "z"])', 1],
  ],
  matches: [
    ['matches("abracadabra", "^a.*a$")', true],
    ['matches("ABC", "b", "i")', true],
    ['matches("a\nb", "a.b")', false],
    ['matches("a\nb", "a.b", "s")', true],
    ['matches("a\nb", "^b$", "m")', true],
    ['matches("a.b", "a.b", "q")', true],
    ['matches("axb", "a.b", "q")', false],
    ['matches("hello world", "hello\\ sworld", "x")', true],
    ['count(/r/n[matches(., "^[12]$")])', 3],
    ['matches("٣", "^\\d$")', true],
    ['matches("😀", "^.$")', true],
    ['matches("a-b", "^[\\w\\-]+$")', true],
    ['matches("p:q", "^\\i\\c*$")', true],
  ],
  replace: [
    ['replace("abracadabra", "bra", "*")', 'a*cada*'],
    ['replace("abracadabra", "a.*?a", "*")', '*c*bra'],
    ['replace("AB", "(A)(B)?", "[$2$1$0]")', '[BAAB]'],
    ['replace("a$b", "\\$", "\\$\\\\")', 'a$\\b'],
    ['replace("a.b", ".", "$1", "q")', 'a$1b'],
    ['replace("abcd", "(b)(c)", "$12")', 'ab2d'],
  ],
};

const OPERATOR_TABLE: Readonly<Record<string, readonly (readonly [xpath: string, value: boolean])[]>> = {
  boolean: [
    ['boolean(/r)', true],
    ['boolean(/none)', false],
    ['boolean(0)', false],
    ['boolean(0 div 0)', false],
    ['boolean("false")', true],
    ['boolean("")', false],
  ],
  not: [
    ['not(/r)', false],
    ['not("")', true],
    ['not(not(/r))', true],
  ],
  exists: [
    ['exists(/r/n)', true],
    ['exists(/none)', false],
  ],
};

describe('functions', () => {
  it('are all in the table', () => {
    expect([...FUNCTIONS.keys()].sort()).to.deep.equal(Object.keys(TABLE).sort());
    expect([...OPERATORS].sort()).to.deep.equal(Object.keys(OPERATOR_TABLE).sort());
  });

  for (const [name, cases] of Object.entries({ ...TABLE, ...OPERATOR_TABLE })) {
    describe(`${name}()`, () => {
      for (const [xpath, value] of cases) {
        it(`${xpath} is ${JSON.stringify(typeof value === 'number' ? String(value) : value)}`, () => {
          const now = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
          expect(ask(XML, xpath, { namespaces: { p: 'urn:p' }, now })).to.deep.equal(value);
        });
      }
    });
  }
});
