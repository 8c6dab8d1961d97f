import { expect } from 'chai';
import { ANSWER_NS, RESOURCE_NS, XML_NS } from '../../src/model/index.js';
import { checkSchemas, inspectSchema } from '../../src/xml/index.js';
import { problemOf, readerOf, resource, rulesOf } from './support.js';

const schema = (ns: string, inside = '<xs:element name="e" type="xs:string"/>', attributes = '') =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${ns}" elementFormDefault="qualified"${attributes}>${inside}</xs:schema>`;

describe('Registering schemas', () => {
  it('tells the namespace, its global elements, documentation and prefix', () => {
    const inspected = inspectSchema(
      schema(
        'urn:f',
        `<xs:annotation><xs:documentation>Two
           lines.</xs:documentation><xs:documentation>ignored?</xs:documentation></xs:annotation>
         <xs:element name="a"><xs:annotation><xs:documentation>of a</xs:documentation></xs:annotation></xs:element>
         <xs:element name="b"><xs:complexType><xs:sequence><xs:element name="local"/></xs:sequence></xs:complexType></xs:element>
         <xs:complexType name="t"><xs:sequence/></xs:complexType>`,
        ' xmlns:tns="urn:f" xmlns:fac="urn:f"',
      ),
    );
    expect(inspected).to.include({ ns: 'urn:f', prefix: 'fac', documentation: 'Two lines.ignored?' });
    expect(inspected.elements).to.deep.equal(['a', 'b']);
  });

  const prefixes: readonly (readonly [ns: string, attributes: string, prefix: string])[] = [
    ['urn:facetry:site', '', 'site'],
    ['http://example.org/facets/host#', '', 'host'],
    ['urn:x', ' xmlns:tns="urn:x"', 'x'],
    ['urn:42', '', 'urn'],
    ['urn:r', '', 'r2'],
  ];
  for (const [ns, attributes, prefix] of prefixes) {
    it(`prefers the prefix ${prefix} for ${ns}`, () => {
      expect(checkSchemas([{ xsd: schema(ns, '', attributes) }])[0].prefix).to.equal(prefix);
    });
  }
  it('takes the prefix it is given, and no prefix twice', () => {
    const [a, b, c] = checkSchemas([{ xsd: schema('urn:1:x') }, { xsd: schema('urn:2:x') }, { xsd: schema('urn:3:x'), prefix: 'mine' }]);
    expect([a.prefix, b.prefix, c.prefix]).to.deep.equal(['x', 'x2', 'mine']);
  });

  const refused: readonly (readonly [title: string, schemas: readonly string[], message: RegExp])[] = [
    ['a second schema of one namespace', [schema('urn:a'), schema('urn:a')], /two schemas of the namespace "urn:a"/],
    [
      'an import of what is not registered',
      [schema('urn:a', '<xs:import namespace="urn:b" schemaLocation="http://127.0.0.1:18999/b.xsd"/>')],
      /"urn:b" is not registered/,
    ],
    ['an import of no namespace', [schema('urn:a', '<xs:import/>')], /"" is not registered/],
    ['include', [schema('urn:a', '<xs:include schemaLocation="b.xsd"/>')], /xs:include/],
    ['redefine', [schema('urn:a', '<xs:redefine schemaLocation="b.xsd"/>')], /xs:redefine/],
    ['override', [schema('urn:a', '<xs:override schemaLocation="b.xsd"/>')], /xs:override/],
    ['a DOCTYPE', [`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${schema('urn:a')}`], /DOCTYPE/],
    ['no target namespace', [schema('').replace(' targetNamespace=""', '')], /no targetNamespace/],
    ['an empty target namespace', [schema('')], /no targetNamespace/],
    ['the resource namespace', [schema(RESOURCE_NS)], /cannot be registered/],
    ['the namespace of answers', [schema(ANSWER_NS)], /cannot be registered/],
    ['the XML namespace', [schema(XML_NS)], /cannot be registered/],
    ['the namespace of XML Schema', [schema('http://www.w3.org/2001/XMLSchema')], /cannot be registered/],
    ['what is no schema', ['<a/>'], /not a schema/],
    ['what is not well-formed', [`${schema('urn:a')}x`], /outside the root|text data/],
    ['more than a MiB', [schema('urn:a', ' '.repeat(1 << 20))], /characters/],
  ];
  for (const [title, schemas, message] of refused) {
    it(`refuses ${title}`, () => {
      const problem = problemOf(() => checkSchemas(schemas.map((xsd) => ({ xsd }))));
      expect(problem.code).to.equal('invalid-schema');
      expect(problem.message).to.match(message);
    });
  }
  it('refuses a schema of another namespace than announced', () => {
    expect(problemOf(() => inspectSchema(schema('urn:a'), { ns: 'urn:b' })).message).to.include('not of "urn:b"');
  });
  it('says where', () => {
    const [violation] = problemOf(() => checkSchemas([{ xsd: schema('urn:a', '\n\n  <xs:include schemaLocation="x"/>') }])).violations;
    expect(violation).to.include({ rule: 'schema-include', line: 3 });
  });

  it('imports between registered namespaces work, in any order and in circles', () => {
    const a = schema(
      'urn:a',
      '<xs:import namespace="urn:b"/><xs:element name="a"><xs:complexType><xs:sequence><xs:element ref="b:b"/></xs:sequence></xs:complexType></xs:element>',
      ' xmlns:b="urn:b"',
    );
    const b = schema(
      'urn:b',
      '<xs:import namespace="urn:a" schemaLocation="http://127.0.0.1:18999/a.xsd"/><xs:element name="b" type="xs:int"/><xs:element name="c"><xs:complexType><xs:sequence><xs:element ref="a:a"/></xs:sequence></xs:complexType></xs:element>',
      ' xmlns:a="urn:a"',
    );
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      const read = readerOf(order.map((xsd) => ({ xsd })));
      const facet = (value: string) => resource(`<scope>/a</scope><a:a xmlns:a="urn:a" xmlns:b="urn:b"><b:b>${value}</b:b></a:a>`);
      expect(read(facet('1')).notices).to.deep.equal([]);
      expect(rulesOf(() => read(facet('x')))).to.deep.equal(['schema']);
    }
  });
  it('an encoding that the text of a schema still names does not matter', () => {
    const read = readerOf([
      {
        xsd: `<?xml version="1.0" encoding="ISO-8859-1"?>\n${schema('urn:é', '<xs:element name="é" type="xs:int"/>').replaceAll('urn:é', 'urn:e')}`,
      },
    ]);
    expect(rulesOf(() => read(resource('<scope>/a</scope><e:é xmlns:e="urn:e">x</e:é>')))).to.deep.equal(['schema']);
  });
});
