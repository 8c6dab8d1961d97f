import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Columns,
  createColumns,
  deadFraction,
  publish,
  putResources,
  restoreColumns,
  snapshotParts,
  startCompaction,
} from '../../../src/discovery/columns/index.js';
import { commit, createModel, type Model, modelReading, readEverything, sampleHistory } from './history.js';
import { readRow } from './read-everything.js';
import { expectedRows } from './sample-resources.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);

function build(
  history: Parameters<typeof commit>[2][],
  columns: Columns = createColumns(),
  model: Model = createModel(),
): { columns: Columns; model: Model } {
  for (const changes of history) commit(model, columns, changes);
  return { columns, model };
}

function agrees(columns: Columns, model: Model): void {
  expect(readEverything(columns)).to.deep.equal(modelReading(model, columns));
}

describe(`columns beside a model of the directory (FACETRY_SEED=${seed})`, () => {
  it('show at every past revision what was published then, byte by byte and in order', () => {
    fc.assert(
      fc.property(sampleHistory, (history) => {
        const { columns, model } = build(history);
        agrees(columns, model);
        for (let revision = 0; revision <= model.revision; revision++) {
          for (const { id } of model.versions) {
            const version = model.versions.find((one) => one.id === id && one.born <= revision && one.died > revision);
            const slot = columns.slots.find(id, revision);
            expect(slot === -1 ? undefined : columns.slots.born(slot)).to.equal(version?.born);
          }
        }
        expect(columns.slots.find('nobody', model.revision)).to.equal(-1);
        expect(columns.allAlive).to.equal(model.versions.every(({ died }) => died === Number.POSITIVE_INFINITY));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('have the rows that the contract draws', () => {
    fc.assert(
      fc.property(sampleHistory, (history) => {
        const { columns } = build(history);
        let slot = 0;
        for (const change of history.flat()) {
          if (change.kind === 'remove') continue;
          const first = columns.slots.row(slot++);
          const expected = expectedRows(change.tree, first);
          expect(expected.map((_, i) => readRow(columns, first + i))).to.deep.equal(expected);
        }
        expect(slot).to.equal(columns.slots.count);
      }),
      { seed, numRuns: 40 },
    );
  });

  it('are the same when they are rebuilt from what a store lists', () => {
    fc.assert(
      fc.property(sampleHistory, (history) => {
        const { columns, model } = build(history);
        const rebuilt = createColumns();
        const open = model.versions
          .filter(({ died }) => died === Number.POSITIVE_INFINITY)
          .sort((a, b) => a.created - b.created || a.createdSeq - b.createdSeq);
        putResources(
          rebuilt,
          open.map(({ id, xml, born, created, createdSeq }) => ({
            id,
            xml: Buffer.from(xml),
            revision: born,
            created,
            createdSeq,
            createdAt: 0,
            modifiedAt: 0,
          })),
        );
        expect(rebuilt.slots.count, 'nothing is seen before it is published').to.equal(open.length === 0 ? 0 : rebuilt.slots.count);
        publish(rebuilt, model.revision);
        expect(rebuilt.orderIsRowOrder && rebuilt.allAlive).to.equal(true);
        expect(readEverything(rebuilt).resources.at(-1)).to.deep.equal(readEverything(columns).resources.at(-1));
        for (const { id } of open) {
          const ordinals = [columns, rebuilt].map(({ slots }) => slots.ordinal(slots.find(id, model.revision)));
          expect(ordinals[0]).to.equal(ordinals[1]);
        }
      }),
      { seed, numRuns: 30 },
    );
  });

  it('come back from a snapshot, and go on from there', async () => {
    await fc.assert(
      fc.asyncProperty(sampleHistory, sampleHistory, async (before, after) => {
        const { columns, model } = build(before);
        const { header, parts } = snapshotParts(columns);
        // the bytes are read only after more has been committed, as a slow disk would have it
        const bytesThen = parts.map(({ bytes: part }) => Buffer.from(part).toString('latin1'));
        const copy = createModel();
        const then = build(before, createColumns(), copy).model;
        build(after, columns, model);
        const bytes = new Map(parts.map(({ name, bytes: part }) => [name, part.slice()]));
        expect(parts.map(({ bytes: part }) => Buffer.from(part).toString('latin1'))).to.deep.equal(bytesThen);
        const restored = await restoreColumns({
          header: JSON.parse(JSON.stringify(header)),
          read: (name, into) => into.set(bytes.get(name) as Uint8Array),
          rest: () => undefined,
        });
        if (!restored.ok) throw new Error(restored.reason);
        agrees(restored.columns, then);
        expect(deadFraction(restored.columns)).to.equal(deadFraction(build(before).columns));
        agrees(build(after, restored.columns, then).columns, then);
      }),
      { seed, numRuns: 40 },
    );
  });

  it('are the same after compaction, with commits between its steps', () => {
    fc.assert(
      fc.property(sampleHistory, sampleHistory, fc.nat(5), (before, meanwhile, pace) => {
        const { columns, model } = build(before);
        let now = 0;
        const compaction = startCompaction(columns, () => now++);
        const waiting = [...meanwhile];
        while (!compaction.step(pace)) {
          const next = waiting.shift();
          if (next !== undefined) commit(model, columns, next);
        }
        const fresh = compaction.columns;
        expect(fresh.revision).to.equal(model.revision);
        expect(fresh.base).to.equal(model.revision);
        agrees(fresh, model);
        expect(fresh.slots.count).to.be.at.most(columns.slots.count);
        build(waiting, fresh, model);
        agrees(fresh, model);
      }),
      { seed, numRuns: 60 },
    );
  });
});
