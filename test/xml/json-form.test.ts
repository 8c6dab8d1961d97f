import { expect } from 'chai';
import fc from 'fast-check';
import { Problem, RESOURCE_NS } from '../../src/model/index.js';
import { resourceFromJson, resourceJson } from '../../src/xml/index.js';
import { problemOf, readerOf } from './support.js';

const read = readerOf();
const canonical = (xml: string) => read(xml).resource.xml;
const again = (xml: string) => canonical(resourceFromJson(JSON.stringify(resourceJson(xml)), {}));

describe('Resources as JSON', () => {
  it('look as the documentation says', () => {
    const xml = canonical(
      `<resource xmlns="${RESOURCE_NS}" xmlns:f="urn:f" xmlns:x="urn:x" x:by="me" id="a1"><name>f:n1</name><description>d &amp; e</description><scope>/a</scope><scope>/b</scope><f:hw><f:cpu>4</f:cpu><f:disk>sda</f:disk><f:disk>sdb</f:disk><f:note/></f:hw><f:steps><f:up>1</f:up><f:down>2</f:down><f:up>3</f:up></f:steps></resource>`,
    );
    expect(JSON.parse(JSON.stringify(resourceJson(xml)))).to.deep.equal({
      namespaces: { '': RESOURCE_NS, x: 'urn:x', f: 'urn:f' },
      id: 'a1',
      attributes: { 'x:by': 'me' },
      name: 'f:n1',
      description: 'd & e',
      scopes: ['/a', '/b'],
      facets: {
        'f:hw': { 'f:cpu': '4', 'f:disk': ['sda', 'sdb'], 'f:note': '' },
        'f:steps': { '#content': [{ 'f:up': '1' }, { 'f:down': '2' }, { 'f:up': '3' }] },
      },
    });
    expect(again(xml)).to.equal(xml);
  });

  const kept: readonly (readonly [what: string, xml: string])[] = [
    ['the difference of empty and absent', `<f:a xmlns:f="urn:f"><f:b/></f:a>`],
    ['QNames in content', `<f:a xmlns:f="urn:f" xmlns:q="urn:q"><f:type>q:name</f:type></f:a>`],
    ['namespaces declared further down', `<f:a xmlns:f="urn:f"><f:b xmlns:f="urn:2">f:x</f:b><c xmlns="urn:d"><d xmlns="">1</d></c></f:a>`],
    ['facets without prefix', `<a xmlns="urn:1"><b>1</b></a><a xmlns="urn:2"/>`],
    ['names that mean something to JavaScript', `<f:a xmlns:f="urn:f"><f:__proto__>1</f:__proto__><f:constructor/><f:toString/></f:a>`],
    ['white space and line breaks', `<f:a xmlns:f="urn:f"><f:b>  </f:b><f:c>\n x &#13;\ty </f:c></f:a>`],
    ['characters beyond the first plane', `<f:a xmlns:f="urn:f"><f:é>😀 &lt;&gt;&amp;"'</f:é></f:a>`],
  ];
  for (const [what, facets] of kept) {
    it(`keep ${what}`, () => {
      for (const xml of [
        canonical(`<resource xmlns="${RESOURCE_NS}" id="a"><scope>/s</scope>${facets}</resource>`),
        canonical(`<r:resource xmlns:r="${RESOURCE_NS}" id="a"><r:scope>/s</r:scope>${facets}</r:resource>`),
      ])
        expect(again(xml)).to.equal(xml);
    });
  }

  it('lose nothing of any document', () => {
    const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);
    let valid = 0;
    fc.assert(
      fc.property(documents, (document) => {
        let xml: string;
        try {
          xml = canonical(document);
        } catch (error) {
          if (error instanceof Problem) return;
          throw error;
        }
        valid++;
        expect(again(xml)).to.equal(xml);
      }),
      { seed, numRuns: Number(process.env.FACETRY_JSON_RUNS ?? 1500) },
    );
    expect(valid, `valid documents, seed ${seed}`).to.be.greaterThan(300);
  });

  it('need not declare the prefixes of registered interfaces, and may leave numbers unquoted', () => {
    const json = '{"scopes":["/a"],"facets":{"host:host":{"host:memoryMb":4096,"host:up":true}}}';
    expect(resourceFromJson(json, { host: 'urn:facetry:host' })).to.equal(
      `<resource xmlns="${RESOURCE_NS}" xmlns:host="urn:facetry:host"><scope>/a</scope><host:host><host:memoryMb>4096</host:memoryMb><host:up>true</host:up></host:host></resource>`,
    );
  });

  const refused: readonly (readonly [json: string, code: string, path: string | undefined])[] = [
    ['{', 'bad-request', undefined],
    ['[]', 'invalid-resource', '/'],
    ['{"id":null}', 'invalid-resource', '/id'],
    ['{"facet":{}}', 'invalid-resource', '/facet'],
    ['{"scopes":"/a"}', 'invalid-resource', '/scopes'],
    ['{"facets":{"f:a":{"f:b":null}}}', 'invalid-resource', '/facets/f:a/f:b'],
    ['{"facets":{"f:a":"x"}}', 'invalid-resource', '/facets/f:a'],
    ['{"facets":{"a b":"x"}}', 'invalid-resource', '/facets/a b'],
    ['{"facets":{"a><b":"x"}}', 'invalid-resource', '/facets/a><b'],
    ['{"namespaces":{"a b":"urn:x"}}', 'invalid-resource', '/namespaces'],
    ['{"attributes":{"x=\'1\' y":"1"}}', 'invalid-resource', '/attributes'],
    [`{"facets":{"a":${'{"b":'.repeat(400)}1${'}'.repeat(401)}}`, 'invalid-resource', undefined],
  ];
  for (const [json, code, path] of refused) {
    it(`refuse ${json.slice(0, 40)}`, () => {
      const problem = problemOf(() => resourceFromJson(json, {}));
      expect(problem.code).to.equal(code);
      if (path !== undefined) expect(problem.violations[0]?.path).to.equal(path);
    });
  }
});

