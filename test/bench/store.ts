/**
 * The embedded store alone: durable commits of documents of 2.4 KB by 1, 8 and 64 writers that each wait for their answer,
 * bulk writes, replacements, a full read, and how long the callers' thread was kept from its other work meanwhile.
 * Run: `node --import tsx test/bench/store.ts [folder]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Change } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { quantile } from './statistics.js';

const BULK = 100_000;
const BULK_WRITE = 1000;
const DOCUMENT = 2400;

const scratch = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'facetry-bench-'));
const loop = monitorEventLoopDelay({ resolution: 1 });
let groups: number[] = [];

let start = performance.now();
const store = await openStore(`embedded:${join(scratch, 'store')}`, {
  observe: (event) => {
    if (event.kind === 'group') groups.push(event.writes);
  },
});
row('open, empty', `${seconds(start)} s`);
try {
  for (const [writers, writes] of [
    [1, 4000],
    [8, 24_000],
    [64, 64_000],
  ] as const) {
    await commits(`create, ${writers} writers`, writers, writes, (n) => ({ kind: 'put', id: `w${writers}-${n}`, xml: document(n) }));
  }
  await commits('replace, 8 writers', 8, 24_000, (n) => ({ kind: 'put', id: `w64-${(n * 7919) % 64_000}`, xml: document(n) }));

  start = performance.now();
  for (let n = 0; n < BULK; n += BULK_WRITE) {
    await store.write(Array.from({ length: BULK_WRITE }, (_, i): Change => ({ kind: 'put', id: `bulk-${n + i}`, xml: document(n + i) })));
  }
  row(`bulk, ${BULK} documents in writes of ${BULK_WRITE}`, `${seconds(start)} s`);

  start = performance.now();
  let count = 0;
  for await (const batch of (await store.resources()).batches) count += batch.length;
  row(`full read of ${count}`, `${seconds(start)} s, ${((performance.now() - start) * (100 / count)).toFixed(2)} s per 100 000`);
} finally {
  start = performance.now();
  await store.close();
  row('close', `${seconds(start)} s`);
  rmSync(scratch, { recursive: true, force: true });
}

async function commits(title: string, writers: number, writes: number, change: (n: number) => Change): Promise<void> {
  const times: number[] = [];
  let next = 0;
  groups = [];
  loop.reset();
  loop.enable();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      while (next < writes) {
        const began = performance.now();
        await store.write([change(next++)]);
        times.push(performance.now() - began);
      }
    }),
  );
  const rate = Math.round((times.length / (performance.now() - start)) * 1000);
  loop.disable();
  const ms = (q: number) => quantile(times, q).toFixed(2);
  const shared = (times.length / groups.length).toFixed(1);
  row(
    title,
    `${rate} commits/s, ${shared} a sync, ms p50 ${ms(0.5)} p99 ${ms(0.99)} max ${ms(1)}, event loop p99 ${(loop.percentile(99) / 1e6).toFixed(1)}`,
  );
}

function document(n: number): Uint8Array {
  const bytes = new Uint8Array(DOCUMENT).fill(32);
  new TextEncoder().encodeInto(`<r>${n} ${Math.sin(n)}</r>`, bytes);
  return bytes;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(2);
}

function row(title: string, figures: string): void {
  console.log(`${title.padEnd(44)} ${figures}`);
}
