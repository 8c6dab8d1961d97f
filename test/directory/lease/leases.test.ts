/** Leases over a directory whose time goes forward only when a test says so. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Caller } from '../../../src/directory/index.js';
import { Problem } from '../../../src/model/index.js';
import { bytes, openTestDirectory, resourceXml, type TestDirectory } from '../open-test-directory.js';

const HW = 'Q{urn:f}hw';
const NET = 'Q{urn:g}net';
const keeper: Caller = { principal: 'keeper' };
const other: Caller = { principal: 'other' };
const GRACE = 60;

describe('Leases', () => {
  let ms = 0;
  let test: TestDirectory;
  const open = async (folder?: string) => {
    test = await openTestDirectory({
      ...(folder === undefined ? {} : { folder }),
      leaseFolder: true,
      lease: { grace: GRACE, interval: 5, monotonic: () => ms },
    });
  };
  const forward = (seconds: number) => {
    ms += seconds * 1000;
  };
  const swept = async () => {
    const revision = await test.store.revision();
    for (let k = 0; k < 200 && (await test.store.revision()) === revision; k++) await pause(5);
  };
  const both = () => resourceXml('x', { facets: '<f:hw/><g:net xmlns:g="urn:g"/>' });
  const state = (facet: string) => test.directory.meta(keeper, 'x')?.facets.find(({ name }) => name === facet)?.lease?.state;
  const facets = () => test.directory.list(keeper, { limit: 9 }).items.map((item) => item.facets);

  beforeEach(() => open());
  afterEach(() => test.destroy());

  it('are fresh, then stale and still there, then expired and gone', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { facets: { [HW]: 10 } } });
    expect([state(HW), state(NET)]).to.deep.equal(['fresh', undefined]);
    forward(10);
    expect(state(HW)).to.equal('fresh');
    forward(1);
    expect(state(HW)).to.equal('stale');
    forward(GRACE);
    await swept();
    expect(facets()).to.deep.equal([[NET]]);
    expect(test.events).to.deep.include({ kind: 'expired', id: 'x', facets: [HW] });
    expect(await checked(test)).to.deep.equal([]);
  });

  it('take the resource along with its last facet', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    forward(10 + GRACE + 1);
    await swept();
    expect(test.directory.get(keeper, 'x')).to.equal(undefined);
  });

  it('are renewed without a commit', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    const revision = await test.store.revision();
    for (let k = 0; k < 20; k++) {
      forward(9);
      expect(test.directory.renew(keeper, 'x', {}).map((one) => one.state)).to.deep.equal(['fresh', 'fresh']);
      await pause(6);
    }
    expect(await test.store.revision()).to.equal(revision);
    expect(state(HW)).to.equal('fresh');
  });

  it('begin anew with every write of their owner, also with one that says nothing new', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    const revision = await test.store.revision();
    forward(60);
    expect((await test.directory.put(keeper, 'x', bytes(both()))).outcome).to.equal('unchanged');
    expect(await test.store.revision()).to.equal(revision);
    expect(state(HW)).to.equal('fresh');
    await test.directory.edit(keeper, 'x', {
      kind: 'put-facet',
      name: { ns: 'urn:f', local: 'hw' },
      body: bytes('<f:hw xmlns:f="urn:f"><f:a/></f:hw>'),
    });
    forward(11);
    await test.directory.edit(keeper, 'x', {
      kind: 'put-facet',
      name: { ns: 'urn:f', local: 'hw' },
      body: bytes('<f:hw xmlns:f="urn:f"/>'),
    });
    expect([state(HW), state(NET)], 'one facet’s write is no sign of life for another').to.deep.equal(['fresh', 'stale']);
  });

  it('end when a write says so', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: null } });
    forward(1000);
    expect([state(HW), state(NET)]).to.deep.equal([undefined, undefined]);
  });

  it('are for their owner to renew', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    expect(codeOf(() => test.directory.renew(other, 'x', { facets: [HW] }))).to.equal('facet-owned');
    expect(test.directory.renew(other, 'x', {})).to.deep.equal([]);
    expect(codeOf(() => test.directory.renew(keeper, 'y', {}))).to.equal('not-found');
    expect(codeOf(() => test.directory.renew(keeper, 'x', { facets: ['Q{urn:f}none'] }))).to.equal('conflict');
    expect(codeOf(() => test.directory.renew({ ...keeper, publishes: [] }, 'x', {}))).to.equal('forbidden');
  });

  it('leave a facet to whoever wants it once they are over', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    const write = () =>
      test.directory.edit(other, 'x', {
        kind: 'put-facet',
        name: { ns: 'urn:f', local: 'hw' },
        body: bytes('<f:hw xmlns:f="urn:f"><f:b/></f:hw>'),
      });
    expect(await write().catch((error: Problem) => error.code)).to.equal('facet-owned');
    forward(11);
    expect(((await write()) as { outcome: string }).outcome).to.equal('replaced');
    expect(test.directory.meta(other, 'x')?.facets[0]?.owner?.principal).to.equal('other');
  });

  it('do not run while the directory is down, and renewals outlive it', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    forward(8);
    test.directory.renew(keeper, 'x', { facets: [HW] });
    await test.directory.close();
    ms += 1e9; // another process, whose clock begins anywhere
    await open(test.folder);
    expect([state(HW), state(NET)]).to.deep.equal(['fresh', 'fresh']);
    forward(5);
    expect([state(HW), state(NET)]).to.deep.equal(['fresh', 'stale']);
    forward(GRACE);
    await swept();
    expect(facets()).to.deep.equal([[HW]]);
  });

  it('go on after a crash that tore the journal', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { ttl: 10 } });
    forward(8);
    test.directory.renew(keeper, 'x', {});
    await test.directory.close();
    const path = join(test.folder, 'leases.journal');
    appendFileSync(path, '0123abcd {"t":99999999999,"r":[');
    await open(test.folder);
    expect(state(HW)).to.equal('fresh');
    await test.directory.close();
    writeFileSync(
      path,
      readFileSync(path).map((byte, k) => (k === 3 ? byte ^ 1 : byte)),
    );
    await open(test.folder);
    expect(state(HW)).to.equal('fresh');
  });

  it('are asked for in XPath, in this thread as in the other', async () => {
    await test.directory.put(keeper, 'x', bytes(both()), { lease: { facets: { [HW]: 10 } } });
    forward(15);
    const ask = async (xpath: string) => {
      const answer = await test.directory.discover(keeper, { xpath, namespaces: { f: 'urn:f', g: 'urn:g' } });
      return 'value' in answer ? answer.value : answer.total;
    };
    const questions = [
      'dir:age(//f:hw)',
      'dir:fresh(//f:hw)',
      'dir:fresh(//g:net)',
      "count(/*[dir:owner(f:hw) = 'keeper'])",
      'count(//*[not(dir:fresh())])',
    ];
    const inline = await Promise.all(questions.map(ask));
    expect(inline, 'not fresh: the facet, the resource, and what else is of the resource').to.deep.equal([15, false, true, 1, 3]);
    // a text this long is compiled and evaluated in the query thread
    const threaded = await Promise.all(questions.map((question) => ask(`${question}${' '.repeat(5000)}`)));
    expect(threaded).to.deep.equal(inline);
    test.directory.renew(keeper, 'x', {});
    expect(await ask(`dir:age(//f:hw)${' '.repeat(5000)}`)).to.equal(0);
  });

  it('end in any order as a plain list of times says (random)', async () => {
    const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 1e9);
    const random = mulberry(seed);
    const model = new Map<string, number>();
    let now = 0;
    for (let step = 0; step < 300; step++) {
      const id = `r${Math.floor(random() * 12)}`;
      const dice = random();
      if (dice < 0.4) {
        const ttl = 1 + Math.floor(random() * 40);
        await test.directory.put(keeper, id, bytes(resourceXml(id, { cpu: String(step) })), { lease: { ttl } });
        model.set(id, now + ttl);
      } else if (dice < 0.6 && model.has(id) && test.directory.get(keeper, id) !== undefined) {
        const [renewed] = test.directory.renew(keeper, id, {});
        model.set(id, now + (renewed?.ttl ?? 0));
      } else {
        const seconds = Math.floor(random() * 30);
        now += seconds;
        forward(seconds);
        for (
          let k = 0;
          k < 400 && [...model].some(([one, end]) => now > end + GRACE + 1 && test.directory.get(keeper, one) !== undefined);
          k++
        )
          await pause(5);
        for (const [one, end] of model) {
          const there = test.directory.get(keeper, one) !== undefined;
          expect(there, `FACETRY_SEED=${seed}: ${one} ends at ${end}, it is ${now}`).to.equal(
            now <= end + GRACE ? true : now > end + GRACE + 1 ? false : there,
          );
          if (!there) model.delete(one);
        }
      }
    }
  });
});

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

async function checked({ store, xml }: TestDirectory): Promise<unknown[]> {
  const { checkDirectory } = await import('../../../src/directory/index.js');
  const found: unknown[] = [];
  for await (const finding of checkDirectory(store, xml)) found.push(finding);
  return found;
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
