import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { openStore, type StoreEvent } from '../../src/store/index.js';
import { everything, put, refusal } from '../contract/store.js';

describe('opening a store', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'facetry-open-'));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  const refused: [string, RegExp][] = [
    ['./data', /embedded:\.\/data.*embedded:DIR, basex:\/\/user@host:port\/database, memory:/],
    ['', /Known: embedded:DIR, basex:\/\/user@host:port\/database, memory:/],
    ['oracle://host/db', /Known: embedded:DIR, basex:\/\/user@host:port\/database, memory:/],
    ['constructor:x', /Known: embedded:DIR, basex:\/\/user@host:port\/database, memory:/],
    ['embedded:', /embedded:DIR/],
    ['embedded://host/data', /embedded:DIR/],
  ];
  for (const [url, hint] of refused) {
    it(`refuses "${url}" and says what is known`, async () => {
      const problem = await refusal(openStore(url));
      expect(problem.code).to.equal('bad-request');
      expect(problem.hint).to.match(hint);
    });
  }

  for (const url of ['postgres://user:hunter2@host/db', 'basex://u:hunter2@h', 'postgres://host/db?user=u&password=hunter2']) {
    it(`refuses a password in ${url.slice(0, 9)}… and does not repeat it`, async () => {
      const problem = await refusal(openStore(url));
      expect(problem.message).to.include('password');
      expect(JSON.stringify([problem.message, problem.detail, problem.hint])).not.to.include('hunter2');
    });
  }

  it('takes an absolute folder with and without slashes', async () => {
    const folder = join(scratch, 'a');
    for (const url of [`embedded:${folder}`, `embedded://${folder}`]) {
      const store = await openStore(url);
      await store.write([put('a')]);
      await store.close();
    }
    const store = await openStore(`embedded:${folder}`);
    expect(await store.revision()).to.equal(2);
    await store.close();
  });

  it('makes the folder with its parents, for its owner only', async () => {
    const store = await openStore(`embedded:${join(scratch, 'deep/er/store')}`);
    expect(statSync(join(scratch, 'deep/er/store')).mode & 0o777).to.equal(0o700);
    expect(statSync(join(scratch, 'deep/er/store/store.sqlite')).mode & 0o777).to.equal(0o600);
    await store.close();
  });

  it('says so when the folder cannot be used', async () => {
    writeFileSync(join(scratch, 'file'), '');
    expect((await refusal(openStore(`embedded:${join(scratch, 'file')}`))).code).to.equal('store-unavailable');
    expect((await refusal(openStore(`embedded:${join(scratch, 'file/below')}`))).code).to.equal('store-unavailable');
  });

  it('refuses a store that a newer version has written, and leaves it as it is', async () => {
    const folder = join(scratch, 'newer');
    await (await openStore(`embedded:${folder}`)).close();
    const db = new Database(join(folder, 'store.sqlite'));
    db.exec('UPDATE meta SET version = 99');
    db.close();
    for (let i = 0; i < 2; i++) {
      const problem = await refusal(openStore(`embedded:${folder}`));
      expect(problem.code).to.equal('store-unavailable');
      expect(problem.message).to.include('newer version (tables 99');
      expect(problem.hint).to.include('newer version');
    }
  });

  it('refuses a database that is not a store', async () => {
    const folder = join(scratch, 'other');
    mkdirSync(folder);
    const db = new Database(join(folder, 'store.sqlite'));
    db.exec('CREATE TABLE cats (name TEXT)');
    db.close();
    const problem = await refusal(openStore(`embedded:${folder}`));
    expect(problem.code).to.equal('corrupt-store');
    expect(problem.message).to.include('not a store');
  });

  it('refuses a store whose counter and history disagree', async () => {
    const folder = join(scratch, 'disagree');
    const store = await openStore(`embedded:${folder}`);
    await store.write([put('a')]);
    await store.close();
    const db = new Database(join(folder, 'store.sqlite'));
    db.exec('UPDATE meta SET revision = 7');
    db.close();
    expect((await refusal(openStore(`embedded:${folder}`))).code).to.equal('corrupt-store');
  });

  it('opens a store whose creation was interrupted', async () => {
    const folder = join(scratch, 'torn');
    mkdirSync(folder);
    writeFileSync(join(folder, 'store.sqlite'), '');
    const store = await openStore(`embedded:${folder}`);
    expect(await store.write([put('a')])).to.deep.equal({ ok: true, revision: 1 });
    await store.close();
  });

  it('tells what happens, in order', async () => {
    const events: StoreEvent[] = [];
    const store = await openStore(`embedded:${join(scratch, 'told')}`, { observe: (event) => events.push(event) });
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.write([put(`r${i}`)])));
    await store.close();
    expect(events.map(({ kind }) => kind)).to.deep.equal(['opened', 'group', 'closed']);
    expect(events[1]).to.include({ kind: 'group', writes: 10 });
  });

  it('gives up the snapshot of a reader that takes nothing, and tells it so', async () => {
    const store = await openStore(`embedded:${join(scratch, 'idle')}`, { snapshotIdleMs: 50 });
    await store.write(Array.from({ length: 5000 }, (_, i) => put(`r${i}`, 'x'.repeat(1000))));
    const { batches } = await store.resources();
    const reader = batches[Symbol.asyncIterator]();
    await reader.next();
    await sleep(300);
    const problem = await refusal(
      (async () => {
        while (!(await reader.next()).done);
      })(),
    );
    expect(problem.code).to.equal('store-unavailable');
    expect((await everything(store)).count).to.equal(5000);
    await store.close();
  });
});
