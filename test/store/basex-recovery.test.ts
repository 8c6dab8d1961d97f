/** What becomes of a database that was damaged, lost, changed by other tools or given to two; and of a lost journal. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Problem } from '../../src/model/index.js';
import { openStore, type Store, type StoreEvent } from '../../src/store/index.js';
import { everything, put, refusal } from '../contract/store.js';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { skipWhen } from '../servers/installed.js';
import { temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';

describe('A database in BaseX and its journal', function () {
  this.timeout(60_000);
  let server: BaseXServer;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let database: string;
  let store: Store | undefined;
  const events: StoreEvent[] = [];

  before(async function () {
    skipWhen(this, await ensureInstalled());
    server = await startBaseX({ heap: '512m' });
  });
  after(() => server?.stop());
  beforeEach(async () => {
    folder = await temporaryFolder('basex-recovery');
    database = `d${randomUUID().slice(0, 8)}`;
    events.length = 0;
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
    await folder.remove();
  });

  const open = async (journal = 'journal', whenAway: 'refuse' | 'journal' = 'refuse') => {
    store = await openStore(`basex://admin@127.0.0.1:${server.port}/${database}`, {
      observe: (event) => events.push(event),
      basex: {
        journal: join(folder.path, journal),
        password: server.password,
        whenAway,
        // enough of a rule for documents that this file makes up
        accept: async (_id, xml) => (Buffer.from(xml).includes('bad') ? new Problem('invalid-resource', { detail: 'bad' }) : xml),
      },
    });
    return store;
  };
  const inBaseX = async (xquery: string) => {
    const session = await server.connect();
    try {
      return (await session.query(xquery)).toString('utf8');
    } finally {
      session.close();
    }
  };
  const until = async (isSo: () => Promise<boolean>) => {
    const end = Date.now() + 15_000;
    while (!(await isSo())) {
      expect(Date.now(), 'patience').to.be.lessThan(end);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const contents = async (from: Store) =>
    Object.fromEntries((await everything(from)).resources.map(({ id, xml }) => [id, Buffer.from(xml).toString()]));
  const documents = () => inBaseX(`string-join(sort(db:list('${database}', 'resources')), ' ')`);
  const foreign = () => events.flatMap((event) => (event.kind === 'basex-foreign' ? [`${event.outcome} ${event.id ?? event.path}`] : []));

  it('puts each resource where its id says, byte by byte', async () => {
    const xml = '<r:a xmlns:r="urn:r" xmlns:u="urn:unused" id="http://x/ü y"> <r:b>é 😀 &lt;&gt;</r:b></r:a>';
    await (await open()).write([put('http://x/ü y', xml)]);
    const path = 'resources/http:%2F%2Fx%2F%C3%BC%20y.xml';
    expect(await documents()).to.equal(path);
    expect(await inBaseX(`serialize(db:open('${database}', '${path}'), map { 'indent': 'no' })`)).to.equal(xml);
  });

  it('holds keys with control characters, as two resources of one id have them', async () => {
    await (await open()).write([put('a', '<a/>'), put('a\u00011', '<a>2</a>')]);
    expect(await documents()).to.equal('resources/a%011.xml resources/a.xml');
    await store?.close();
    rmSync(join(folder.path, 'journal'), { recursive: true });
    expect(await contents(await open())).to.deep.equal({ a: '<a/>', 'a\u00011': '<a>2</a>' });
  });

  it('holds what was published last, whatever part of the document has changed', async () => {
    const forms = [
      '<a>x</a>',
      '<a>y</a>',
      '<a/>',
      '<a>x<b/></a>',
      '<a><b/>x</a>',
      '<a><b/> </a>',
      '<a> <b/></a>',
      '<a k="1">x<b/></a>',
      '<a k="2">x<b/></a>',
      '<a k="&gt;x&lt;">x<b/></a>',
      '<a k="&gt;y&lt;">x<b/></a>',
      '<a><!-->x<--></a>',
      '<a><!-->y<--></a>',
      '<a>x<!--c-->y</a>',
      '<a>&gt;x&lt;</a>',
      '<a>&gt;y&lt;</a>',
      '<p:a xmlns:p="urn:p">x</p:a>',
      '<p:a xmlns:p="urn:q">x</p:a>',
      '<q:a xmlns:q="urn:q">x</q:a>',
      '<a xmlns="urn:q">x</a>',
      '<a xmlns="urn:q" xmlns:unused="urn:r">x</a>',
      '<!--before--><a/>',
      '<a>7</a>',
      '<a>8</a>',
    ];
    const plain = await open();
    const { int } = random(seedFrom('FACETRY_SEED'));
    await plain.write(['r', 's', 't'].map((id) => put(id, '<a/>')));
    for (let turn = 0; turn < 150; turn++) {
      const id = ['r', 's', 't'][int(3)] as string;
      const xml = forms[int(forms.length)] as string;
      await plain.write([put(id, xml)]);
      const said = await inBaseX(`serialize(db:open('${database}', 'resources/${id}.xml'), map { 'indent': 'no' })`);
      expect(said, `turn ${turn}`).to.equal(xml);
    }
    expect(foreign()).to.deep.equal([]);
  });

  it('is made anew when it was dropped', async () => {
    await (await open()).write([put('a'), put('b')]);
    await store?.close();
    await inBaseX(`db:drop('${database}')`);
    await (await open()).write([put('c')]);
    expect(await documents()).to.equal('resources/a.xml resources/b.xml resources/c.xml');
  });

  it('gets what it has missed when an older state was put in its place', async () => {
    await (await open()).write([put('a')]);
    await store?.close();
    await inBaseX(`db:copy('${database}', '${database}-old')`);
    await (await open()).write([put('a', '<a>2</a>'), put('b')]);
    await store?.close();
    await inBaseX(`db:drop('${database}')`);
    await inBaseX(`db:copy('${database}-old', '${database}')`);
    await (await open()).write([put('c')]);
    expect(await inBaseX(`string(db:open('${database}', 'resources/a.xml'))`)).to.equal('2');
    expect(await documents()).to.equal('resources/a.xml resources/b.xml resources/c.xml');
  });

  it('gives the journal back when that is lost, in the order of publication', async () => {
    await (await open()).write([put('b', '<b/>', { meta: '{"owner":"x"}' } as object), put('a')]);
    await store?.close();
    rmSync(join(folder.path, 'journal'), { recursive: true });
    const { resources } = await everything(await open());
    expect(resources.map(({ id, meta, xml }) => [id, meta, Buffer.from(xml).toString()])).to.deep.equal([
      ['b', '{"owner":"x"}', '<b/>'],
      ['a', undefined, '<a/>'],
    ]);
    await store?.write([put('c')]);
    expect(await documents()).to.equal('resources/a.xml resources/b.xml resources/c.xml');
  });

  it('belongs to one journal', async () => {
    await (await open()).write([put('a')]);
    const first = store as Store;
    expect((await refusal(open('other'))).code).to.equal('store-locked');
    await first.close();
    store = await openStore(`embedded:${join(folder.path, 'other')}`);
    await store.write([put('z')]);
    await store.close();
    store = undefined;
    expect((await refusal(open('other'))).code).to.equal('conflict');
  });

  it('is not taken from people whose documents it holds', async () => {
    await inBaseX(`db:create('${database}', <mine/>, 'mine.xml')`);
    expect((await refusal(open())).code).to.equal('conflict');
    expect(await inBaseX(`count(db:open('${database}'))`)).to.equal('1');
  });

  it('tells what other tools did: changes, additions and removals become commits, what is not valid is put aside', async () => {
    await (await open()).write([put('a'), put('b'), put('c'), put('d')]);
    await store?.close();
    await inBaseX(`db:replace('${database}', 'resources/a.xml', '<a>by hand</a>'), db:replace('${database}', 'resources/b.xml', '<bad/>'),
      db:delete('${database}', 'resources/c.xml'), db:add('${database}', '<n/>', 'resources/new.xml'), db:add('${database}', '<o/>', 'resources/odd')`);
    await open();
    await until(async () => foreign().length === 5);
    expect(foreign().sort()).to.deep.equal(['quarantined b', 'quarantined resources/odd', 'removed c', 'taken a', 'taken new']);
    expect(await contents(store as Store)).to.deep.equal({ a: '<a>by hand</a>', b: '<b/>', d: '<d/>', new: '<n/>' });
    await store?.write([put('e')]);
    expect(await documents()).to.equal('resources/a.xml resources/b.xml resources/d.xml resources/e.xml resources/new.xml');
    expect(await inBaseX(`string-join(sort(db:list('${database}', 'facetry/quarantine')), ' ')`)).to.equal(
      'facetry/quarantine/resources/b.xml facetry/quarantine/resources/odd',
    );
    await store?.close();
    events.length = 0;
    await open();
    await store?.write([put('f')]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(foreign(), 'once only').to.deep.equal([]);
  });

  it('is made anew when BaseX was killed before it had put everything on its disk, and only then', async () => {
    const rebuilt = () => events.some(({ kind }) => kind === 'basex-rebuild');
    const restarted = async (wait: number) => {
      await (store as Store).write([put('b', '<b>1</b>')]);
      await new Promise((resolve) => setTimeout(resolve, wait));
      events.length = 0;
      await server.kill();
      await until(async () => events.some((event) => event.kind === 'basex' && event.phase === 'away'));
      await server.restart();
      await until(async () => events.some((event) => event.kind === 'basex' && event.phase === 'in step'));
    };
    await (await open()).write([put('a')]);
    await restarted(0);
    expect(rebuilt(), 'killed at once').to.equal(true);
    expect(await documents()).to.equal('resources/a.xml resources/b.xml');
    await restarted(1500);
    expect(rebuilt(), 'killed in peace').to.equal(false);
    await (store as Store).write([put('c')]);
    expect(existsSync(join(folder.path, 'journal/basex.unflushed'))).to.equal(true);
    await store?.close();
    expect(existsSync(join(folder.path, 'journal/basex.unflushed'))).to.equal(false);
  });

  it('gets what it has missed when writes went on without it', async () => {
    await (await open('journal', 'journal')).write([put('a'), put('b')]);
    await server.kill();
    await until(async () => events.some((event) => event.kind === 'basex' && event.phase === 'away'));
    // more than one group of them
    for (let n = 0; n < 30; n++) expect((await (store as Store).write([put(`c${n % 3}`, `<c>${n}</c>`)])).ok).to.equal(true);
    await (store as Store).write([{ kind: 'remove', id: 'b' }]);
    expect(await store?.revision()).to.equal(32);
    await server.restart();
    await until(async () => events.at(-1)?.kind === 'basex' && events.some((event) => event.kind === 'basex' && event.applied === 32));
    expect(await documents()).to.equal('resources/a.xml resources/c0.xml resources/c1.xml resources/c2.xml');
    expect(await inBaseX(`string(db:open('${database}', 'resources/c2.xml'))`)).to.equal('29');
    await store?.close();
    // and what was written last while it was away, when the directory ends before it is back
    await (await open('journal', 'journal')).write([put('d')]);
    await server.kill();
    await until(async () => events.some((event) => event.kind === 'basex' && event.phase === 'away' && event.applied === 33));
    await store?.write([put('e')]);
    await store?.close();
    await server.restart();
    await (await open()).write([put('f')]);
    expect(await documents()).to.equal(['a', 'c0', 'c1', 'c2', 'd', 'e', 'f'].map((id) => `resources/${id}.xml`).join(' '));
  });

  for (const [file, harm] of [
    ['inf.basex', 'cut'],
    ['inf.basex', 'zeros'],
    ['tbl.basex', 'cut'],
    ['tbl.basex', 'zeros'],
    ['tbli.basex', 'cut'],
    ['txt.basex', 'zeros'],
    ['txt.basex', 'cut'],
    ['atv.basex', 'zeros'],
  ] as const)
    it(`has all documents again when BaseX ended and ${file} is damaged (${harm})`, async () => {
      const texts = Array.from({ length: 60 }, (_, n) =>
        put(`r${n}`, `<r k="attribute ${n}">the text of ${n}, which is too long to be kept in a table</r>`),
      );
      await (await open()).write(texts);
      await store?.close();
      await server.kill();
      const path = join(server.data, 'data', database, file);
      const bytes = readFileSync(path);
      const third = Math.floor(bytes.length / 3);
      writeFileSync(
        path,
        harm === 'cut'
          ? bytes.subarray(0, third)
          : Buffer.concat([bytes.subarray(0, third), Buffer.alloc(third), bytes.subarray(2 * third)]),
      );
      await server.restart();
      rmSync(join(folder.path, 'journal/basex.clean'));
      await open();
      await until(() =>
        (store as Store).write([put('next')]).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      await until(
        async () =>
          (await inBaseX(`string-join(for $n in 0 to 59 return string(db:open('${database}', 'resources/r' || $n || '.xml')), '|')`).catch(
            () => '',
          )) === Array.from({ length: 60 }, (_, n) => `the text of ${n}, which is too long to be kept in a table`).join('|'),
      );
      expect(Object.keys(await contents(store as Store))).to.have.lengthOf(61);
    });

  it('refuses writes while BaseX is away, which then have not happened, and goes on by itself', async () => {
    await (await open()).write([put('a')]);
    await server.kill();
    await until(async () => events.some((event) => event.kind === 'basex' && event.phase === 'away'));
    const problem = await refusal((store as Store).write([put('b')]));
    expect(problem).to.include({ code: 'store-unavailable', retryAfter: 5 });
    expect(await store?.get('a')).to.include({ id: 'a' });
    expect(await store?.revision()).to.equal(1);
    await server.restart();
    await until(() =>
      (store as Store).write([put('c')]).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    expect(await contents(store as Store)).to.have.all.keys('a', 'c');
    expect(await documents()).to.equal('resources/a.xml resources/c.xml');
  });
});
