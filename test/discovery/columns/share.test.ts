import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import fc from 'fast-check';
import { stateOf } from '../../../src/discovery/columns/columns.js';
import { attachColumns, createAppender, createColumns, publish, putResource, shareColumns } from '../../../src/discovery/columns/index.js';
import { slotAt } from '../../../src/discovery/columns/slots.js';
import { findBytes, internText } from '../../../src/discovery/columns/strings.js';
import { startWorker } from '../../../src/thread/worker.js';
import type { ReaderRequest } from './attached-reader.js';
import { commit, createModel, modelReading, type Reading, readEverything, sampleHistory } from './history.js';

const seed = Number(process.env.FACETRY_SEED ?? Date.now() % 2 ** 31);

describe('columns in another thread', () => {
  let worker: Worker;
  before(() => {
    worker = startWorker(new URL('./attached-reader.js', import.meta.url));
  });
  after(() => worker.terminate());

  async function ask(request: ReaderRequest): Promise<unknown> {
    worker.postMessage(request);
    const [answer] = await once(worker, 'message');
    return answer;
  }

  it(`read the same as here; what comes later they see after a refresh (FACETRY_SEED=${seed})`, async () => {
    await fc.assert(
      fc.asyncProperty(sampleHistory, sampleHistory, async (before, after) => {
        const columns = createColumns();
        const model = createModel();
        for (const changes of before) commit(model, columns, changes);
        await ask({ kind: 'attach', columns: shareColumns(columns) });
        const then = modelReading(model, columns);
        expect(await ask({ kind: 'read' })).to.deep.equal(then);
        for (const changes of after) commit(model, columns, changes);
        expect(await ask({ kind: 'read' }), 'nothing changes under a reader').to.deep.equal(then);
        await ask({ kind: 'refresh' });
        expect(await ask({ kind: 'read' })).to.deep.equal(readEverything(columns) satisfies Reading);
      }),
      { seed, numRuns: 20 },
    );
  });

  it('miss nothing while the writer adds and splits buckets', async function () {
    this.timeout(30_000);
    const resources = 30_000;
    const columns = createColumns();
    await ask({ kind: 'attach', columns: shareColumns(columns) });
    const hunt = ask({ kind: 'hunt', until: resources });
    for (let k = 0; k < resources; k++) {
      putResource(columns, Buffer.from(`<r id="id-${k}"><t>text ${k}</t><c>common</c></r>`), {
        revision: k + 1,
        created: k + 1,
        createdSeq: 0,
        createdAt: 0,
        modifiedAt: 0,
      });
      publish(columns, k + 1);
      if (k % 1000 === 0) await setImmediate();
    }
    const { looks, missed } = (await hunt) as { looks: number; missed: string[] };
    expect(missed).to.deep.equal([]);
    expect(looks).to.be.above(1000);
  });

  it('are not for a plain document', () => {
    expect(() => shareColumns(createColumns({ size: 'document' }))).to.throw('stay in their thread');
  });
});

/** Runs `search` with `meanwhile` between its first look into a hash directory and all that follows: the worst moment for a split. */
function interrupted<T>(search: () => T, meanwhile: () => void): T {
  const { load } = Atomics;
  let looks = 0;
  Atomics.load = ((array: Uint32Array, index: number) => {
    const value = load(array, index);
    // version, number of buckets, bucket: after the third look the reader stands before the first entry
    if (++looks === 3) meanwhile();
    return value;
  }) as typeof load;
  try {
    return search();
  } finally {
    Atomics.load = load;
  }
}

describe('attached columns', () => {
  it('find a string although buckets are split between their steps', () => {
    for (let trial = 0; trial < 100; trial++) {
      const columns = createColumns({ seed: trial });
      const state = stateOf(columns);
      for (let i = 0; i < 100; i++) internText(state, `known ${i}`);
      publish(columns, 1);
      const attached = attachColumns(shareColumns(columns));
      const text = Buffer.from(`known ${trial}`);
      const found = interrupted(
        () => findBytes(stateOf(attached), text, 0, text.length),
        () => {
          for (let more = 0; more < 300; more++) internText(state, `more ${more}`);
        },
      );
      expect(found, `trial ${trial}`).to.equal(trial + 1);
    }
  });

  it('find a resource although buckets are split between their steps', () => {
    const columns = createColumns();
    let revision = 0;
    const put = (id: string) => {
      putResource(columns, Buffer.from(`<r id="${id}">x</r>`), {
        revision: ++revision,
        created: revision,
        createdSeq: 0,
        createdAt: 0,
        modifiedAt: 0,
      });
      publish(columns, revision);
    };
    for (let i = 0; i < 300; i++) put(`known ${i}`);
    const attached = attachColumns(shareColumns(columns));
    const ids = Array.from({ length: 300 }, (_, i) => columns.strings.find(`known ${i}`));
    let more = 0;
    const found = ids.map((id) =>
      interrupted(
        () => slotAt(stateOf(attached), id, 300),
        () => {
          for (const target = more + 60; more < target; more++) put(`more ${more}`);
        },
      ),
    );
    expect(found).to.deep.equal(ids.map((_, i) => i));
  });

  it('see a resource only once it is published', () => {
    const columns = createColumns();
    const attached = attachColumns(shareColumns(columns));
    putResource(columns, Buffer.from('<r id="1">x</r>'), { revision: 1, created: 1, createdSeq: 0, createdAt: 0, modifiedAt: 0 });
    const state = () => [
      attached.revision,
      attached.rows.count,
      attached.slots.count,
      attached.labels.firstChild(0),
      attached.slots.find('1', 1),
      attached.strings.find('x'),
    ];
    attached.refresh();
    expect(state()).to.deep.equal([0, 1, 0, 0, -1, -1]);
    publish(columns, 1);
    expect(state()).to.deep.equal([0, 1, 0, 0, -1, -1]);
    attached.refresh();
    expect(state()).to.deep.equal([1, 4, 1, 1, 0, columns.strings.find('x')]);
  });

  it('keep up with arrays that grow far beyond what they attached to', () => {
    const columns = createColumns();
    const attached = attachColumns(shareColumns(columns));
    const document = createAppender(columns);
    document.startElement('', '', 'r');
    for (let i = 0; i < 50_000; i++) {
      document.startElement('', '', 'e');
      document.text(`text ${i}`);
      document.endElement();
    }
    document.endElement();
    document.end(1);
    // not refreshed yet, it meets entries beyond its views, and must neither fail nor believe them
    for (let i = 0; i < 50_000; i += 7) if (attached.strings.find(`text ${i}`) !== -1) throw new Error(`text ${i}`);
    attached.refresh();
    for (let i = 0; i < 50_000; i++)
      if (attached.strings.find(`text ${i}`) !== columns.strings.find(`text ${i}`)) throw new Error(`text ${i}`);
    expect(attached.rows.data.subarray(0, attached.rows.count)).to.deep.equal(columns.rows.data.subarray(0, columns.rows.count));
  });
});
