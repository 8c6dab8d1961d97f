import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Problem } from '../../src/model/index.js';
import { openStore, type Store } from '../../src/store/index.js';
import { findings, put, refusal, remove } from '../contract/store.js';
import { random, seedFrom } from '../servers/random.js';
import { scratchFolder } from './store-process.js';

const FLIPS = Number(process.env.FACETRY_FLIPS ?? 25);
const { seed, int } = random(seedFrom('FACETRY_SEED'));

describe(`an embedded store whose file is damaged (FACETRY_FLIPS=${FLIPS} FACETRY_SEED=${seed})`, function () {
  this.timeout(60_000);
  const scratch = scratchFolder();
  const folder = join(scratch, 'store');
  const file = join(folder, 'store.sqlite');
  let intact: Buffer;
  let told: Told;
  let copies = 0;

  before(async () => {
    const store = await openStore(`embedded:${folder}`);
    for (let n = 0; n < 60; n++) await store.write([put(`res-${n}`, `<r>${`marker-${n} `.repeat(150)}</r>`)]);
    for (let n = 0; n < 60; n += 7) await store.write([put(`res-${n}`, `<r>${`second-${n} `.repeat(150)}</r>`), remove(`res-${n + 1}`)]);
    told = await tell(store);
    await store.close();
    intact = readFileSync(file);
  });

  /** A copy of the store with the bits of `mask` at `offset` turned. */
  function damage(offset: number, mask: number): string {
    const copy = join(scratch, `copy${copies++}`);
    cpSync(folder, copy, { recursive: true });
    const bytes = Uint8Array.from(intact);
    bytes[offset] ^= mask;
    writeFileSync(join(copy, 'store.sqlite'), bytes);
    return copy;
  }

  it('refuses a damaged document with file and id, wherever it is asked for, and serves the others', async () => {
    // the current document stands first in the file that has it twice: once in resources, once in changes
    const places = [...intact.toString('latin1').matchAll(/<r>marker-33 /g)].map(({ index }) => index + 400);
    expect(places).to.have.length(2);
    const refusedBy = { resources: 0, commits: 0 };
    for (const place of places) {
      const copy = damage(place, 0x10);
      const store = await openStore(`embedded:${copy}`);
      try {
        expect((await store.get('res-32'))?.xml.byteLength).to.be.greaterThan(1000);
        const got = await store.get('res-33').catch((problem: Problem) => problem);
        if (got instanceof Error) {
          refusedBy.resources++;
          for (const problem of [got, await refusal(tell(store)), await refusal(store.write([put('res-33')]))]) {
            expect(problem.code).to.equal('corrupt-store');
            expect(problem.message).to.include(join(copy, 'store.sqlite')).and.to.include('"res-33"');
          }
        } else {
          refusedBy.commits++;
          const problem = await refusal(store.commits(30, 10));
          expect(problem.code).to.equal('corrupt-store');
          expect(problem.message).to.include('revision 34').and.to.include('"res-33"');
        }
        expect((await findings(store)).join())
          .to.include('res-33')
          .and.to.not.include('res-32');
        expect((await findings(store)).join()).to.match(/does not match its checksum/);
      } finally {
        await store.close();
      }
    }
    expect(refusedBy).to.deep.equal({ resources: 1, commits: 1 });
  });

  it(`after any of ${FLIPS} single flipped bits tells either the truth or that it is damaged`, async () => {
    const outcomes = { refusedToOpen: 0, refusedToRead: 0, unharmed: 0 };
    for (let i = 0; i < FLIPS; i++) {
      const offset = int(intact.byteLength);
      const mask = 1 << int(8);
      const what = `bit ${mask} at ${offset}`;
      const copy = damage(offset, mask);
      const store = await openStore(`embedded:${copy}`).catch((problem: Problem) => problem);
      if (store instanceof Error) {
        expect(store.message, what).to.include(copy);
        expect(store.code, what).to.equal('corrupt-store');
        outcomes.refusedToOpen++;
        continue;
      }
      try {
        const found = await tell(store).catch((problem: Problem) => problem);
        if (found instanceof Error) {
          expect(found.code, what).to.equal('corrupt-store');
          outcomes.refusedToRead++;
        } else {
          expect(found, what).to.deep.equal(told);
          outcomes.unharmed++;
        }
      } finally {
        await store.close();
      }
    }
    console.log(`      ${JSON.stringify(outcomes)} (unharmed: free space, or an index that a full read does not use)`);
    expect(outcomes.refusedToOpen + outcomes.refusedToRead).to.be.greaterThan(0);
  });

  it('refuses a file that is no database, and one that is not a store', async () => {
    const noise = damage(0, 1);
    writeFileSync(join(noise, 'store.sqlite'), Buffer.alloc(65536, 7));
    const problem = await refusal(openStore(`embedded:${noise}`));
    expect(problem.code).to.equal('corrupt-store');
    expect(problem.message).to.include('store.sqlite');
  });

  it('refuses a file that was cut off', async () => {
    const cut = damage(0, 0);
    writeFileSync(join(cut, 'store.sqlite'), intact.subarray(0, Math.floor(intact.byteLength / 2 / 16384) * 16384));
    const store = await openStore(`embedded:${cut}`).catch((problem: Problem) => problem);
    const problem = store instanceof Error ? store : await refusal(tell(store));
    if (!(store instanceof Error)) await store.close();
    expect(problem.code).to.equal('corrupt-store');
  });
});

interface Told {
  readonly resources: readonly string[];
  readonly commits: readonly string[];
}

/** Everything a reader can be given. */
async function tell(store: Store): Promise<Told> {
  const shown = (value: unknown) =>
    JSON.stringify(value, (_key, part) => (part instanceof Uint8Array ? Buffer.from(part).toString() : part));
  const resources: string[] = [];
  for await (const batch of (await store.resources()).batches) resources.push(...batch.map(shown));
  return { resources, commits: ((await store.commits(0, 1000)) ?? []).map(shown) };
}
