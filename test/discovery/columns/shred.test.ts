import { expect } from 'chai';
import {
  applyCommit,
  type Columns,
  createColumns,
  ordinalOf,
  publish,
  putResource,
  removeResource,
  serializeNodeText,
} from '../../../src/discovery/columns/index.js';
import { childrenOf, contradictions, pathOf, readRow } from './read-everything.js';

const NS = 'http://gcube-system.org/namespaces/resource';
const META = { revision: 1, created: 1, createdSeq: 0, createdAt: 1000, modifiedAt: 2000 };
const bytes = (text: string) => new TextEncoder().encode(text);

function put(columns: Columns, xml: string): number {
  const slot = putResource(columns, bytes(xml), META);
  publish(columns, 1);
  return slot;
}

describe('shredding a resource', () => {
  it('gives the rows that the contract draws', () => {
    const columns = createColumns();
    put(
      columns,
      `<resource xmlns="${NS}" xmlns:f="urn:f" id="ghn-1"><name>node24</name><scope>/gcube</scope><f:hw><f:cpu>4</f:cpu><f:ram/></f:hw></resource>`,
    );
    const R = `/resource{${NS}}`;
    expect(Array.from({ length: columns.rows.count - 1 }, (_, i) => readRow(columns, i + 1))).to.deep.equal([
      { path: R, parent: 0, value: { below: 8 } },
      { path: `${R}/xmlns:`, parent: 1, value: NS },
      { path: `${R}/xmlns:f`, parent: 1, value: 'urn:f' },
      { path: `${R}/@id{}`, parent: 1, value: 'ghn-1' },
      { path: `${R}/name{${NS}}`, parent: 1, value: 'node24' },
      { path: `${R}/scope{${NS}}`, parent: 1, value: '/gcube' },
      { path: `${R}/f:hw{urn:f}`, parent: 1, value: { below: 2 } },
      { path: `${R}/f:hw{urn:f}/f:cpu{urn:f}`, parent: 7, value: '4' },
      { path: `${R}/f:hw{urn:f}/f:ram{urn:f}`, parent: 7, value: '' },
    ]);
    expect(contradictions(columns)).to.deep.equal([]);
  });

  it('knows scope elements of the resource alone, under any prefix', () => {
    const columns = createColumns();
    put(
      columns,
      `<resource xmlns="${NS}" xmlns:f="urn:f" id="a"><scope>/a</scope><f:x><scope>/a</scope><f:scope>/a</f:scope></f:x></resource>`,
    );
    put(columns, `<p:resource xmlns:p="${NS}" xmlns:f="urn:f" id="b"><p:scope>/a</p:scope><f:x>1</f:x></p:resource>`);
    const scopes = Array.from({ length: columns.labels.count }, (_, label) => label).filter((label) => columns.labels.isScope(label));
    expect(scopes.map((label) => pathOf(columns, label))).to.deep.equal([
      `/resource{${NS}}/scope{${NS}}`,
      `/p:resource{${NS}}/p:scope{${NS}}`,
    ]);
  });

  it('resolves references, also those that the canonical form would not write', () => {
    const columns = createColumns();
    const slot = put(columns, '<r id="&lt;&#9;&quot;"><a>&amp;&lt;&gt;&quot;&#9;&#10;&#13;"\t\n</a></r>');
    expect(serializeNodeText({ columns, revision: 1 }, columns.slots.row(slot) * 2)).to.equal(
      '<r id="&lt;&#9;&quot;"><a>&amp;&lt;&gt;"\t\n&#13;"\t\n</a></r>',
    );
  });

  it('keeps what xml: means without a declaration', () => {
    const columns = createColumns();
    put(columns, '<r id="a" xml:lang="en">x</r>');
    expect(readRow(columns, 3).path).to.equal('/r{}/@xml:lang{http://www.w3.org/XML/1998/namespace}');
  });

  it('gives one namespace by two prefixes two labels', () => {
    const columns = createColumns();
    put(columns, '<r xmlns:a="urn:x" xmlns:b="urn:x" id="1"><a:e>1</a:e><b:e>1</b:e><a:e>2</a:e></r>');
    const root = columns.labels.firstChild(0);
    expect(childrenOf(columns, root).map((label) => pathOf(columns, label))).to.deep.equal([
      '/r{}/xmlns:a',
      '/r{}/xmlns:b',
      '/r{}/@id{}',
      '/r{}/a:e{urn:x}',
      '/r{}/b:e{urn:x}',
    ]);
  });

  it('follows a prefix that is bound anew inside, and forgets it outside', () => {
    const columns = createColumns();
    put(columns, '<r xmlns:a="urn:1" id="1"><a:e xmlns:a="urn:2"><a:i>1</a:i></a:e><a:e>2</a:e></r>');
    expect(Array.from({ length: columns.rows.count - 4 }, (_, i) => readRow(columns, i + 4).path)).to.deep.equal([
      '/r{}/a:e{urn:2}',
      '/r{}/a:e{urn:2}/xmlns:a',
      '/r{}/a:e{urn:2}/a:i{urn:2}',
      '/r{}/a:e{urn:1}',
    ]);
  });

  it('keeps when a version came to be, through replacement', () => {
    const columns = createColumns();
    put(columns, '<r id="1">x</r>');
    const slot = putResource(columns, bytes('<r id="1">y</r>'), {
      revision: 9,
      created: 1,
      createdSeq: 0,
      createdAt: 1000,
      modifiedAt: 3000,
    });
    publish(columns, 9);
    const { slots } = columns;
    expect([slots.id(slot), slots.createdAt(slot), slots.modifiedAt(slot), slots.born(slot), slots.died(0)]).to.deep.equal([
      '1',
      1000,
      3000,
      9,
      9,
    ]);
    expect(slots.ordinal(slot)).to.equal(slots.ordinal(0));
    expect(ordinalOf(2, 0)).to.be.above(ordinalOf(1, 2 ** 20 - 1));
  });

  it('goes as deep as a document does', () => {
    const columns = createColumns();
    const depth = 20_000;
    const slot = put(columns, `<r id="1">${'<d>'.repeat(depth)}x${'</d>'.repeat(depth)}</r>`);
    expect(columns.labels.depth(columns.rows.label[columns.rows.count - 1])).to.equal(depth + 1);
    expect(columns.slotOf(columns.rows.count - 1)).to.equal(slot);
  });
});

