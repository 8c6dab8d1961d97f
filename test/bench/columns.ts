/**
 * What the columns cost: node --import tsx test/bench/columns.ts FILE [RESOURCES]
 * FILE holds one canonical resource a line. Times are wall time, and in brackets CPU time of this process (for busy machines).
 */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateOf } from '../../src/discovery/columns/columns.js';
import {
  attachColumns,
  type Columns,
  createColumns,
  createOutput,
  deadFraction,
  publish,
  putResource,
  removeResource,
  restoreColumns,
  serializeNode,
  shareColumns,
  snapshotParts,
  startCompaction,
  writeNode,
} from '../../src/discovery/columns/index.js';
import { FACTS, LABEL, NAME, POSTING, SLOT, STRING, Word } from '../../src/discovery/columns/state.js';

const [file, most = '100000'] = process.argv.slice(2);
if (file === undefined) throw new Error('Which file? One resource a line.');
const resources = linesOf(readFileSync(file), Number(most));
const xmlBytes = resources.reduce((sum, xml) => sum + xml.length, 0);
say('resources', `${resources.length}, ${mb(xmlBytes)} of XML`);

const columns = createColumns();
const shredding = measure(() => {
  for (const [createdSeq, xml] of resources.entries())
    putResource(columns, xml, { revision: 1, created: 1, createdSeq, createdAt: 0, modifiedAt: 0 });
  publish(columns, 1);
});
say(
  'shred',
  `${Math.round(resources.length / (shredding.wall / 1000))} resources/s (${Math.round(resources.length / (shredding.cpu / 1000))} per CPU second), ${columns.rows.count} rows, ${columns.strings.count} strings, ${columns.labels.count} labels`,
);
memory(columns);

const view = { columns, revision: 1 };
for (let round = 0; round < 2; round++) {
  const one = measure(() => {
    for (let slot = 0; slot < columns.slots.count; slot++) serializeNode(view, columns.slots.row(slot) * 2);
  });
  say('serialise', `${micro(one, resources.length)} a resource`);
}
const together = measure(() => {
  const out = createOutput();
  for (let slot = 0; slot < columns.slots.count; slot++) {
    if (out.length > 1e6) out.length = 0;
    writeNode(out, view, columns.slots.row(slot) * 2);
  }
});
say('serialise into one buffer', `${micro(together, resources.length)} a resource`);

const template = labelOf(columns, ['resource', 'implementation', 'template']);
for (const needle of ['nvidia-driver-535', 'kafka', 'zz', 'no such text']) {
  const times: number[] = [];
  let found = 0;
  for (let round = 0; round < 7; round++) {
    found = 0;
    const { wall } = measure(() => {
      const matches = columns.strings.matcher('contains', needle);
      for (const { data } of columns.labels.values(template)) for (let i = 0; i < data.length; i++) if (matches(data[i])) found++;
    });
    times.push(wall);
  }
  const sorted = [...times].sort((a, b) => a - b);
  say(
    `contains '${needle}'`,
    `${found} of ${columns.labels.rowCount(template)} templates; first ${ms(times[0])}, median ${ms(sorted[3])}, best ${ms(sorted[0])}`,
  );
}

const handles = measure(() => {
  for (let i = 0; i < 1000; i++) attachColumns(shareColumns(columns));
});
say('attach', micro(handles, 1000));

await snapshot();

for (let slot = 0; slot < resources.length; slot += 3) removeResource(columns, idOf(resources[slot]), 2);
publish(columns, 2);
const dead = deadFraction(columns);
let worst = 0;
let steps = 0;
const compaction = startCompaction(columns, () => performance.now());
const compacting = measure(() => {
  for (let done = false; !done; steps++) {
    const { wall } = measure(() => {
      done = compaction.step(3);
    });
    worst = Math.max(worst, wall);
  }
});
say(
  'compaction',
  `${ms(compacting.wall)} (${ms(compacting.cpu)}) in ${steps} steps of 3 ms, the longest ${ms(worst)}, with ${Math.round(dead * 100)} % dead`,
);

async function snapshot(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'columns-'));
  try {
    let parts = snapshotParts(columns);
    const taking = measure(() => {
      parts = snapshotParts(columns);
    });
    const path = join(folder, 'snapshot');
    const writing = measure(() => {
      const descriptor = openSync(path, 'w');
      for (const { bytes } of parts.parts) for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      closeSync(descriptor);
    });
    say(
      'snapshot',
      `${ms(taking.wall)} to take, ${ms(writing.wall)} to write ${mb(parts.parts.reduce((sum, { bytes }) => sum + bytes.length, 0))}`,
    );
    for (let round = 0; round < 2; round++) {
      const descriptor = openSync(path, 'r');
      const before = { wall: performance.now(), cpu: process.cpuUsage() };
      const restored = await restoreColumns({
        header: JSON.parse(JSON.stringify(parts.header)),
        read(_name, into) {
          for (let at = 0; at < into.length; ) at += readSync(descriptor, into, at, into.length - at, null);
        },
        rest: () => undefined,
      });
      const cpu = process.cpuUsage(before.cpu);
      closeSync(descriptor);
      say(
        'restore',
        `${restored.ok ? '' : restored.reason} ${ms(performance.now() - before.wall)} (${ms((cpu.user + cpu.system) / 1000)})`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function memory(of: Columns): void {
  const { ends, header } = stateOf(of);
  const bytes = {
    rows: ends.rows * 16,
    heap: ends.heap,
    strings: ends.strings * (STRING * 4 + 1 + 8) + header[Word.stringBuckets] * 4,
    signatures: ends.signatures * 4,
    'label rows': ends.runs * 4,
    postings: ends.postings * POSTING * 4 + header[Word.postingBuckets] * 4,
    'names and labels': ends.names * NAME * 4 + ends.labels * LABEL * 4,
    slots: ends.slots * (SLOT * 4 + FACTS * 8) + header[Word.slotBuckets] * 4,
  };
  const total = Object.values(bytes).reduce((sum, one) => sum + one, 0);
  say(
    'memory',
    `${mb(total)}, ${(total / xmlBytes).toFixed(3)} of the XML: ${Object.entries(bytes)
      .map(([name, one]) => `${name} ${mb(one)}`)
      .join(', ')}`,
  );
}

function labelOf(of: Columns, path: readonly string[]): number {
  let label = 0;
  for (const local of path) {
    label = of.labels.firstChild(label);
    while (label !== 0 && of.names.local(of.labels.name(label)) !== local) label = of.labels.nextSibling(label);
  }
  return label;
}

function idOf(xml: Uint8Array): string {
  return /id="([^"]*)"/.exec(Buffer.from(xml).toString())?.[1] ?? '';
}

function linesOf(bytes: Buffer, count: number): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length && lines.length < count; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end > start) lines.push(bytes.subarray(start, end));
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
}

function measure(work: () => void): { readonly wall: number; readonly cpu: number } {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - wall, cpu: (user + system) / 1000 };
}

function micro(time: { readonly wall: number; readonly cpu: number }, count: number): string {
  return `${((time.wall / count) * 1000).toFixed(1)} µs (${((time.cpu / count) * 1000).toFixed(1)})`;
}

function ms(time: number): string {
  return `${time.toFixed(time < 10 ? 2 : 0)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function say(what: string, result: string): void {
  console.log(`${what.padEnd(28)} ${result}`);
}
