/**
 * What every store does, whatever it keeps its data in. A driver's test calls `storeContract` with its name, a way to open
 * a store at a place (a path of a scratch folder that does not exist yet; opening the same place again finds the same
 * data), and its `supports`. What a driver does not claim is skipped, with that as the reason.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Change, Commit, Problem, StoredResource } from '../../src/model/index.js';
import type { Store, StoreOptions, Supports } from '../../src/store/index.js';
import { storeProperties } from './store-properties.js';

export type Open = (place: string, options?: StoreOptions) => Promise<Store>;

const text = (xml: Uint8Array) => new TextDecoder().decode(xml);
const bytes = (xml: string) => new TextEncoder().encode(xml);

export const put = (id: string, xml = `<${id}/>`, rest: Partial<Change> = {}): Change =>
  ({ kind: 'put', id, xml: bytes(xml), ...rest }) as Change;
export const remove = (id: string, rest: Partial<Change> = {}): Change => ({ kind: 'remove', id, ...rest }) as Change;

export async function everything(store: Store): Promise<{ revision: number; count: number; resources: StoredResource[] }> {
  const { revision, count, batches } = await store.resources();
  const resources: StoredResource[] = [];
  for await (const batch of batches) resources.push(...batch);
  return { revision, count, resources };
}

export async function findings(store: Store): Promise<string[]> {
  const messages: string[] = [];
  for await (const { message } of store.check()) messages.push(message);
  return messages;
}

export async function refusal(doing: Promise<unknown>): Promise<Problem> {
  return doing.then(
    (value) => expect.fail(`not refused, but ${JSON.stringify(value)}`),
    (problem: Problem) => problem,
  );
}

export function storeContract(name: string, open: Open, supports: Supports): void {
  const when = (claimed: boolean, what: string) =>
    claimed ? it : (title: string, _body: unknown) => it.skip(`${title} (skipped: ${name} is not ${what})`);

  describe(`store contract: ${name}`, () => {
    let scratch: string;
    let place: string;
    let store: Store;
    let clock = 1000;
    const now = () => clock;

    beforeEach(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'facetry-store-'));
      place = join(scratch, 'store');
      clock = 1000;
      store = await open(place, { now });
    });
    afterEach(async () => {
      await store?.close();
      await rm(scratch, { recursive: true, force: true });
    });

    it('says what it supports', () => {
      expect(store.supports).to.deep.equal(supports);
    });

    describe('an empty store', () => {
      it('is at revision 0 and holds nothing', async () => {
        expect(await store.revision()).to.equal(0);
        expect(await store.get('a')).to.equal(undefined);
        expect(await store.commits(0, 10)).to.deep.equal([]);
        expect(await everything(store)).to.deep.equal({ revision: 0, count: 0, resources: [] });
        expect(await findings(store)).to.deep.equal([]);
      });
    });

    describe('writes and reads', () => {
      it('gives back the very bytes, with when and where they were written', async () => {
        const xml = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
        expect(await store.write([{ kind: 'put', id: 'urn:ä/1 %00 𝒳', xml, meta: '{"owner":"ü"}' }])).to.deep.equal({
          ok: true,
          revision: 1,
        });
        const found = (await store.get('urn:ä/1 %00 𝒳')) as StoredResource;
        expect(Buffer.compare(found.xml, xml)).to.equal(0);
        expect({ ...found, xml: undefined }).to.deep.equal({
          id: 'urn:ä/1 %00 𝒳',
          meta: '{"owner":"ü"}',
          revision: 1,
          created: 1,
          createdSeq: 0,
          createdAt: 1000,
          modifiedAt: 1000,
          xml: undefined,
        });
      });

      it('takes an empty document, and one that is a part of a larger buffer', async () => {
        const large = bytes('<a/><b/><c/>');
        await store.write([{ kind: 'put', id: 'part', xml: large.subarray(4, 8) }, put('empty', '')]);
        expect(text((await store.get('part'))?.xml as Uint8Array)).to.equal('<b/>');
        expect((await store.get('empty'))?.xml.byteLength).to.equal(0);
      });

      it('has no meta where none was given, also after a replacement', async () => {
        await store.write([put('a', '<a/>', { meta: 'm' } as Partial<Change>)]);
        await store.write([put('a')]);
        expect(await store.get('a')).not.to.have.property('meta');
      });

      it('keeps the origin of a resource over replacements and forgets it with its removal', async () => {
        await store.write([put('x'), put('a')]);
        clock = 2000;
        await store.write([put('a', '<a>2</a>')]);
        expect(await store.get('a')).to.include({ revision: 2, created: 1, createdSeq: 1, createdAt: 1000, modifiedAt: 2000 });
        await store.write([remove('a')]);
        expect(await store.get('a')).to.equal(undefined);
        clock = 3000;
        await store.write([put('a')]);
        expect(await store.get('a')).to.include({ revision: 4, created: 4, createdSeq: 0, createdAt: 3000, modifiedAt: 3000 });
      });

      it('never dates a commit before the one it follows', async () => {
        await store.write([put('a')]);
        clock = 500;
        await store.write([put('b')]);
        expect((await store.get('b'))?.modifiedAt).to.equal(1000);
      });

      it('makes no commit of a write without changes', async () => {
        await store.write([put('a')]);
        expect(await store.write([])).to.deep.equal({ ok: true, revision: 1 });
        expect(await store.revision()).to.equal(1);
      });

      it('refuses a write that changes a resource twice', async () => {
        expect((await refusal(store.write([put('a'), remove('a')]))).code).to.equal('bad-request');
        expect(await store.revision()).to.equal(0);
      });
    });

    describe('compare and set', () => {
      beforeEach(() => store.write([put('a')]));

      const refused: [string, Change, object][] = [
        [
          'a put that expects no resource where there is one',
          put('a', '<n/>', { expect: { absent: true } }),
          { id: 'a', expected: { absent: true }, actual: 1 },
        ],
        [
          'a put that expects another revision',
          put('a', '<n/>', { expect: { revision: 7 } }),
          { id: 'a', expected: { revision: 7 }, actual: 1 },
        ],
        [
          'a put that expects a revision where there is nothing',
          put('z', '<n/>', { expect: { revision: 1 } }),
          { id: 'z', expected: { revision: 1 } },
        ],
        [
          'a removal that expects another revision',
          remove('a', { expect: { revision: 7 } }),
          { id: 'a', expected: { revision: 7 }, actual: 1 },
        ],
        [
          'a removal that expects nothing to be there',
          remove('a', { expect: { absent: true } }),
          { id: 'a', expected: { absent: true }, actual: 1 },
        ],
        ['a removal of what is not there', remove('z'), { id: 'z', expected: undefined }],
      ];
      for (const [title, change, conflict] of refused) {
        it(`refuses ${title}`, async () => {
          expect(await store.write([change])).to.deep.equal({ ok: false, conflicts: [conflict] });
          expect(await everything(store)).to.deep.include({ revision: 1, count: 1 });
        });
      }

      const accepted: [string, Change][] = [
        ['a put that expects the revision it has', put('a', '<n/>', { expect: { revision: 1 } })],
        ['a put that expects nothing where nothing is', put('z', '<n/>', { expect: { absent: true } })],
        ['a put without expectation over a resource', put('a', '<n/>')],
        ['a removal that expects the revision it has', remove('a', { expect: { revision: 1 } })],
      ];
      for (const [title, change] of accepted) {
        it(`accepts ${title}`, async () => {
          expect(await store.write([change])).to.deep.equal({ ok: true, revision: 2 });
        });
      }

      it('applies all changes of a write or none, and names every conflict', async () => {
        const result = await store.write([put('b'), put('a', '<n/>', { expect: { absent: true } }), remove('z'), put('c')]);
        expect(result).to.deep.equal({
          ok: false,
          conflicts: [
            { id: 'a', expected: { absent: true }, actual: 1 },
            { id: 'z', expected: undefined },
          ],
        });
        expect((await everything(store)).resources.map(({ id }) => id)).to.deep.equal(['a']);
        expect(await store.commits(1, 10)).to.deep.equal([]);
      });

      it('lets exactly one of many that expect the same revision through; the others fail alone', async () => {
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, i) => store.write([put('a', `<n>${i}</n>`, { expect: { revision: 1 } })])),
        );
        const bystanders = results.filter(({ ok }) => ok);
        expect(bystanders).to.have.length(1);
        expect(results.filter((result) => !result.ok && result.conflicts[0].actual !== 2)).to.deep.equal([]);
        expect(await store.revision()).to.equal(2);
      });

      it('lets a conflict pass by the writes that were submitted with it', async () => {
        const results = await Promise.all([store.write([put('b')]), store.write([remove('z')]), store.write([put('c')])]);
        expect(results.map(({ ok }) => ok)).to.deep.equal([true, false, true]);
        expect(await store.revision()).to.equal(3);
      });
    });

    describe('commits', () => {
      it('are exact, in order, also of what is replaced or gone since', async () => {
        await store.write([put('a', '<a>1</a>', { meta: 'm' } as Partial<Change>), put('b')]);
        clock = 2000;
        await store.write([put('a', '<a>2</a>'), remove('b')]);
        const shown = (await store.commits(0, 10))?.map(({ revision, at, changes }) => [
          revision,
          at,
          ...changes.map((change) =>
            change.kind === 'remove' ? `-${change.id}` : `${text(change.resource.xml)} ${change.resource.meta} ${change.resource.created}`,
          ),
        ]);
        expect(shown).to.deep.equal([
          [1, 1000, '<a>1</a> m 1', '<b/> undefined 1'],
          [2, 2000, '<a>2</a> undefined 1', '-b'],
        ]);
      });

      it('are read from any revision, as many as asked for', async () => {
        for (let i = 0; i < 10; i++) await store.write([put(`r${i}`)]);
        const revisions = async (after: number, limit: number) => (await store.commits(after, limit))?.map(({ revision }) => revision);
        expect(await revisions(0, 3)).to.deep.equal([1, 2, 3]);
        expect(await revisions(7, 100)).to.deep.equal([8, 9, 10]);
        expect(await revisions(10, 5)).to.deep.equal([]);
        expect(await revisions(3, 0)).to.deep.equal([]);
      });

      it('are undefined to a reader who knows a revision that has not been', async () => {
        await store.write([put('a')]);
        expect(await store.commits(2, 10)).to.equal(undefined);
      });

      it('are the same to a subscriber, to a reader, and in what a reader finds afterwards', async () => {
        const heard: Commit[] = [];
        store.subscribe((commit) => heard.push(commit));
        await store.write([put('a'), put('b')]);
        await store.write([put('a', '<a>2</a>'), remove('b')]);
        const read = (await store.commits(0, 10)) as Commit[];
        expect(heard).to.deep.equal(read);
      });
    });

    describe('bounded history', () => {
      for (const [bound, history] of [
        ['changes', { changes: 20 }],
        ['bytes', { bytes: 2000 }],
      ] as const) {
        it(`keeps about as many ${bound} as configured and tells readers who are too late`, async () => {
          await store.close();
          store = await open(place, { now, history });
          for (let i = 0; i < 200; i++) await store.write([put(`r${i % 7}`, 'x'.repeat(100))]);
          expect(await store.commits(0, 10)).to.equal(undefined);
          expect(await store.commits(150, 10)).to.equal(undefined);
          expect((await store.commits(190, 10))?.map(({ revision }) => revision)).to.deep.equal([
            191, 192, 193, 194, 195, 196, 197, 198, 199, 200,
          ]);
          expect((await everything(store)).count).to.equal(7);
          expect(await findings(store)).to.deep.equal([]);
        });
      }

      it('always keeps the last commit whole', async () => {
        await store.close();
        store = await open(place, { now, history: { changes: 0, bytes: 0 } });
        await store.write([put('a'), put('b'), put('c')]);
        await store.write([put('a'), put('b'), put('c')]);
        expect((await store.commits(1, 10))?.[0].changes).to.have.length(3);
        expect(await store.commits(0, 10)).to.equal(undefined);
      });
    });

    describe('subscribe', () => {
      it('calls in order of revisions, and before the write resolves', async () => {
        const order: string[] = [];
        store.subscribe(({ revision }) => order.push(`heard ${revision}`));
        await Promise.all(
          Array.from({ length: 40 }, async (_, i) => {
            const result = await store.write([put(`r${i}`)]);
            order.push(`done ${result.ok && result.revision}`);
          }),
        );
        const heard = order.filter((line) => line.startsWith('heard'));
        expect(heard).to.deep.equal(Array.from({ length: 40 }, (_, i) => `heard ${i + 1}`));
        for (let r = 1; r <= 40; r++) expect(order.indexOf(`heard ${r}`)).to.be.lessThan(order.indexOf(`done ${r}`));
      });

      it('calls after the commit can be read', async () => {
        let read: Promise<StoredResource | undefined> | undefined;
        store.subscribe(() => {
          read = store.get('a');
        });
        await store.write([put('a')]);
        expect(await read).to.include({ id: 'a', revision: 1 });
      });

      it('stops when told, and does not call for refused writes', async () => {
        let calls = 0;
        const stop = store.subscribe(() => calls++);
        await store.write([put('a')]);
        await store.write([remove('z')]);
        stop();
        await store.write([put('b')]);
        expect(calls).to.equal(1);
      });

      it('lets a listener that throws harm neither the write nor the other listeners', async () => {
        const heard: number[] = [];
        store.subscribe(() => {
          throw new Error('listener');
        });
        store.subscribe(({ revision }) => heard.push(revision));
        expect(await store.write([put('a')])).to.deep.equal({ ok: true, revision: 1 });
        expect(heard).to.deep.equal([1]);
      });
    });

    describe('resources', () => {
      it('come in publication order, which replacements keep and removals do not', async () => {
        await store.write([put('c'), put('a'), put('b')]);
        await store.write([put('d'), put('a', '<a>2</a>')]);
        await store.write([remove('c')]);
        await store.write([put('c')]);
        const { resources } = await everything(store);
        expect(resources.map(({ id, created, createdSeq, revision }) => [id, created, createdSeq, revision])).to.deep.equal([
          ['a', 1, 1, 2],
          ['b', 1, 2, 1],
          ['d', 2, 0, 2],
          ['c', 4, 0, 4],
        ]);
      });

      it('are those of one revision, whatever is written while they are read', async () => {
        const ids = Array.from({ length: 3000 }, (_, i) => `r${i}`);
        await store.write(ids.map((id) => put(id, `<v>0</v>${' '.repeat(1000)}`)));
        const { revision, count, batches } = await store.resources();
        expect([revision, count]).to.deep.equal([1, 3000]);
        const seen: string[] = [];
        let writes = 0;
        for await (const batch of batches) {
          await store.write([put(ids[2999 - writes], '<v>1</v>'), put(`new${writes}`), remove(ids[1500 + writes])]);
          writes++;
          for (const resource of batch) {
            expect(text(resource.xml).slice(0, 8)).to.equal('<v>0</v>');
            seen.push(resource.id);
          }
        }
        expect(writes).to.be.greaterThan(2);
        expect(seen).to.deep.equal(ids);
        expect((await everything(store)).count).to.equal(3000);
      });

      it('may be left in the middle, and read by several at once', async () => {
        await store.write(Array.from({ length: 3000 }, (_, i) => put(`r${i}`, `<v>${'x'.repeat(1000)}</v>`)));
        for await (const batch of (await store.resources()).batches) {
          expect(batch.length).to.be.greaterThan(0);
          break;
        }
        const all = await Promise.all([everything(store), everything(store), everything(store)]);
        expect(all.map(({ resources }) => resources.length)).to.deep.equal([3000, 3000, 3000]);
      });
    });

    describe('life', () => {
      when(supports.durable, 'durable')('finds everything again after it was closed and opened', async () => {
        await store.write([put('a', '<a>1</a>', { meta: 'm' } as Partial<Change>), put('b')]);
        await store.write([remove('b')]);
        const before = [await everything(store), await store.commits(0, 10)];
        await store.close();
        store = await open(place, { now });
        expect([await everything(store), await store.commits(0, 10)]).to.deep.equal(before);
        expect(await store.write([put('c')])).to.deep.equal({ ok: true, revision: 3 });
      });

      it('finishes what was accepted, then refuses everything', async () => {
        const heard: number[] = [];
        store.subscribe(({ revision }) => heard.push(revision));
        const writes = Array.from({ length: 300 }, (_, i) => store.write([put(`r${i}`)]));
        const closed = store.close();
        expect((await refusal(store.write([put('late')]))).code).to.equal('store-unavailable');
        const results = await Promise.all(writes);
        await closed;
        expect(results.every(({ ok }) => ok)).to.equal(true);
        expect(heard).to.have.length(300);
        for (const call of [() => store.get('a'), () => store.revision(), () => store.commits(0, 1), () => store.resources()]) {
          expect((await refusal(call())).code).to.equal('store-unavailable');
        }
        await store.close();
      });

      when(supports.exclusive, 'exclusive')('refuses a second opener while it is open, and not afterwards', async () => {
        await store.write([put('a')]);
        const problem = await refusal(open(place));
        expect(problem.code).to.equal('store-locked');
        expect(problem.message).to.include(String(process.pid));
        await store.write([put('b')]);
        await store.close();
        store = await open(place, { now });
        expect(await store.revision()).to.equal(2);
      });

      when(supports.onlineBackup, 'able to make a backup')('makes a backup as of one revision while it is written', async () => {
        const ids = Array.from({ length: 3000 }, (_, i) => `r${i}`);
        await store.write(ids.map((id) => put(id, `<v>${'x'.repeat(2000)}</v>`)));
        const copy = join(scratch, 'copy');
        const progress: [number, number][] = [];
        let made = false;
        const backup = store
          .backup(copy, (done, total) => progress.push([done, total]))
          .then(() => {
            made = true;
          });
        let writes = 0;
        while (!made) await store.write([put(ids[writes % 3000], `<w>${writes++}</w>`)]);
        await backup;
        expect(writes).to.be.greaterThan(1);
        expect(progress.at(-1)?.[0]).to.equal(progress.at(-1)?.[1]);

        const restored = await open(copy, { now });
        try {
          const revision = await restored.revision();
          expect(await findings(restored)).to.deep.equal([]);
          const missed = (await store.commits(revision, 100_000)) as Commit[];
          expect(missed.map((commit) => commit.revision)).to.deep.equal(
            Array.from({ length: (await store.revision()) - revision }, (_, i) => revision + 1 + i),
          );
          for (const { changes } of missed)
            await restored.write(
              changes.map((change) =>
                change.kind === 'remove' ? change : { kind: 'put', id: change.resource.id, xml: change.resource.xml },
              ),
            );
          const plain = ({ resources }: { resources: StoredResource[] }) =>
            resources.map(({ id, xml, revision, created }) => [id, text(xml), revision, created]);
          expect(plain(await everything(restored))).to.deep.equal(plain(await everything(store)));
        } finally {
          await restored.close();
        }
      });

      when(supports.onlineBackup, 'able to make a backup')('refuses to make a backup over anything', async () => {
        const copy = join(scratch, 'copy');
        await store.backup(copy);
        expect((await refusal(store.backup(copy))).code).to.equal('conflict');
        expect((await refusal(store.backup(place))).code).to.equal('conflict');
      });
    });

    storeProperties(() => store);
  });
}