/** Malformed bytes → the offset at which the error is. */
const MALFORMED: readonly (readonly [what: string, xml: string, at: number])[] = [
  ['nothing', '', 0],
  ['text alone', 'text', 0],
  ['an XML declaration', '<?xml version="1.0"?><r id="1">x</r>', 1],
  ['a comment', '<r id="1"><!--c--></r>', 11],
  ['CDATA', '<r id="1"><![CDATA[x]]></r>', 11],
  ['an instruction', '<r id="1"><?p?></r>', 11],
  ['a DOCTYPE', '<!DOCTYPE r><r id="1">x</r>', 1],
  ['no name', '<>x</>', 1],
  ['an end at once', '<r', 2],
  ['no end tag', '<r id="1">x', 11],
  ['half an end tag', '<r id="1">x</r', 14],
  ['the end tag of another element', '<r id="1">x</s>', 13],
  ['a longer end tag', '<r id="1">x</rr>', 14],
  ['elements that overlap', '<r id="1"><a><b>x</a></b></r>', 19],
  ['an end tag with a space', '<r id="1">x</r >', 14],
  ['something behind the root element', '<r id="1">x</r>\n', 15],
  ['a second root element', '<r id="1">x</r><r id="2">x</r>', 15],
  ['an empty element with an end tag', '<r id="1"><a></a></r>', 13],
  ['an empty root with an end tag', '<r id="1"></r>', 10],
  ['a value in single quotes', "<r id='1'>x</r>", 5],
  ['an attribute without a value', '<r id>x</r>', 5],
  ['a space before the end of a tag', '<r id="1" >x</r>', 10],
  ['two spaces', '<r  id="1">x</r>', 3],
  ['a value without an end', '<r id="1>x</r>', 10],
  ['< in a value', '<r id="<">x</r>', 7],
  ['a line feed in a value', '<r id="\n">x</r>', 7],
  ['> in a text', '<r id="1">a>b</r>', 11],
  ['a carriage return', '<r id="1">a\rb</r>', 11],
  ['a control character', '<r id="1">a\u0001b</r>', 11],
  ['a NUL', '<r id="1">a\u0000b</r>', 11],
  ['an entity of its own', '<r id="1">&nbsp;</r>', 10],
  ['another character reference', '<r id="1">&#65;</r>', 10],
  ['half a reference', '<r id="1">&am</r>', 10],
  ['a prefix that is not declared', '<r id="1"><p:a>x</p:a></r>', 11],
  ['an attribute whose prefix is not declared', '<r id="1" p:a="2">x</r>', 10],
  ['a prefix used outside its element', '<r id="1"><p:a xmlns:p="urn:p">x</p:a><p:a>x</p:a></r>', 39],
];

