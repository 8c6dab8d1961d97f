import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Problem } from '../../src/model/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { findings, put, refusal } from '../contract/store.js';
import { skipWhen } from '../servers/installed.js';
import { scratchFolder } from './store-process.js';

describe('an embedded store on a full disk', function () {
  this.timeout(60_000);
  let mounted = false;
  let store: Store;
  // before the folder's own removal, which is registered next
  after(async () => {
    await store?.close();
    if (mounted) spawnSync('umount', [disk]);
  });
  const disk = join(scratchFolder(), 'disk');
  const ballast = join(disk, 'ballast');

  before(async function () {
    mkdirSync(disk);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { encoding: 'utf8' });
    mounted = mount.status === 0;
    skipWhen(this, mounted ? undefined : `a small disk cannot be mounted: ${mount.stderr ?? mount.error}`);
    writeFileSync(ballast, Buffer.alloc(4 * 1024 * 1024));
    store = await openStore(`embedded:${join(disk, 'store')}`);
  });
  it('refuses writes with 507, keeps what was acknowledged, goes on reading, and resumes by itself', async () => {
    const acknowledged: string[] = [];
    const document = 'x'.repeat(40_000);
    let full: Problem | undefined;
    for (let n = 0; full === undefined; n++) {
      const ids = Array.from({ length: 4 }, (_, i) => `r${n}-${i}`);
      const results = await Promise.all(ids.map((id) => store.write([put(id, `${id} ${document}`)]).catch((problem: Problem) => problem)));
      for (const [i, result] of results.entries()) {
        if (result instanceof Error) full = result;
        else acknowledged.push(ids[i]);
      }
    }
    expect([full.code, full.status]).to.deep.equal(['disk-full', 507]);
    expect(full.hint).to.include('resume');
    expect(acknowledged.length).to.be.greaterThan(50);

    for (let i = 0; i < 5; i++) expect((await refusal(store.write([put(`more${i}`, document)]))).code).to.equal('disk-full');
    expect((await refusal(store.backup(join(disk, 'copy')))).code).to.equal('disk-full');
    expect(existsSync(join(disk, 'copy'))).to.equal(false);
    await expectHeld(acknowledged);

    rmSync(ballast);
    const revision = await store.revision();
    expect(await store.write([put('after', document)])).to.deep.equal({ ok: true, revision: revision + 1 });
    await expectHeld([...acknowledged, 'after']);
    expect(await findings(store)).to.deep.equal([]);
  });

  it('takes a small write beside one that does not fit', async () => {
    const huge = Buffer.alloc(14 * 1024 * 1024);
    const results = await Promise.all([
      store.write([put('small1', '1')]),
      store.write([{ kind: 'put', id: 'huge', xml: huge }]).catch((problem: Problem) => problem.code),
      store.write([put('small2', '2')]),
    ]);
    expect(results.map((result) => (typeof result === 'string' ? result : result.ok))).to.deep.equal([true, 'disk-full', true]);
    expect(await store.get('small2')).to.include({ id: 'small2' });
    expect(await store.get('huge')).to.equal(undefined);
    expect(await findings(store)).to.deep.equal([]);
  });

  it('says so when it is opened on a disk without any room, and opens when there is some', async () => {
    const revision = await store.revision();
    await store.close();
    for (let size = 1024 * 1024; size >= 1; size >>= 1) {
      try {
        for (;;) writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // full at this size
      }
    }
    expect((await refusal(openStore(`embedded:${join(disk, 'store')}`))).code).to.equal('disk-full');
    rmSync(ballast);
    store = await openStore(`embedded:${join(disk, 'store')}`);
    expect(await store.revision()).to.equal(revision);
    expect(await store.get('small1')).to.include({ id: 'small1' });
  });

  async function expectHeld(ids: readonly string[]): Promise<void> {
    const found: string[] = [];
    for await (const batch of (await store.resources()).batches) {
      for (const { id, xml } of batch) {
        expect(Buffer.from(xml.subarray(0, id.length)).toString()).to.equal(id === 'after' ? 'xxxxx' : id);
        found.push(id);
      }
    }
    expect(found.sort()).to.deep.equal([...ids].sort());
  }
});
