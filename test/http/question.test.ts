import { expect } from 'chai';
import { toProblem } from '../../src/http/problem-response.js';
import { questionOfJson, questionOfParameters } from '../../src/http/question.js';

const byQuery = (query: string) => questionOfParameters(new URLSearchParams(query));
const byJson = (json: string) => questionOfJson(Buffer.from(json));
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'no problem';
  } catch (error) {
    return toProblem(error).code;
  }
};
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('http/question', () => {
  it('reads every parameter', () => {
    expect(
      plain(
        byQuery(
          'xpath=//a&ns.f=urn:f&var.x=5&var.y:number=5&var.z:boolean=true&var.s:string=5&limit=10&cursor=c&count&explain=true&timeout=50',
        ),
      ),
    ).to.deep.equal({
      xpath: '//a',
      namespaces: { f: 'urn:f' },
      variables: { x: '5', y: 5, z: true, s: '5' },
      limit: 10,
      cursor: 'c',
      count: true,
      explain: true,
      budgetMs: 50,
    });
  });

  it('reads the same from JSON', () => {
    expect(
      plain(byJson('{"xpath":"//a","namespaces":{"f":"urn:f"},"variables":{"x":"5","y":5,"z":true},"limit":10,"timeout":50}')),
    ).to.deep.equal({
      xpath: '//a',
      namespaces: { f: 'urn:f' },
      variables: { x: '5', y: 5, z: true },
      limit: 10,
      budgetMs: 50,
    });
  });

  for (const [text, value] of [
    ['-1.5', -1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
  ] as const) {
    it(`var.x:number=${text}`, () => expect(byQuery(`xpath=1&var.x:number=${text}`).variables?.x).to.deep.equal(value));
  }

  it('names of variables may be expanded', () =>
    expect(plain(byQuery('xpath=1&var.Q{urn:v}x:number=1').variables)).to.deep.equal({ 'Q{urn:v}x': 1 }));

  for (const query of [
    '',
    'xpath=',
    'xpath=1&xpath=2',
    'xpath=1&unknown=1',
    'xpath=1&limit=-1',
    'xpath=1&limit=1.5',
    'xpath=1&limit=',
    'xpath=1&limit=1e3',
    'xpath=1&limit=99999999999',
    'xpath=1&timeout=0',
    'xpath=1&count=yes',
    'xpath=1&ns.=u',
    'xpath=1&ns.1a=u',
    'xpath=1&ns.a:b=u',
    'xpath=1&var.=1',
    'xpath=1&var.a b=1',
    'xpath=1&var.x:number=five',
    'xpath=1&var.x:number=',
    'xpath=1&var.x:number=0x10',
    'xpath=1&var.x:boolean=1',
    'xpath=1&var.x=1&var.x:number=1',
    'xpath=1&scope[]=a',
    'xpath=1&scope[b]=c',
    '__proto__[x]=1&xpath=1',
    '__proto__=1&xpath=1',
    'constructor.prototype=1&xpath=1',
  ]) {
    it(`refuses ?${query}`, () => expect(codeOf(() => byQuery(query))).to.equal('bad-request'));
  }

  for (const json of [
    '',
    '[]',
    'null',
    '5',
    '{',
    '{}',
    '{"xpath":5}',
    '{"xpath":"1","extra":1}',
    '{"xpath":"1","limit":"5"}',
    '{"xpath":"1","variables":{"x":null}}',
    '{"xpath":"1","variables":{"x":[1]}}',
    '{"xpath":"1","namespaces":{"f":1}}',
    '{"xpath":"1","namespaces":{"1":"u"}}',
    '{"xpath":"1","constructor":{"prototype":{}}}',
  ]) {
    it(`refuses ${json}`, () => expect(codeOf(() => byJson(json))).to.equal('bad-request'));
  }
  it('refuses JSON that is not UTF-8', () => expect(codeOf(() => questionOfJson(Buffer.from([0x22, 0xff, 0x22])))).to.equal('bad-request'));

  it('leaves Object.prototype alone, whatever the names', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const question = byQuery('xpath=1&ns.__proto__=urn:x&var.__proto__=1&var.constructor=2');
    expect(Object.keys(question.namespaces ?? {})).to.deep.equal(['__proto__']);
    expect(Object.keys(question.variables ?? {})).to.deep.equal(['__proto__', 'constructor']);
    codeOf(() => byJson('{"xpath":"1","__proto__":{"polluted":1},"variables":{"__proto__":"x"},"namespaces":{"__proto__":"x"}}'));
    expect(Object.getOwnPropertyNames(Object.prototype).join()).to.equal(before);
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
  });
});