// ---- documents of all kinds: prefixes that change their meaning, default namespaces, names that alternate ----

const prefix = fc.constantFrom('', 'p', 'q', 'r');
const namespace = fc.constantFrom('urn:1', 'urn:2', RESOURCE_NS, '');
const text = fc.oneof(fc.constantFrom('', ' ', 'x', 'p:x', 'q:y', 'r:z', '\n', '1'), fc.string({ unit: 'grapheme', maxLength: 8 }));
const escaped = (value: string) =>
  value
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
const declarations = fc
  .uniqueArray(fc.tuple(prefix, namespace), { maxLength: 2, selector: ([name]) => name })
  .map((all) => all.filter(([name, ns]) => name === '' || ns !== ''));
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      prefix,
      fc.constantFrom('a', 'b', '__proto__'),
      declarations,
      fc.oneof(
        { depthSize: 'small' },
        text.map(escaped),
        fc.array(tie('element'), { minLength: 1, maxLength: 4 }).map((all) => all.join('')),
      ),
    )
    .map(([name, local, declared, inside]) => {
      const tag = name === '' ? local : `${name}:${local}`;
      const around = declared.map(([own, ns]) => (own === '' ? ` xmlns="${ns}"` : ` xmlns:${own}="${ns}"`)).join('');
      return `<${tag}${around}>${inside}</${tag}>`;
    }),
}));
const documents = fc
  .tuple(fc.boolean(), fc.option(fc.constantFrom('n', 'p:n', 'q:n')), fc.array(element, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([prefixed, name, facets, attribute]) => {
    const own = prefixed ? 'rr:' : '';
    const around = `${prefixed ? ` xmlns:rr="${RESOURCE_NS}" xmlns="urn:0"` : ` xmlns="${RESOURCE_NS}"`} xmlns:p="urn:1" xmlns:q="urn:2" xmlns:r="urn:3"${attribute ? ' q:by="x&#10;y"' : ''}`;
    const named = name === null ? '' : `<${own}name>${name}</${own}name>`;
    return `<${own}resource${around} id="i">${named}<${own}scope>/s</${own}scope>${facets.join('')}</${own}resource>`;
  });
