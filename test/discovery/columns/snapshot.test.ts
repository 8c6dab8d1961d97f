import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type Columns,
  createColumns,
  publish,
  putResource,
  type Restored,
  removeResource,
  restoreColumns,
  snapshotParts,
} from '../../../src/discovery/columns/index.js';
import { readEverything } from './history.js';

function sample(): Columns {
  const columns = createColumns({ seed: 1 });
  for (let i = 0; i < 40; i++) {
    const xml = `<r xmlns:f="urn:f" id="id-${i % 30}"><name>n${i}</name><f:a><f:b>text ${i % 5}</f:b><f:c/>${'long text '.repeat(i)}</f:a></r>`;
    putResource(columns, Buffer.from(xml), { revision: i + 1, created: (i % 30) + 1, createdSeq: 0, createdAt: i, modifiedAt: i });
    publish(columns, i + 1);
  }
  removeResource(columns, 'id-20', 41);
  publish(columns, 41);
  return columns;
}

interface Stored {
  header: Record<string, unknown> & { parts: { name: string; bytes: number }[]; counts: Record<string, number> };
  readonly parts: Map<string, Uint8Array>;
}

/** As a file would hold it. */
function stored(columns: Columns): Stored {
  const { header, parts } = snapshotParts(columns);
  return { header: JSON.parse(JSON.stringify(header)), parts: new Map(parts.map(({ name, bytes }) => [name, bytes.slice()])) };
}

function restore({ header, parts }: Stored): Promise<Restored> {
  return restoreColumns({
    header,
    read: (name, into) => into.set((parts.get(name) as Uint8Array).subarray(0, into.length)),
    rest: () => undefined,
  });
}

async function refusal(damage: (snapshot: Stored) => void): Promise<string> {
  const snapshot = stored(sample());
  damage(snapshot);
  const restored = await restore(snapshot);
  return restored.ok ? 'accepted' : restored.reason;
}

const words = (snapshot: Stored, name: string) => new Uint32Array((snapshot.parts.get(name) as Uint8Array).buffer);

describe('a snapshot', () => {
  it('goes through a file straight into shared memory', async () => {
    const columns = sample();
    const folder = mkdtempSync(join(tmpdir(), 'columns-'));
    try {
      const { header, parts } = snapshotParts(columns);
      const file = openSync(join(folder, 'snapshot'), 'w+');
      for (const { bytes } of parts) writeSync(file, bytes);
      let position = 0;
      const restored = await restoreColumns({
        header,
        read(_name, into) {
          expect(readSync(file, into, 0, into.length, position)).to.equal(into.length);
          position += into.length;
        },
        rest: () => undefined,
      });
      closeSync(file);
      if (!restored.ok) throw new Error(restored.reason);
      expect(readEverything(restored.columns)).to.deep.equal(readEverything(columns));
      expect(readEverything(restored.columns).wrong).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of empty columns is one too', async () => {
    const restored = await restore(stored(createColumns()));
    expect(restored.ok && restored.columns.rows.count).to.equal(1);
  });

  it('leaves out what is put but not published', async () => {
    const columns = sample();
    const published = stored(columns);
    putResource(columns, Buffer.from('<r id="id-3">later</r>'), { revision: 42, created: 4, createdSeq: 0, createdAt: 0, modifiedAt: 0 });
    const restored = await restore(stored(columns));
    if (!restored.ok) throw new Error(restored.reason);
    const before = await restore(published);
    if (!before.ok) throw new Error(before.reason);
    expect(readEverything(restored.columns)).to.deep.equal(readEverything(before.columns));
    expect(restored.columns.slots.died(restored.columns.slots.find('id-3', 41))).to.equal(0xffff_ffff);
  });

  it('rejects when the file is shorter than its header says', async () => {
    const { header } = stored(sample());
    const error = await restoreColumns({
      header,
      read: () => {
        throw new Error('end of file');
      },
      rest: () => undefined,
    }).catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message', 'end of file');
  });

  const headers: readonly (readonly [what: string, damage: (snapshot: Stored) => void, reason: string])[] = [
    ['nothing', (s) => (s.header = undefined as unknown as Stored['header']), 'It is not a snapshot of columns'],
    ['another file', (s) => (s.header.format = 'zip'), 'It is not a snapshot of columns'],
    ['another version', (s) => (s.header.version = 1), 'It has version 1; this program reads version 3'],
    ['a count that is none', (s) => (s.header.counts.rows = -1), 'Its counts are not numbers'],
    ['counts of nothing', (s) => (s.header.counts.rows = 0), 'It lacks the root'],
    ['a count that does not fit', (s) => (s.header.counts.rows += 1), 'Its part rowLabel has'],
    ['a part too few', (s) => s.header.parts.pop(), 'Its part signatures has no size'],
    ['a part too many', (s) => s.header.parts.push({ name: 'more', bytes: 4 }), 'It has parts that are not known'],
    ['no classes', (s) => (s.header.classes = undefined), 'Its counts are not numbers'],
  ];
  for (const [what, damage, reason] of headers) it(`with ${what} is refused`, async () => expect(await refusal(damage)).to.contain(reason));

  const contents: readonly (readonly [what: string, part: string, reason: RegExp])[] = [
    ['text', 'heap', /a string/],
    ['parents', 'rowParent', /row \d+/],
    ['links', 'rowLink', /row \d+/],
    ['the ends of strings', 'strings', /a string/],
  ];
  for (const [what, part, reason] of contents) {
    it(`with other ${what} is refused, whichever byte it is`, async () => {
      const length = stored(sample()).parts.get(part)?.length ?? 0;
      const step = part === 'strings' ? 8 : 1;
      for (let at = part === 'strings' ? 8 : 0; at < length; at += step * Math.ceil(length / step / 150)) {
        expect(await refusal((s) => ((s.parts.get(part) as Uint8Array)[at] ^= 1)), `byte ${at}`).to.match(reason);
      }
    });
  }

  it('with data, names, labels, slots or signatures out of bounds is refused', async () => {
    expect(await refusal((s) => (words(s, 'rowData')[1] += 1))).to.contain('row');
    expect(await refusal((s) => (words(s, 'rowData')[1] -= 1))).to.contain('row');
    expect(await refusal((s) => (words(s, 'rowData')[4] = 100_000))).to.contain('row 4');
    expect(await refusal((s) => (words(s, 'rowLabel')[4] = 100_000))).to.contain('row 4');
    expect(await refusal((s) => (words(s, 'rowLabel')[4] = 0))).to.contain('row 4');
    expect(await refusal((s) => (words(s, 'names')[5] = 100_000))).to.contain('a name');
    expect(await refusal((s) => (words(s, 'labels')[3] = 7))).to.contain('a label');
    expect(await refusal((s) => (words(s, 'labels')[4] = 9))).to.contain('a label');
    expect(await refusal((s) => (words(s, 'slots')[7] += 1))).to.contain('a slot');
    expect(await refusal((s) => (words(s, 'slots')[9] = 99))).to.contain('a slot');
    expect(await refusal((s) => (words(s, 'slots')[13] = 99_999))).to.contain('a slot');
    expect(await refusal((s) => (words(s, 'signatures')[2] = 5000))).to.contain('signatures');
    expect(await refusal((s) => (s.header.counts.slots = 0))).to.contain('slots');
  });
});
