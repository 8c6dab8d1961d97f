import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect } from 'chai';
import fc from 'fast-check';
import { RESOURCE_NS } from '../../src/model/index.js';
import { readerOf } from './support.js';

const read = readerOf();
const canonical = (document: string) => read(document).resource.xml;
const R = `xmlns="${RESOURCE_NS}"`;

describe('The canonical form', () => {
  const table: readonly (readonly [title: string, source: string, form: string])[] = [
    [
      'declares namespaces on the root, in the order of their first use',
      `<resource ${R} id="a"><scope>/a</scope><g:x xmlns:g="urn:g"><f:y xmlns:f="urn:f"/></g:x><f:z xmlns:f="urn:f"/></resource>`,
      `<resource ${R} xmlns:g="urn:g" xmlns:f="urn:f" id="a"><scope>/a</scope><g:x><f:y/></g:x><f:z/></resource>`,
    ],
    [
      'leaves out what is not used',
      `<resource ${R} xmlns:u="urn:u" id="a"><scope>/a</scope><f:x xmlns:f="urn:f" xmlns:v="urn:v"/></resource>`,
      `<resource ${R} xmlns:f="urn:f" id="a"><scope>/a</scope><f:x/></resource>`,
    ],
    [
      'keeps prefixes, also a second one of a namespace',
      `<r:resource xmlns:r="${RESOURCE_NS}" id="a"><r:scope>/a</r:scope><f:x xmlns:f="urn:f"/><g:y xmlns:g="urn:f"/></r:resource>`,
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns:f="urn:f" xmlns:g="urn:f" id="a"><r:scope>/a</r:scope><f:x/><g:y/></r:resource>`,
    ],
    [
      'gives the parts of the envelope the prefix of the root',
      `<r:resource xmlns:r="${RESOURCE_NS}" id="a"><scope ${R}>/a</scope><f:x xmlns:f="urn:f"/></r:resource>`,
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns:f="urn:f" id="a"><r:scope>/a</r:scope><f:x/></r:resource>`,
    ],
    [
      'declares a prefix again where it means something else',
      `<resource ${R} id="a"><scope>/a</scope><f:x xmlns:f="urn:1"><f:y xmlns:f="urn:2"><f:z/></f:y><f:y/></f:x></resource>`,
      `<resource ${R} xmlns:f="urn:1" id="a"><scope>/a</scope><f:x><f:y xmlns:f="urn:2"><f:z/></f:y><f:y/></f:x></resource>`,
    ],
    [
      'keeps the default namespace of a facet on the facet',
      `<resource ${R} id="a"><scope>/a</scope><hw xmlns="urn:f"><cpu>4</cpu><none xmlns=""/></hw></resource>`,
      `<resource ${R} id="a"><scope>/a</scope><hw xmlns="urn:f"><cpu>4</cpu><none xmlns=""/></hw></resource>`,
    ],
    [
      'keeps it there under a prefixed root as well',
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns="urn:f" id="a"><r:scope>/a</r:scope><hw><none xmlns=""/></hw><p:b xmlns:p="urn:p"><c xmlns=""/></p:b></r:resource>`,
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns:p="urn:p" id="a"><r:scope>/a</r:scope><hw xmlns="urn:f"><none xmlns=""/></hw><p:b><c/></p:b></r:resource>`,
    ],
    [
      'keeps what the QName of the name is bound to',
      `<resource ${R} id="a"><name xmlns:n="urn:n">n:x</name><scope>/a</scope><n:f xmlns:n="urn:other"/></resource>`,
      `<resource ${R} xmlns:n="urn:n" id="a"><name>n:x</name><scope>/a</scope><n:f xmlns:n="urn:other"/></resource>`,
    ],
    [
      'keeps the default namespace that an unprefixed name is in',
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns="urn:d" id="a"><r:name>x</r:name><r:scope>/a</r:scope><f xmlns="urn:d"/></r:resource>`,
      `<r:resource xmlns:r="${RESOURCE_NS}" xmlns="urn:d" id="a"><r:name>x</r:name><r:scope>/a</r:scope><f/></r:resource>`,
    ],
    [
      'keeps a name in another default namespace than the root',
      `<resource ${R} id="a"><r:name xmlns:r="${RESOURCE_NS}" xmlns="urn:d">x</r:name><scope>/a</scope><f:f xmlns:f="urn:f"/></resource>`,
      `<resource ${R} xmlns:r="${RESOURCE_NS}" xmlns:f="urn:f" id="a"><r:name xmlns="urn:d">x</r:name><scope>/a</scope><f:f/></resource>`,
    ],
    [
      'keeps the binding of a leaf that looks like a QName, and not of other text',
      `<resource ${R} xmlns:q="urn:q" xmlns:http="urn:h" id="a"><scope>/a</scope><f:x xmlns:f="urn:f"><f:a> q:name </f:a><f:b>http://example.org</f:b><f:c>zz:y</f:c></f:x></resource>`,
      `<resource ${R} xmlns:f="urn:f" xmlns:q="urn:q" id="a"><scope>/a</scope><f:x><f:a> q:name </f:a><f:b>http://example.org</f:b><f:c>zz:y</f:c></f:x></resource>`,
    ],
    [
      'declares the prefix of such a leaf on the leaf when it means something else above',
      `<resource ${R} id="a"><scope>/a</scope><f:x xmlns:f="urn:f"><g:a xmlns:g="urn:g" xmlns:f="urn:q">f:name</g:a></f:x></resource>`,
      `<resource ${R} xmlns:f="urn:f" xmlns:g="urn:g" id="a"><scope>/a</scope><f:x><g:a xmlns:f="urn:q">f:name</g:a></f:x></resource>`,
    ],
    [
      'sorts foreign attributes of the root by namespace and name, after the id',
      `<resource ${R} b:y="1" xml:lang="en" b:x="2" a:z='"3"' xmlns:a="urn:b" xmlns:b="urn:a" id="a"><scope>/a</scope><f:f xmlns:f="urn:f"/></resource>`,
      `<resource ${R} xmlns:b="urn:a" xmlns:a="urn:b" xmlns:f="urn:f" id="a" xml:lang="en" b:x="2" b:y="1" a:z="&quot;3&quot;"><scope>/a</scope><f:f/></resource>`,
    ],
    [
      'drops white space between elements and keeps that of leaves, white space alone included',
      `<resource ${R} id="a">\n <scope>/a</scope>\n <f:f xmlns:f="urn:f">\n  <f:a> x </f:a>\n  <f:b> </f:b>\n  <f:c>\n</f:c>&#32;</f:f>\n</resource>\n`,
      `<resource ${R} xmlns:f="urn:f" id="a"><scope>/a</scope><f:f><f:a> x </f:a><f:b> </f:b><f:c>\n</f:c></f:f></resource>`,
    ],
    [
      'escapes what a parser would not hand back, and nothing else',
      `<resource ${R} id="&quot;&lt;&gt;&amp;'"><scope>/a</scope><f:f xmlns:f="urn:f">&lt;&gt;&amp;&quot;&apos;&#13;&#10;&#9;]]&gt;é</f:f></resource>`,
      `<resource ${R} xmlns:f="urn:f" id="&quot;&lt;>&amp;'"><scope>/a</scope><f:f>&lt;&gt;&amp;"'&#13;\n\t]]&gt;é</f:f></resource>`,
    ],
    [
      'escapes white space in attributes',
      `<resource ${R} xmlns:x="urn:x" x:a="1&#9;2&#10;3&#13;4\n5" id="a"><scope>/a</scope><f:f xmlns:f="urn:f"/></resource>`,
      `<resource ${R} xmlns:x="urn:x" xmlns:f="urn:f" id="a" x:a="1&#9;2&#10;3&#13;4 5"><scope>/a</scope><f:f/></resource>`,
    ],
    [
      'writes an element without content in one way',
      `<resource ${R} id="a"><scope>/a</scope><f:f xmlns:f="urn:f"><f:a></f:a><f:b/><f:c><![CDATA[]]></f:c></f:f></resource>`,
      `<resource ${R} xmlns:f="urn:f" id="a"><scope>/a</scope><f:f><f:a/><f:b/><f:c/></f:f></resource>`,
    ],
  ];
  for (const [title, source, form] of table) {
    it(title, () => {
      expect(canonical(source)).to.equal(form);
      expect(canonical(form), 'of itself').to.equal(form);
    });
  }

  it('says where each facet stands in it', () => {
    const { resource } = read(table[0][1]);
    expect(resource.facets.map(({ start, end }) => resource.xml.slice(start, end))).to.deep.equal(['<g:x><f:y/></g:x>', '<f:z/>']);
    expect(resource.facets.map(({ name, prefix }) => [prefix, name.ns, name.local])).to.deep.equal([
      ['g', 'urn:g', 'x'],
      ['f', 'urn:f', 'z'],
    ]);
  });

  // ---- properties ---------------------------------------------------------------------------------------------------------------------

  const PREFIXES = ['', 'a', 'b', 'c', 'r', 'xml0'];
  const NAMESPACES = ['urn:1', 'urn:2', 'urn:3?a=1&b=2', "http://example.org/it's", RESOURCE_NS];
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('a:b', 'b:c', 'zz:y', ' ', '\n', ']]>', '\r\n', '\t', '&<>"', 'a:b:c', ' b:x '),
  );

  interface Node {
    readonly prefix: string;
    readonly ns: string;
    readonly local: string;
    readonly children: readonly Node[];
    readonly text: string;
    readonly noise: number;
  }
  const { node } = fc.letrec<{ node: Node }>((tie) => ({
    node: fc.record({
      prefix: fc.constantFrom(...PREFIXES),
      ns: fc.constantFrom('', ...NAMESPACES),
      local: fc.constantFrom('x', 'y', 'z-1', 'é'),
      children: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant([]), fc.array(tie('node'), { maxLength: 3 })),
      text: text.map((one) => one.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')),
      noise: fc.nat(7),
    }),
  }));
  const document = fc.record({
    rootPrefix: fc.constantFrom('', 'r', 'a'),
    facets: fc.array(node, { minLength: 1, maxLength: 4 }),
    name: fc.constantFrom(undefined, 'n', 'a:n', 'b:n'),
    noise: fc.nat(7),
  });

  const escaped = (value: string) => value.replace(/[&<>"\r]/g, (one) => `&#${one.charCodeAt(0)};`);
  const space = (noise: number) => ['', '\n', ' \t', '&#32;', '', '<![CDATA[ ]]>', '', '\r\n'][noise];
  function write({ prefix, ns, local, children, text: content, noise }: Node): string {
    // A prefix cannot be bound to nothing: without namespace there is no prefix.
    const tag = prefix === '' || ns === '' ? local : `${prefix}:${local}`;
    const declaration = tag === local ? ` xmlns="${escaped(ns)}"` : ` xmlns:${prefix}="${escaped(ns)}"`;
    const unused = noise === 3 ? ' xmlns:unused="urn:unused"' : '';
    const inside =
      children.length > 0
        ? space(noise) + children.map(write).join(space(noise)) + space(noise)
        : noise === 1
          ? `<![CDATA[${content.replaceAll(']]>', '')}]]>`
          : escaped(content);
    return `<${tag}${declaration}${unused}>${inside}</${tag}>`;
  }
  function source({
    rootPrefix,
    facets,
    name,
    noise,
  }: {
    rootPrefix: string;
    facets: readonly Node[];
    name?: string;
    noise: number;
  }): string {
    const tag = (local: string) => (rootPrefix === '' ? local : `${rootPrefix}:${local}`);
    const own = rootPrefix === '' ? 'xmlns' : `xmlns:${rootPrefix}`;
    const more = rootPrefix === 'a' ? ' xmlns:b="urn:2"' : ' xmlns:b="urn:2" xmlns:a="urn:1"';
    const distinct = facets.map((facet, k) => ({
      ...facet,
      local: `${facet.local}${k}`,
      ns: facet.ns === '' || facet.ns === RESOURCE_NS ? 'urn:facet' : facet.ns,
    }));
    const named = name === undefined ? '' : `<${tag('name')}>${name}</${tag('name')}>`;
    return `<${tag('resource')} ${own}="${RESOURCE_NS}"${more} id="a">${space(noise)}${named}<${tag('scope')}>/a</${tag('scope')}>${distinct.map(write).join(space(noise))}</${tag('resource')}>`;
  }

  /** What a document means: expanded names and text, prefixes left aside. */
  function meaning(xml: string): string {
    const parsed = new DOMParser().parseFromString(xml, 'text/xml');
    const walk = (element: Element): string => {
      const children = [...element.childNodes].filter((child) => child.nodeType === 1) as Element[];
      const own = `{${element.namespaceURI ?? ''}}${element.localName}`;
      return children.length > 0 ? `${own}(${children.map(walk).join(',')})` : `${own}=${JSON.stringify(element.textContent)}`;
    };
    return walk(parsed.documentElement as Element);
  }

  it('of a canonical document is that document (property)', () => {
    fc.assert(
      fc.property(document, (made) => {
        const form = canonical(source(made));
        expect(canonical(form)).to.equal(form);
      }),
      { numRuns: 400 },
    );
  });

  it('means what the source means, to a third parser (property)', () => {
    fc.assert(
      fc.property(document, (made) => {
        const written = source(made);
        expect(meaning(canonical(written))).to.equal(meaning(written));
      }),
      { numRuns: 200 },
    );
  });

  it('does not depend on where the source declares namespaces (property)', () => {
    fc.assert(
      fc.property(document, (made) => {
        const written = source(made);
        const shuffled = written
          .replace(/( xmlns[^ =]*="[^"]*")( xmlns[^ =]*="[^"]*")/g, '$2$1')
          .replaceAll(' xmlns:unused="urn:unused"', '');
        expect(canonical(shuffled)).to.equal(canonical(written));
      }),
      { numRuns: 200 },
    );
  });
});
