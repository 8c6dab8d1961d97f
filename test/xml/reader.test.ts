import { expect } from 'chai';
import { RESOURCE_NS } from '../../src/model/index.js';
import { FACET, problemOf, readerOf, resource, rulesOf, said } from './support.js';

const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';
const HARDWARE = `<xs:schema ${XS} xmlns:hw="urn:hw" targetNamespace="urn:hw" elementFormDefault="qualified">
  <xs:element name="hardware">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="cpu" type="xs:int"/>
        <xs:element name="ram" minOccurs="0">
          <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[0-9]+ [MG]B"/></xs:restriction></xs:simpleType>
        </xs:element>
        <xs:element name="state" minOccurs="0">
          <xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="up"/><xs:enumeration value="down"/></xs:restriction></xs:simpleType>
        </xs:element>
        <xs:element name="kind" type="xs:QName" minOccurs="0"/>
        <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>`;
const read = readerOf([{ ns: 'urn:hw', xsd: HARDWARE }]);
const SCOPE = '<scope>/a</scope>';
const hardware = (inside: string) => resource(`${SCOPE}<h:hardware xmlns:h="urn:hw">${inside}</h:hardware>`);

describe('Reading with registered schemas', () => {
  it('a facet of a registered namespace must be valid against it', () => {
    expect(read(hardware('<h:cpu>4</h:cpu><h:ram>16 GB</h:ram>')).notices).to.deep.equal([]);
    expect(rulesOf(() => read(hardware('<h:cpu>four</h:cpu>')))).to.deep.equal(['schema']);
  });
  it('any other facet is accepted', () => {
    expect(read(resource(SCOPE + FACET)).notices).to.deep.equal([]);
  });
  it('a registered element is validated also inside an unknown facet', () => {
    const nested = resource(`${SCOPE}<u:x xmlns:u="urn:u"><u:y><h:hardware xmlns:h="urn:hw"><h:cpu>four</h:cpu></h:hardware></u:y></u:x>`);
    expect(problemOf(() => read(nested)).violations[0]).to.include({ path: '/r:resource/u:x[1]/u:y[1]/h:hardware[1]/h:cpu[1]' });
  });
  it('an element that the schema does not declare is accepted with a notice', () => {
    const { notices } = read(resource(`${SCOPE}<h:hardwear xmlns:h="urn:hw"><h:cpu>four</h:cpu></h:hardwear>`));
    expect(notices.map(said)).to.deep.equal([
      'element-undeclared 1:88 /r:resource/h:hardwear[1]',
      'element-undeclared 1:117 /r:resource/h:hardwear[1]/h:cpu[1]',
    ]);
  });
  it('so is one in the resource namespace, below a facet', () => {
    const { notices } = read(resource(`${SCOPE}<u:x xmlns:u="urn:u"><cpu>4</cpu></u:x>`));
    expect(notices).to.have.length(1);
    expect(notices[0].hint).to.include('default namespace');
  });
  it('QNames in a facet keep the binding they need', () => {
    const document = resource(
      `${SCOPE}<h:hardware xmlns:h="urn:hw" xmlns:k="urn:kinds"><h:cpu>1</h:cpu><h:kind>k:server</h:kind></h:hardware>`,
    );
    expect(read(document).resource.xml).to.include('xmlns:k="urn:kinds"');
  });

  const messages: readonly (readonly [title: string, inside: string, message: string, hint?: string])[] = [
    ['a wrong type', '<h:cpu>four</h:cpu>', 'hw:cpu: "four" is not a valid xs:int'],
    [
      'a broken pattern, said once',
      '<h:cpu>1</h:cpu><h:ram>lots</h:ram>',
      'hw:ram: "lots" does not have the form that is asked for',
      'the pattern is [0-9]+ [MG]B',
    ],
    [
      'a value outside the list, said once',
      '<h:cpu>1</h:cpu><h:state>on</h:state>',
      'hw:state: "on" is not one of the accepted values',
      'use one of up, down',
    ],
    [
      'an element too much',
      '<h:cpu>1</h:cpu><h:cpu>2</h:cpu>',
      'hw:cpu is not expected here',
      'expected: hw:ram or hw:state or hw:kind or an element of another namespace',
    ],
    ['an element missing', '', 'hw:hardware is incomplete', 'expected: hw:cpu'],
    [
      'text where elements belong',
      'text',
      "hw:hardware: character content other than whitespace is not allowed because the content type is 'element-only'",
    ],
  ];
  for (const [title, inside, message, hint] of messages) {
    it(`says what is wrong: ${title}`, () => {
      const { violations } = problemOf(() => read(hardware(inside)));
      expect(violations[0].message).to.equal(message);
      expect(violations[0].hint).to.equal(hint);
      if (title !== 'text where elements belong') expect(violations).to.have.length(1);
    });
  }

  it('places schema violations in the document as it was sent', () => {
    const document = `<?xml version="1.0"?>
<!-- before -->
<r:resource xmlns:r="${RESOURCE_NS}" id="a1">
  <r:scope>
    /a
  </r:scope>
  <f:text xmlns:f="urn:f">several
lines</f:text>
  <h:hardware
      xmlns:h="urn:hw">
    <h:cpu
      >
      four</h:cpu><h:ram>16
GB</h:ram>
    <!-- hidden -->
  </h:hardware>
</r:resource>`;
    const problem = problemOf(() => read(document.replace('<!-- hidden -->', '')));
    expect(problem.violations.map(said)).to.deep.equal([
      'schema 11:5 /r:resource/h:hardware[1]/h:cpu[1]',
      'schema 13:19 /r:resource/h:hardware[1]/h:ram[1]',
    ]);
    expect(problem.message).to.match(/^line 11, column 5: .*\(and 1 more\)$/s);
  });

  it('reports violations of the model and of the schemas together, in order', () => {
    const document = resource(
      `<name>my node</name><f:x xmlns:f="urn:f" a="1"/><h:hardware xmlns:h="urn:hw"><h:cpu>four</h:cpu></h:hardware>`,
    );
    expect(rulesOf(() => read(document))).to.deep.equal(['scope-missing', 'name-not-qname', 'facet-attribute', 'schema']);
  });
  it('leaves a facet that breaks the model out of the schema check', () => {
    expect(rulesOf(() => read(hardware('text <h:cpu>four</h:cpu>')))).to.deep.equal(['facet-mixed-content']);
  });

  it('20 000 violations of a schema take no more than a second', () => {
    const list = `<xs:schema ${XS} targetNamespace="urn:l" elementFormDefault="qualified"><xs:element name="l"><xs:complexType><xs:sequence><xs:element name="i" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
    const reader = readerOf([{ xsd: list }]);
    const document = resource(`${SCOPE}<l:l xmlns:l="urn:l">${'<l:i>x</l:i>'.repeat(19_990)}</l:l>`);
    const start = performance.now();
    const { violations } = problemOf(() => reader(document));
    expect(performance.now() - start).to.be.below(1000);
    expect(violations).to.have.length(101);
    expect(violations[99].path).to.equal('/r:resource/l:l[1]/l:i[100]');
    expect(violations[100].message).to.include('19890 more');
  });

  it('everything parsed is disposed: the heap of libxml2 stops growing', () => {
    const large = resource(
      `${SCOPE}<h:hardware xmlns:h="urn:hw"><h:cpu>1</h:cpu>${'<u:x xmlns:u="urn:u">text</u:x>'.repeat(5000)}</h:hardware>`,
    );
    const wrong = large.replace('>1<', '>one<');
    const illFormed = large.replace('urn:u', 'no uri');
    const all = () => {
      read(large);
      problemOf(() => read(wrong));
      problemOf(() => read(illFormed));
    };
    for (let k = 0; k < 5; k++) all();
    const { grow } = WebAssembly.Memory.prototype;
    let grown = 0;
    WebAssembly.Memory.prototype.grow = function (pages) {
      grown += pages;
      return grow.call(this, pages);
    };
    try {
      for (let k = 0; k < 30; k++) all();
    } finally {
      WebAssembly.Memory.prototype.grow = grow;
    }
    expect(grown, 'pages').to.equal(0);
  });

  it('a namespace that is no URI is refused by the second parser', () => {
    const problem = problemOf(() => read(resource(`${SCOPE}<f:x xmlns:f="not a uri">1</f:x>`)));
    expect(problem.code).to.equal('not-well-formed');
    expect(problem.message).to.include('not a uri');
  });
  it('xsi:type on the root must hold, as XSD says', () => {
    const typed = resource(SCOPE + FACET, ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="none"');
    expect(rulesOf(() => read(typed))).to.deep.equal(['schema']);
  });
});
