/**
 * Our engine alone, no HTTP, in a process of its own: `side-facetry.ts SIZE`. It runs what `npm run build` made, because
 * a loader that compiles on the fly wraps functions and so measures something else.
 */
import type * as Columns from '../../src/discovery/columns/index.js';
import type { CompileOptions } from '../../src/discovery/engine.js';
import type * as Discovery from '../../src/discovery/index.js';
import type * as Xml from '../../src/xml/index.js';
import { openCorpus, SIZES, type SizeName } from './corpus.js';
import type { OursTime } from './results.js';
import { expectCount } from './side-basex.js';
import { median, sample } from './statistics.js';

const { compile } = (await import('../../dist/discovery/index.js' as string)) as typeof Discovery;
const columnsRoom = (await import('../../dist/discovery/columns/index.js' as string)) as typeof Columns;
const { createXmlPool } = (await import('../../dist/xml/index.js' as string)) as typeof Xml;

const size = process.argv[2] as SizeName;
const corpus = await openCorpus();
const documents = await canonical(SIZES[size]);
const options: CompileOptions = { namespaces: new Map(Object.entries(corpus.namespaces)) };

/** Documents → columns. Nothing is memoised in them yet. */
function load(list: readonly Uint8Array[]): Columns.Columns {
  const columns = columnsRoom.createColumns();
  for (let k = 0; k < list.length; k++) {
    columnsRoom.putResource(columns, list[k] as Uint8Array, { revision: 1, created: 1, createdSeq: k, createdAt: 0, modifiedAt: 0 });
  }
  columnsRoom.publish(columns, 1);
  return columns;
}

function evaluate(columns: Columns.Columns, compiled: Discovery.Compiled): number {
  const value = compiled.evaluate({ columns, revision: columns.revision }, {});
  if (value.type !== 'nodeset') throw new Error(`${compiled.text} is no node-set`);
  return value.nodes.length;
}

// Code is warm before anything is timed: as much of the corpus as there is, at most a thousand documents.
const small = load(documents.slice(0, 1_000));
for (let round = 0; round < 30; round++) for (const query of corpus.queries) evaluate(small, compile(query.xpath, options));

const shredTimes: number[] = [];
const cold = new Map<string, number[]>(corpus.queries.map(({ name }) => [name, []]));
let columns = small;
for (let round = 0; round < 3; round++) {
  const start = performance.now();
  columns = load(documents);
  shredTimes.push(performance.now() - start);
  for (const query of corpus.queries) {
    const compiled = compile(query.xpath, options);
    const began = performance.now();
    evaluate(columns, compiled);
    cold.get(query.name)?.push(performance.now() - began);
  }
}

const times: OursTime[] = [];
for (const query of corpus.queries) {
  const compiled = compile(query.xpath, options);
  const count = evaluate(columns, compiled);
  expectCount('facetry', query, size, count);
  const ms = await perRun(() => evaluate(columns, compiled));
  const compileMs = await perRun(() => compile(query.xpath, options));
  times.push({ name: query.name, count, ms, compileMs, coldMs: median(cold.get(query.name) ?? []) });
}
process.send?.({
  xmlBytes: documents.reduce((sum, document) => sum + document.length, 0),
  times,
  columns: { bytes: byteSize(columns), shredPerSecond: documents.length / (median(shredTimes) / 1_000) },
});
process.disconnect?.();

/** Median ms of one run, over batches long enough for the clock. */
async function perRun(work: () => unknown): Promise<number> {
  const start = performance.now();
  work();
  const batch = Math.max(1, Math.min(1_000, Math.ceil(0.5 / Math.max(0.000_5, performance.now() - start))));
  const batches = await sample(
    () => {
      for (let k = 0; k < batch; k++) work();
    },
    { least: 7, most: 101, ms: 250 },
  );
  return median(batches) / batch;
}

/** The corpus as the directory would store it. */
async function canonical(count: number): Promise<Uint8Array[]> {
  const pool = await createXmlPool({ schemas: [] });
  const encoder = new TextEncoder();
  const all: Uint8Array[] = [];
  for (let start = 0; start < count; start += 1_000) {
    const pieces = Array.from({ length: Math.min(1_000, count - start) }, (_, k) => ({
      bytes: encoder.encode(corpus.document(start + k)),
    }));
    for (const result of await pool.readMany(pieces)) {
      if (!result.ok) throw result.problem;
      all.push(encoder.encode(result.resource.xml));
    }
  }
  await pool.close();
  return all;
}

/** All that the columns hold, indexes and memos included: what is allocated, not what is in use. */
function byteSize(of: Columns.Columns): number {
  const { header, buffers } = columnsRoom.shareColumns(of);
  return Object.values(buffers).reduce((sum, buffer) => sum + buffer.byteLength, header.byteLength);
}
