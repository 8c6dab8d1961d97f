import { expect } from 'chai';
import { engineDocuments, runCase, type XPathCase } from '../../src/cli/xpath-batch.js';
import { compile } from '../../src/discovery/index.js';

const open = engineDocuments(compile);
const XML = '<r xmlns:p="urn:p"><a x="1">one</a><p:a>2</p:a><!--c--></r>';

function run(one: Partial<XPathCase> & { readonly xpath: string }) {
  return runCase({ id: 'case-1', xml: XML, ...one }, open);
}

describe('conformance cases', () => {
  const answers: readonly (readonly [Partial<XPathCase> & { readonly xpath: string }, string, unknown])[] = [
    [{ xpath: '//*' }, 'nodeset', ['/*[1]', '/*[1]/*[1]', '/*[1]/*[2]']],
    [
      { xpath: '//@* | //text() | //comment()' },
      'nodeset',
      ['/*[1]/*[1]/@x', '/*[1]/*[1]/text()[1]', '/*[1]/*[2]/text()[1]', '/*[1]/comment()[1]'],
    ],
    [{ xpath: '/*/namespace::*' }, 'nodeset', ['/*[1]/namespace::xml', '/*[1]/namespace::p']],
    [{ xpath: 'q:a', context: '/*[1]', namespaces: { q: 'urn:p' } }, 'nodeset', ['/*[1]/*[2]']],
    [{ xpath: '//nothing' }, 'nodeset', []],
    [{ xpath: 'string(/)' }, 'string', 'one2'],
    [{ xpath: '1 = 1' }, 'boolean', true],
    [{ xpath: '1 div 3' }, 'number', 1 / 3],
    [{ xpath: '0 div 0' }, 'number', 'NaN'],
    [{ xpath: '1 div 0' }, 'number', 'Infinity'],
    [{ xpath: '-1 div 0' }, 'number', '-Infinity'],
    [{ xpath: '-0' }, 'number', 0],
    [{ xpath: 'position() + last()' }, 'number', 2],
    [{ xpath: '//p:a' }, 'error', undefined],
    // converted to what is wanted
    [{ xpath: '//a', want: 'string' }, 'string', 'one'],
    [{ xpath: '//a/@x', want: 'number' }, 'number', 1],
    [{ xpath: '//b', want: 'boolean' }, 'boolean', false],
    [{ xpath: '1 div 0', want: 'string' }, 'string', 'Infinity'],
    [{ xpath: '"x"', want: 'number' }, 'number', 'NaN'],
    [{ xpath: '//a', want: 'nodeset' }, 'nodeset', ['/*[1]/*[1]']],
    [{ xpath: '1', want: 'nodeset' }, 'error', 'the result is a number, not a node-set'],
    [{ xpath: '//a', want: 'any' }, 'nodeset', ['/*[1]/*[1]']],
    // variables
    [{ xpath: '$v', variables: { v: { type: 'string', value: 'x' } } }, 'string', 'x'],
    [{ xpath: '$v + 1', variables: { v: { type: 'number', value: '2' } } }, 'number', 3],
    [{ xpath: '$v', variables: { v: { type: 'number', value: 'NaN' } } }, 'number', 'NaN'],
    [{ xpath: 'not($v)', variables: { v: { type: 'boolean', value: 'false' } } }, 'boolean', true],
    [{ xpath: 'not($v)', variables: { v: { type: 'boolean', value: true } } }, 'boolean', false],
    [{ xpath: '$v/..', variables: { v: { type: 'nodeset', value: '/*[1]/*[2]\n/*[1]/*[1]' } } }, 'nodeset', ['/*[1]']],
    [
      { xpath: '$v[1]', variables: { v: { type: 'nodeset', value: '/*[1]/*[2]\n/*[1]/*[1]/@x\n/*[1]/*[2]' } } },
      'nodeset',
      ['/*[1]/*[1]/@x'],
    ],
    [{ xpath: 'count($v)', variables: { v: { type: 'nodeset', value: '' } } }, 'number', 0],
    [{ xpath: '$v', variables: { v: { type: 'expr', value: '//a/@x + 1' } } }, 'number', 2],
    [{ xpath: '$nope', variables: {} }, 'error', undefined],
  ];

  for (const [one, type, value] of answers) {
    it(`${JSON.stringify(one)} → ${type} ${JSON.stringify(value) ?? ''}`, () => {
      const result = run(one);
      expect(result).to.include({ id: 'case-1', type });
      if (value !== undefined) expect(result.value).to.deep.equal(value);
    });
  }

  for (const [what, one] of [
    ['a document that is not well-formed', { xml: '<r>', xpath: '1' }],
    ['an expression that is not valid', { xpath: '//' }],
    ['a context node that is not there', { xpath: '.', context: '/*[7]' }],
    ['a variable of a type nobody knows', { xpath: '$v', variables: { v: { type: 'date', value: '1' } } }],
    ['a node of a variable that is not there', { xpath: '$v', variables: { v: { type: 'nodeset', value: '/*[7]' } } }],
    ['a case without an expression', { xpath: undefined }],
    ['a case without a document', { xml: undefined, xpath: '1' }],
  ] as unknown as [string, XPathCase][]) {
    it(`answers "error" for ${what}`, () => {
      const result = run(one);
      expect(result).to.include({ id: 'case-1', type: 'error' });
      expect(result.value).to.be.a('string').that.is.not.equal('');
    });
  }
});
