import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { OPEN_CALLER } from '../../src/directory/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from './open-test-directory.js';

const FILE = 'columns.snapshot';

/** A store that outlives the directories over it, as files would; what is tested here is the snapshot beside it. */
async function outliving(): Promise<Store> {
  return { ...(await openStore('memory:')), close: async () => undefined };
}

describe('the snapshot of the columns', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'facetry-test-'));
    store = await outliving();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (): Promise<TestDirectory> => openTestDirectory({ folder, store, snapshots: folder });
  const put = (test: TestDirectory, id: string, cpu: string): Promise<unknown> =>
    test.directory.put(OPEN_CALLER, id, bytes(resourceXml(id, { cpu })));
  const contents = (test: TestDirectory): string[] =>
    test.directory
      .list(OPEN_CALLER, { limit: 100 })
      .items.map(({ id }) => new TextDecoder().decode(test.directory.get(OPEN_CALLER, id)?.xml));
  const readyFrom = (test: TestDirectory): string => test.events.flatMap((event) => (event.kind === 'ready' ? [event.from] : [])).join();
  const refused = (test: TestDirectory): string =>
    test.events.flatMap((event) => (event.kind === 'snapshot-refused' ? [event.reason] : [])).join();

  /** Fills a directory and closes it: now there is a snapshot. */
  async function prepared(): Promise<string[]> {
    const test = await open();
    for (const [id, cpu] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['a', '4'],
    ])
      await put(test, id, cpu);
    await test.directory.remove(OPEN_CALLER, 'b');
    const before = contents(test);
    await test.directory.close();
    return before;
  }

  it('is what the next start is made from', async () => {
    const before = await prepared();
    const test = await open();
    expect(readyFrom(test)).to.equal('snapshot');
    expect(contents(test)).to.deep.equal(before);
    await test.directory.close();
  });

  it('is caught up with the commits that came after it', async () => {
    await prepared();
    const old = await readFile(join(folder, FILE));
    const later = await open();
    await put(later, 'd', '5');
    await put(later, 'c', '6');
    const expected = contents(later);
    await later.directory.close();
    await writeFile(join(folder, FILE), old);
    const test = await open();
    expect(readyFrom(test)).to.equal('snapshot');
    expect(contents(test)).to.deep.equal(expected);
    await test.directory.close();
  });

  const damages: readonly { readonly name: string; readonly damage: (file: Buffer) => Buffer; readonly reason: RegExp }[] = [
    { name: 'torn', damage: (file) => file.subarray(0, file.length - 100), reason: /bytes, not/ },
    { name: 'empty', damage: () => Buffer.alloc(0), reason: /shorter/ },
    { name: 'of something else', damage: () => Buffer.from('hello, this is some other file'), reason: /header/ },
    { name: 'changed in one bit', damage: (file) => flipped(file, file.length - 200), reason: /digest|contradicts/ },
    {
      name: 'changed in its header',
      damage: (file) => Buffer.from(file.toString('latin1').replace(/"version":\d+/, '"version":9'), 'latin1'),
      reason: /version|digest/,
    },
  ];
  for (const { name, damage, reason } of damages) {
    it(`is thrown away when it is ${name}`, async () => {
      const before = await prepared();
      await writeFile(join(folder, FILE), damage(await readFile(join(folder, FILE))));
      const test = await open();
      expect(readyFrom(test)).to.equal('store');
      expect(refused(test)).to.match(reason);
      expect(contents(test)).to.deep.equal(before);
      await test.directory.close();
    });
  }

  it('is thrown away when the store has another history', async () => {
    await prepared();
    const other = await mkdtemp(join(tmpdir(), 'facetry-test-'));
    const otherStore = await outliving();
    const elsewhere = await openTestDirectory({ folder: other, store: otherStore, snapshots: other });
    for (let k = 0; k < 5; k++) await put(elsewhere, 'x', String(k));
    const expected = contents(elsewhere);
    await elsewhere.directory.close();
    await copyFile(join(folder, FILE), join(other, FILE));
    const test = await openTestDirectory({ folder: other, store: otherStore, snapshots: other });
    expect(readyFrom(test)).to.equal('store');
    expect(refused(test)).to.match(/another history/);
    expect(contents(test)).to.deep.equal(expected);
    await test.destroy();
  });
});

function flipped(file: Buffer, at: number): Buffer {
  const copy = Buffer.from(file);
  copy[at] ^= 1;
  return copy;
}
