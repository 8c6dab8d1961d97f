/**
 * Random writers against the simple twin. Whatever order a store gives to writes submitted together, it must be one that the
 * twin agrees with: its commits, replayed one by one, are accepted and lead to the same state; and a write that it refused
 * conflicts with a state that has been.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Change, Commit, Expectation } from '../../src/model/index.js';
import type { Store, WriteResult } from '../../src/store/index.js';
import { openMemory } from '../../src/store/memory/memory-store.js';
import { seedFrom } from '../servers/random.js';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const WRITERS = 8;

/** How a writer comes to its expectation: from what it has read, from nothing, or wrongly. */
type Guess = 'none' | 'as read' | 'absent' | 'wrong';
type Wish = { readonly id: string; readonly remove: boolean; readonly guess: Guess; readonly size: number };

const wish: fc.Arbitrary<Wish> = fc.record({
  id: fc.constantFrom(...IDS),
  remove: fc.boolean(),
  guess: fc.constantFrom<Guess>('none', 'none', 'as read', 'as read', 'as read', 'absent', 'wrong'),
  size: fc.integer({ min: 0, max: 3000 }),
});
const write = fc.uniqueArray(wish, { minLength: 1, maxLength: 3, selector: ({ id }) => id });
const round = fc.array(write, { minLength: 1, maxLength: WRITERS });

export function storeProperties(current: () => Store): void {
  const seed = seedFrom('FACETRY_SEED');

  it(`agrees with its simple twin under concurrent writers (FACETRY_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 25 }), async (rounds) => {
        const store = current();
        const before = await store.revision();
        const twin = await twinOf(store, before);
        const submitted: { readonly changes: readonly Change[]; readonly result: WriteResult }[] = [];
        for (const writes of rounds) {
          await Promise.all(
            writes.map(async (wishes) => {
              const changes = await Promise.all(wishes.map((one) => changeOf(store, one)));
              submitted.push({ changes, result: await store.write(changes) });
            }),
          );
        }
        await compare(store, twin, before, submitted);
      }),
      { seed, numRuns: 12 },
    );
  });
}

/** A twin with the same resources; its revisions count from 1, so they are compared through their distance. */
async function twinOf(store: Store, revision: number): Promise<{ twin: Store; revisionOf: Map<string, number> }> {
  const twin = openMemory({ now: () => 0 });
  const revisionOf = new Map<string, number>();
  for await (const batch of (await store.resources()).batches) {
    for (const { id, xml, revision: written } of batch) {
      await twin.write([{ kind: 'put', id, xml }]);
      revisionOf.set(id, written);
    }
  }
  expect(Math.max(0, ...revisionOf.values())).to.be.at.most(revision);
  return { twin, revisionOf };
}

async function changeOf(store: Store, { id, remove, guess, size }: Wish): Promise<Change> {
  const read = guess === 'as read' ? await store.get(id) : undefined;
  const expect: Expectation | undefined =
    guess === 'none'
      ? undefined
      : guess === 'wrong'
        ? { revision: 999_999 }
        : read === undefined
          ? { absent: true }
          : { revision: read.revision };
  const rest = expect === undefined ? {} : { expect };
  return remove ? { kind: 'remove', id, ...rest } : { kind: 'put', id, xml: new Uint8Array(size).fill(size % 256), ...rest };
}

async function compare(
  store: Store,
  { twin, revisionOf }: { twin: Store; revisionOf: Map<string, number> },
  before: number,
  submitted: readonly { readonly changes: readonly Change[]; readonly result: WriteResult }[],
): Promise<void> {
  const accepted = submitted.filter(({ result }) => result.ok).sort((a, b) => revisionIn(a.result) - revisionIn(b.result));
  expect(accepted.map(({ result }) => revisionIn(result))).to.deep.equal(
    accepted.map((_, i) => before + 1 + i),
    'revisions are gapless',
  );
  const commits = (await store.commits(before, accepted.length + 1)) as readonly Commit[];
  expect(commits.map(({ revision }) => revision)).to.deep.equal(accepted.map(({ result }) => revisionIn(result)));

  // every revision each resource has been at: what a refused writer may have met
  const met = new Map(IDS.map((id) => [id, new Set([revisionOf.get(id)])]));
  for (const [i, { changes, result }] of accepted.entries()) {
    const own = changes.map((change) => {
      const known = revisionOf.get(change.id);
      if (change.expect !== undefined)
        expect('absent' in change.expect ? undefined : change.expect.revision).to.equal(known, 'an accepted expectation held');
      return { ...change, expect: undefined };
    });
    expect(await twin.write(own as Change[])).to.include({ ok: true });
    expect(commits[i].changes.map((change) => (change.kind === 'put' ? change.resource.id : change.id))).to.deep.equal(
      changes.map(({ id }) => id),
    );
    for (const { kind, id } of changes) {
      if (kind === 'put') revisionOf.set(id, revisionIn(result));
      else revisionOf.delete(id);
      met.get(id)?.add(revisionOf.get(id));
    }
  }
  for (const { changes, result } of submitted) {
    if (result.ok) continue;
    expect(result.conflicts).not.to.have.length(0);
    for (const { id, expected, actual } of result.conflicts) {
      expect(met.get(id)?.has(actual)).to.equal(true, `${id} has been at ${actual}`);
      // what is not there cannot be removed, whatever was expected
      const absent = actual === undefined && changes.some((change) => change.id === id && change.kind === 'remove');
      if (expected !== undefined && !absent) expect('absent' in expected ? undefined : expected.revision).not.to.equal(actual);
    }
  }
  expect(await state(store)).to.deep.equal(await state(twin));
  const now = new Map((await all(store)).map(({ id, revision }) => [id, revision]));
  expect([...now].sort()).to.deep.equal([...revisionOf].sort());
}

const revisionIn = (result: WriteResult) => (result.ok ? result.revision : Number.NaN);

async function all(store: Store) {
  const found = [];
  for await (const batch of (await store.resources()).batches) found.push(...batch);
  return found;
}

/** ids in publication order with a digest of what they hold */
async function state(store: Store): Promise<string[]> {
  return (await all(store)).map(({ id, xml }) => `${id} ${xml.byteLength} ${xml[0]}`);
}
