import { expect } from 'chai';
import { compareSchemas, schemaModels } from '../../../src/xml/index.js';
import { readerOf, resource } from '../support.js';

const schema = (inside: string, more = '') =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:f="urn:f" targetNamespace="urn:f" elementFormDefault="qualified"><xs:element name="hw"><xs:complexType><xs:sequence>${inside}</xs:sequence></xs:complexType></xs:element>${more}</xs:schema>`;
const element = (name: string, type = 'xs:string', more = '') => `<xs:element name="${name}" type="${type}"${more}/>`;
const OPTIONAL = ' minOccurs="0"';
const MANY = ' maxOccurs="unbounded"';
const oneOf = (...values: readonly string[]) =>
  `<xs:element name="a"><xs:simpleType><xs:restriction base="xs:string">${values.map((value) => `<xs:enumeration value="${value}"/>`).join('')}</xs:restriction></xs:simpleType></xs:element>`;
const bounded = (bound: string) =>
  `<xs:element name="a"><xs:simpleType><xs:restriction base="xs:string">${bound}</xs:restriction></xs:simpleType></xs:element>`;
const [a, b] = [element('a'), element('b')];

/** `witness`: content that is valid before and not after, where the change is incompatible; else content that is valid before. */
const CASES: readonly (readonly [what: string, before: string, after: string, compatible: boolean, witness: string])[] = [
  ['nothing', a, a, true, '<f:a>x</f:a>'],
  ['a new optional element', a, a + element('b', 'xs:int', OPTIONAL), true, '<f:a>x</f:a>'],
  ['a new element that must be there', a, a + b, false, '<f:a>x</f:a>'],
  ['an element that is gone', a + element('b', 'xs:string', OPTIONAL), a, false, '<f:a>x</f:a><f:b>y</f:b>'],
  ['an element that may be left out now', a + b, a + element('b', 'xs:string', OPTIONAL), true, '<f:a>x</f:a><f:b>y</f:b>'],
  ['an element that must be there now', a + element('b', 'xs:string', OPTIONAL), a + b, false, '<f:a>x</f:a>'],
  ['an element that may repeat now', a, element('a', 'xs:string', MANY), true, '<f:a>x</f:a>'],
  ['an element that may no longer repeat', element('a', 'xs:string', MANY), a, false, '<f:a>x</f:a><f:a>y</f:a>'],
  ['another order', a + b, b + a, false, '<f:a>x</f:a><f:b>y</f:b>'],
  ['a narrower type', element('a'), element('a', 'xs:int'), false, '<f:a>x</f:a>'],
  ['a wider type', element('a', 'xs:int'), element('a', 'xs:decimal'), true, '<f:a>1</f:a>'],
  ['any text instead of numbers', element('a', 'xs:int'), element('a'), true, '<f:a>1</f:a>'],
  ['fewer values', oneOf('x', 'y'), oneOf('y'), false, '<f:a>x</f:a>'],
  ['more values', oneOf('x'), oneOf('x', 'y'), true, '<f:a>x</f:a>'],
  ['values instead of any text', a, oneOf('x'), false, '<f:a>z</f:a>'],
  ['any text instead of values', oneOf('x'), a, true, '<f:a>x</f:a>'],
  ['a longer least length', bounded('<xs:minLength value="1"/>'), bounded('<xs:minLength value="3"/>'), false, '<f:a>xy</f:a>'],
  ['a shorter least length', bounded('<xs:minLength value="3"/>'), bounded('<xs:minLength value="1"/>'), true, '<f:a>xyz</f:a>'],
  ['a lower bound of length', bounded('<xs:maxLength value="9"/>'), bounded('<xs:maxLength value="2"/>'), false, '<f:a>xyz</f:a>'],
  ['a pattern', a, bounded('<xs:pattern value="\\d+"/>'), false, '<f:a>x</f:a>'],
  ['no pattern any more', bounded('<xs:pattern value="\\d+"/>'), a, true, '<f:a>1</f:a>'],
  [
    'a choice instead of optional ones',
    element('a', 'xs:string', OPTIONAL) + element('b', 'xs:string', OPTIONAL),
    `<xs:choice>${a}${b}</xs:choice>`,
    false,
    '<f:a>x</f:a><f:b>y</f:b>',
  ],
  ['one more to choose from', `<xs:choice>${a}</xs:choice>`, `<xs:choice>${a}${b}</xs:choice>`, true, '<f:a>x</f:a>'],
  ['one less to choose from', `<xs:choice>${a}${b}</xs:choice>`, `<xs:choice>${a}</xs:choice>`, false, '<f:b>x</f:b>'],
  ['a choice that must be made now', `<xs:choice minOccurs="0">${a}${b}</xs:choice>`, `<xs:choice>${a}${b}</xs:choice>`, false, ''],
  ['a choice made many times', `<xs:choice>${a}${b}</xs:choice>`, `<xs:choice${MANY}>${a}${b}</xs:choice>`, true, '<f:a>x</f:a>'],
  [
    'a sequence instead of a choice made many times',
    `<xs:choice minOccurs="0"${MANY}>${a}${b}</xs:choice>`,
    element('a', 'xs:string', OPTIONAL + MANY) + element('b', 'xs:string', OPTIONAL + MANY),
    false,
    '<f:b>y</f:b><f:a>x</f:a>',
  ],
  [
    'all or none of what could stand alone',
    element('a', 'xs:string', OPTIONAL) + element('b', 'xs:string', OPTIONAL),
    `<xs:sequence minOccurs="0">${a}${b}</xs:sequence>`,
    false,
    '<f:a>x</f:a>',
  ],
  ['an optional choice at the end', a, `${a}<xs:choice minOccurs="0">${b}${element('c')}</xs:choice>`, true, '<f:a>x</f:a>'],
  [
    'text instead of elements',
    `<xs:element name="a"><xs:complexType><xs:sequence>${b}</xs:sequence></xs:complexType></xs:element>`,
    a,
    false,
    '<f:a><f:b>x</f:b></f:a>',
  ],
];

describe('What changes from one schema to the next', () => {
  for (const [what, before, after, compatible, witness] of CASES) {
    it(`${what}: ${compatible ? 'compatible' : 'not compatible'}`, () => {
      const [one, two] = [schema(before), schema(after)];
      const changes = compareSchemas('urn:f', schemaModels([{ xsd: one }]), schemaModels([{ xsd: two }]));
      expect(
        changes.every((change) => change.compatible),
        JSON.stringify(changes),
      ).to.equal(compatible);
      // libxml2 agrees
      const document = resource(`<scope>/s</scope><f:hw xmlns:f="urn:f">${witness}</f:hw>`);
      expect(readerOf([{ xsd: one }])(document).notices).to.deep.equal([]);
      const read = () => readerOf([{ xsd: two }])(document);
      if (compatible) expect(read).not.to.throw();
      else expect(read).to.throw();
    });
  }

  it('names what changed, where', () => {
    const inner = (type: string) =>
      `<xs:element name="quota"><xs:complexType><xs:sequence>${element('vcpus', type)}</xs:sequence></xs:complexType></xs:element>`;
    const models = (type: string) => schemaModels([{ xsd: schema(inner(type)) }]);
    expect(compareSchemas('urn:f', models('xs:string'), models('xs:int'))).to.deep.equal([
      { path: 'hw/quota/vcpus', what: 'was string, is int', compatible: false },
    ]);
  });

  it('ends on types that contain themselves, and on schemas that unfold to more than can be looked at', () => {
    const tree = `<xs:complexType name="tree"><xs:sequence>${element('tree', 'f:tree', OPTIONAL + MANY)}</xs:sequence></xs:complexType>`;
    const groups = Array.from(
      { length: 40 },
      (_, k) =>
        `<xs:group name="g${k}"><xs:sequence>${k === 39 ? b : `<xs:group ref="f:g${k + 1}"/><xs:group ref="f:g${k + 1}"/>`}</xs:sequence></xs:group>`,
    ).join('');
    const wide = schema(`${element('root', 'f:tree')}<xs:group ref="f:g0"/>`, tree + groups);
    const models = schemaModels([{ xsd: wide }]);
    expect(compareSchemas('urn:f', models, models)).to.deep.equal([]);
  });
});
