import { expect } from 'chai';
import {
  type Columns,
  createColumns,
  deadFraction,
  publish,
  putResource,
  removeResource,
  serializeNodeText,
  startCompaction,
} from '../../../src/discovery/columns/index.js';

function put(columns: Columns, id: string, text: string, revision: number, created = revision): void {
  putResource(columns, Buffer.from(`<r id="${id}"><t>${text}</t></r>`), {
    revision,
    created,
    createdSeq: 0,
    createdAt: created,
    modifiedAt: revision,
  });
  publish(columns, revision);
}

/** To the end, however long it takes. */
function compacted(columns: Columns): Columns {
  const compaction = startCompaction(columns, () => 0);
  while (!compaction.step(0)) {}
  return compaction.columns;
}

describe('compaction', () => {
  it('drops what is dead: rows, strings, labels; and restores the order', () => {
    const columns = createColumns();
    put(columns, 'a', 'old text', 1);
    put(columns, 'b', 'b', 2);
    put(columns, 'gone', 'going', 3);
    put(columns, 'a', 'new text', 4, 1);
    removeResource(columns, 'gone', 5);
    publish(columns, 5);
    expect([columns.allAlive, columns.orderIsRowOrder]).to.deep.equal([false, false]);
    expect(deadFraction(columns)).to.equal(1 - 7 / 13);

    const fresh = compacted(columns);
    expect([fresh.allAlive, fresh.orderIsRowOrder, fresh.revision, fresh.base, fresh.slots.count]).to.deep.equal([true, true, 5, 5, 2]);
    expect(deadFraction(fresh)).to.equal(0);
    expect([0, 1].map((slot) => serializeNodeText({ columns: fresh, revision: 5 }, fresh.slots.row(slot) * 2))).to.deep.equal([
      '<r id="a"><t>new text</t></r>',
      '<r id="b"><t>b</t></r>',
    ]);
    expect(['old text', 'going', 'gone'].map((text) => fresh.strings.find(text))).to.deep.equal([-1, -1, -1]);
    expect([fresh.slots.born(0), fresh.slots.born(1), fresh.slots.ordinal(0)]).to.deep.equal([4, 2, columns.slots.ordinal(0)]);
    expect(fresh.strings.count).to.be.below(columns.strings.count);
  });

  it('leaves the old columns as they are, for those who still read them', () => {
    const columns = createColumns();
    put(columns, 'a', '1', 1);
    put(columns, 'a', '2', 2, 1);
    const fresh = compacted(columns);
    put(fresh, 'a', '3', 3, 1);
    expect(columns.revision).to.equal(2);
    expect(serializeNodeText({ columns, revision: 1 }, columns.slots.row(columns.slots.find('a', 1)) * 2)).to.equal(
      '<r id="a"><t>1</t></r>',
    );
    expect(serializeNodeText({ columns: fresh, revision: 3 }, fresh.slots.row(fresh.slots.find('a', 3)) * 2)).to.equal(
      '<r id="a"><t>3</t></r>',
    );
  });

  it('works in slices, also through one large resource', () => {
    const columns = createColumns();
    const leaves = Array.from({ length: 100_000 }, (_, i) => `<e>${i % 1000}</e>`).join('');
    putResource(columns, Buffer.from(`<r id="large">${leaves}</r>`), {
      revision: 1,
      created: 1,
      createdSeq: 0,
      createdAt: 0,
      modifiedAt: 0,
    });
    publish(columns, 1);
    const compaction = startCompaction(columns, () => 0);
    let steps = 1;
    let before = compaction.columns.rows.count;
    while (!compaction.step(0)) {
      steps++;
      expect(compaction.columns.rows.count, 'nothing is published half').to.equal(before);
      before = compaction.columns.rows.count;
    }
    expect(steps).to.be.above(90);
    expect(compaction.columns.rows.count).to.equal(columns.rows.count);
    expect([compaction.done, compaction.total]).to.deep.equal([1, 1]);
  });

  it('goes on catching up when it was complete but not swapped', () => {
    const columns = createColumns();
    put(columns, 'a', '1', 1);
    const compaction = startCompaction(columns, () => 0);
    while (!compaction.step(0)) {}
    put(columns, 'a', '2', 2, 1);
    put(columns, 'b', '1', 3);
    while (!compaction.step(0)) {}
    const { columns: fresh } = compaction;
    expect([fresh.revision, fresh.slots.find('a', 3), fresh.slots.find('b', 3)]).to.deep.equal([3, 1, 2]);
    expect(deadFraction(fresh)).to.equal(1 - 7 / 10);
  });

  it('remembers numbers that were asked for', () => {
    const columns = createColumns();
    put(columns, 'a', '42', 1);
    expect(columns.strings.number(columns.strings.find('42'))).to.equal(42);
    const fresh = compacted(columns);
    expect(fresh.strings.number(fresh.strings.find('42'))).to.equal(42);
  });
});