describe('bytes that are not canonical XML', () => {
  for (const [what, xml, at] of MALFORMED) {
    it(`${what}: refused at byte ${at}, and nothing is changed`, () => {
      const columns = createColumns();
      put(columns, '<r id="1"><a>x</a></r>');
      const before = [columns.rows.count, columns.slots.count, columns.labels.rowCount(1)];
      expect(() => put(columns, xml)).to.throw(`Not canonical XML at byte ${at}:`);
      expect([columns.rows.count, columns.slots.count, columns.labels.rowCount(1)]).to.deep.equal(before);
      put(columns, '<r id="2"><a>y</a></r>');
      expect(contradictions(columns)).to.deep.equal([]);
      expect(columns.slots.find('1', 1)).to.equal(0);
      expect(columns.slots.find('2', 1)).to.equal(1);
    });
  }

  it('a resource without an id is refused', () => {
    const columns = createColumns();
    for (const xml of ['<r>x</r>', '<r xmlns:p="urn:p" p:id="1">x</r>', '<r><id>1</id></r>'])
      expect(() => put(columns, xml)).to.throw('no id attribute');
    expect(columns.rows.count).to.equal(1);
  });

  it('a commit with one such document is refused whole, by the name of the resource', () => {
    const columns = createColumns();
    put(columns, '<r id="old">x</r>');
    const resource = (id: string, xml: string) => ({ kind: 'put', resource: { id, xml: bytes(xml), ...META } }) as const;
    const changes = [resource('new', '<r id="new">x</r>'), { kind: 'remove', id: 'old' } as const, resource('bad', '<r id="bad">x')];
    expect(() => applyCommit(columns, { revision: 2, at: 0, changes })).to.throw(
      'Resource "bad" cannot be indexed. Not canonical XML at byte 13',
    );
    publish(columns, 2);
    expect(columns.slots.find('new', 2)).to.equal(-1);
    expect(columns.slots.find('old', 2)).to.equal(0);
    expect(contradictions(columns)).to.deep.equal([]);
  });
});

describe('removing', () => {
  it('says whether there was something to remove', () => {
    const columns = createColumns();
    put(columns, '<r id="1">x</r>');
    expect(removeResource(columns, '2', 2)).to.equal(false);
    expect(removeResource(columns, '1', 2)).to.equal(true);
    expect(removeResource(columns, '1', 2)).to.equal(false);
    expect(columns.slots.find('1', 1), 'not before it is published').to.equal(0);
    publish(columns, 2);
    expect(columns.slots.find('1', 2)).to.equal(-1);
    expect(columns.slots.find('1', 1)).to.equal(0);
  });

  it('reaches a resource that was put a moment ago', () => {
    const columns = createColumns();
    putResource(columns, bytes('<r id="1">x</r>'), META);
    expect(removeResource(columns, '1', 1)).to.equal(true);
    publish(columns, 1);
    expect(columns.slots.find('1', 1)).to.equal(-1);
  });
});
