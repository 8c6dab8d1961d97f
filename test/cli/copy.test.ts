/** From one kind of store to another and back, also in two attempts. */
import { join } from 'node:path';
import { expect } from 'chai';
import { copyStore } from '../../src/cli/copy-store.js';
import { Problem } from '../../src/model/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { everything, put } from '../contract/store.js';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { skipWhen } from '../servers/installed.js';
import { temporaryFolder } from '../servers/process.js';
import { run } from './program.js';
import { testTerminal } from './terminal.js';

const COUNT = 1300;

describe('A copy of a store', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let source: Store;
  const opened: Store[] = [];
  const open = async (url: string, basex?: { readonly journal: string; readonly password: string }) => {
    const store = await openStore(url, basex === undefined ? {} : { basex });
    opened.push(store);
    return store;
  };
  const inFolder = (name: string) => `embedded:${join(folder.path, name)}`;

  beforeEach(async () => {
    folder = await temporaryFolder('copy');
    source = await open(inFolder('source'));
    for (let from = 0; from < COUNT; from += 100) {
      const changes = Array.from({ length: 100 }, (_, k) =>
        put(
          `r${(from + k) % 7 === 0 ? 'é/ ' : ''}${from + k}`,
          `<a xmlns="urn:a"><b>${from + k}</b></a>`,
          (from + k) % 3 === 0 ? { meta: `{"n":${from + k}}` } : {},
        ),
      );
      await source.write(changes);
    }
    await source.write([put('r1', '<a>changed</a>'), { kind: 'remove', id: 'r2' }, put('r1\u00011', '<a>its twin</a>')]);
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await folder.remove();
  });

  const contents = async (store: Store) =>
    (await everything(store)).resources.map(({ id, meta, xml }) => [id, meta, Buffer.from(xml).toString('utf8')]);

  it('goes on where it was broken off', async () => {
    const target = await open(inFolder('target'));
    const stop = new AbortController();
    const broken = await copyStore(source, target, {
      signal: stop.signal,
      onProgress: (done) => done >= 700 && stop.abort(new Error('interrupted')),
    }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(broken).to.equal('interrupted');
    const before = (await everything(target)).resources.length;
    expect(before).to.be.within(1, COUNT - 1);
    const copied = await copyStore(source, target);
    expect(copied).to.include({ resources: COUNT, written: COUNT - before });
    expect(await contents(target)).to.deep.equal(await contents(source));
    expect(await copyStore(source, target)).to.deep.equal({ ...copied, written: 0 });
  });

  it('is not made into a store of other things', async () => {
    const target = await open(inFolder('target'));
    await target.write([put('mine')]);
    const problem = await copyStore(source, target).then(
      () => undefined,
      (error) => error as Problem,
    );
    expect(problem).to.be.instanceOf(Problem).and.to.include({ code: 'conflict' });
  });

  it('tells when it turns out to differ, as when a resource has come back at another place', async () => {
    const target = await open(inFolder('target'));
    await copyStore(source, target);
    await source.write([{ kind: 'remove', id: 'r4' }]);
    await source.write([put('r4', '<a xmlns="urn:a"><b>4</b></a>')]);
    const problem = await copyStore(source, target).then(
      () => undefined,
      (error) => error as Problem,
    );
    expect(problem).to.include({ code: 'corrupt-store' });
  });

  describe('into BaseX', () => {
    let basex: BaseXServer;
    before(async function () {
      skipWhen(this, await ensureInstalled());
      basex = await startBaseX({ heap: '512m' });
    });
    after(() => basex?.stop());

    it('and back from it, by the command line', async () => {
      await source.close();
      opened.splice(0);
      const there = `basex://admin@127.0.0.1:${basex.port}/copied`;
      const command = async (...args: string[]) => {
        const its = testTerminal({ cwd: folder.path, env: { FACETRY_BASEX_PASSWORD: basex.password } });
        const code = await run(['copy', ...args], its);
        expect(code, its.err()).to.equal(0);
        return its.out().trim();
      };
      const first = await command('--from', 'embedded:source', '--to', there, '--journal', 'journal');
      expect(first).to.match(/^[0-9a-f]{64}$/);
      const second = await command('--from', there, '--to', 'embedded:back', '--journal', 'journal');
      expect(second).to.equal(first);
      // the journal is lost: what BaseX holds is enough
      expect(await command('--from', there, '--to', 'embedded:again', '--journal', 'another')).to.equal(first);
      expect(await contents(await open(inFolder('again')))).to.deep.equal(await contents(await open(inFolder('source'))));
    });
  });
});
