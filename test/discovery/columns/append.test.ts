import { expect } from 'chai';
import { createAppender, createColumns, serializeNodeText } from '../../../src/discovery/columns/index.js';
import { contradictions, readRow } from './read-everything.js';

describe('appending a plain document', () => {
  for (const size of ['document', 'directory'] as const) {
    it(`keeps every kind of node (${size})`, () => {
      const columns = createColumns({ size });
      const document = createAppender(columns);
      document.comment(' before ');
      document.instruction('style', 'href="a"');
      document.startElement('urn:x', 'x', 'a');
      document.declaration('x', 'urn:x');
      document.attribute('', '', 'k', 'v "1"');
      document.text('one ');
      document.text('two');
      document.startElement('urn:x', 'x', 'leaf');
      document.text('4');
      document.text('2');
      document.endElement();
      document.startElement('', '', 'empty');
      document.endElement();
      document.text('a<b');
      document.comment('c');
      document.instruction('p', '');
      document.endElement();
      document.comment('after');
      expect(document.end(7)).to.equal(3);
      const X = '/x:a{urn:x}';
      expect(Array.from({ length: columns.rows.count - 1 }, (_, i) => readRow(columns, i + 1))).to.deep.equal([
        { path: '/comment()', parent: 0, value: ' before ' },
        { path: '/?style', parent: 0, value: 'href="a"' },
        { path: X, parent: 0, value: { below: 8 } },
        { path: `${X}/xmlns:x`, parent: 3, value: 'urn:x' },
        { path: `${X}/@k{}`, parent: 3, value: 'v "1"' },
        { path: `${X}/text()`, parent: 3, value: 'one two' },
        { path: `${X}/x:leaf{urn:x}`, parent: 3, value: '42' },
        { path: `${X}/empty{}`, parent: 3, value: '' },
        { path: `${X}/text()`, parent: 3, value: 'a<b' },
        { path: `${X}/comment()`, parent: 3, value: 'c' },
        { path: `${X}/?p`, parent: 3, value: '' },
        { path: '/comment()', parent: 0, value: 'after' },
      ]);
      expect(contradictions(columns)).to.deep.equal([]);
      expect(columns.revision).to.equal(7);
      expect(columns.slots.row(0)).to.equal(3);
      expect(serializeNodeText({ columns, revision: 7 }, 0)).to.equal(
        '<!-- before --><?style href="a"?><x:a xmlns:x="urn:x" k="v &quot;1&quot;">one two<x:leaf>42</x:leaf><empty/>a&lt;b<!--c--><?p?></x:a><!--after-->',
      );
    });
  }

  it('keeps the text of a root element in a row of its own: the root row has the slot', () => {
    const columns = createColumns({ size: 'document' });
    const document = createAppender(columns);
    document.startElement('', '', 'a');
    document.text('x');
    document.endElement();
    document.end();
    expect([readRow(columns, 1), readRow(columns, 2)]).to.deep.equal([
      { path: '/a{}', parent: 0, value: { below: 1 } },
      { path: '/a{}/text()', parent: 1, value: 'x' },
    ]);
  });

  it('remembers the first element with each ID', () => {
    const columns = createColumns({ size: 'document' });
    const document = createAppender(columns);
    document.startElement('', '', 'a');
    for (const id of ['one', 'two', 'one']) {
      document.startElement('', '', 'e');
      document.attribute('', '', 'key', id, true);
      document.attribute('', '', 'other', 'no');
      document.endElement();
    }
    document.endElement();
    document.end();
    expect(columns.elementIds.get(columns.strings.find('one'))).to.equal(2);
    expect(columns.elementIds.get(columns.strings.find('two'))).to.equal(5);
    expect(columns.elementIds.get(columns.strings.find('no'))).to.equal(undefined);
  });

  it('refuses what is no document', () => {
    const begin = () => createAppender(createColumns({ size: 'document' }));
    expect(() => begin().end()).to.throw('no root element');
    expect(() => begin().endElement()).to.throw('no element to end');
    const open = begin();
    open.startElement('', '', 'a');
    expect(() => open.end()).to.throw('has not been ended');
    open.endElement();
    expect(() => open.startElement('', '', 'b')).to.throw('one root element');
  });
});
