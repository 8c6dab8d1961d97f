/**
 * The engine alone: the corpus' 14 queries over columns of growing size. Counts are held against the expected ones.
 *
 *     npx tsx test/bench/engine.ts CORPUS.ndxml [1k,10k,100k] [--hostile] [--explain]
 *
 * cold: the first evaluation over these columns by an engine that is warm (no number or string has been asked about before);
 * warm: the median of the following ones.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Columns, compile, createColumns, publish, putResource, type View } from '../../src/discovery/index.js';
import { Problem } from '../../src/model/index.js';
import { type CorpusQuery, corpusMissing, openCorpus, SIZES, type SizeName } from './corpus.js';
import { median } from './statistics.js';

const HOSTILE = new URL('../../../shared/hostile/xpath-hostile.json', import.meta.url);

async function load(file: string, most: number): Promise<Columns> {
  const columns = createColumns();
  const lines = createInterface({ input: createReadStream(file) });
  let count = 0;
  for await (const line of lines) {
    if (count >= most) break;
    count++;
    putResource(columns, Buffer.from(line), { revision: 1, created: 1, createdSeq: count, createdAt: 0, modifiedAt: 0 });
  }
  publish(columns, 1);
  return columns;
}

function textOf(query: CorpusQuery): string {
  return query.result === 'count' ? `count(${query.xpath})` : query.xpath;
}

function evaluateOnce(text: string, namespaces: ReadonlyMap<string, string>, view: View): { count: number; ms: number } {
  const compiled = compile(text, { namespaces });
  const start = performance.now();
  const value = compiled.evaluate(view, {});
  const ms = performance.now() - start;
  return { count: value.type === 'nodeset' ? value.nodes.length : Number(value.value), ms };
}

function measure(
  text: string,
  namespaces: ReadonlyMap<string, string>,
  view: View,
): { count: number; cold: number; warm: number; compileMs: number } {
  const startCompile = performance.now();
  const compiled = compile(text, { namespaces });
  const compileMs = performance.now() - startCompile;
  const times: number[] = [];
  let count = 0;
  for (let i = 0; i < 31; i++) {
    const start = performance.now();
    const value = compiled.evaluate(view, {});
    times.push(performance.now() - start);
    count = value.type === 'nodeset' ? value.nodes.length : Number(value.value);
  }
  return { count, cold: times[0], warm: median(times.slice(1)), compileMs };
}

function explain(text: string, namespaces: ReadonlyMap<string, string>, view: View): void {
  for (const { depth, operator, estimated, actual, ms } of compile(text, { namespaces }).explain(view, {}).plan) {
    console.log(`      ${'  '.repeat(depth)}${operator}  est ${estimated ?? '-'}  got ${actual ?? '-'}  ${ms} ms`);
  }
}

function hostile(namespaces: ReadonlyMap<string, string>, view: View): void {
  const cases = JSON.parse(readFileSync(HOSTILE, 'utf8')) as { xpath: string; attacks: string; expect: string }[];
  for (const { xpath, attacks, expect } of cases) {
    const start = performance.now();
    let outcome: string;
    try {
      const value = compile(xpath, { namespaces }).evaluate(view, { now: 0 });
      outcome = value.type === 'nodeset' ? `${value.nodes.length} nodes` : `${value.type} ${String(value.value).slice(0, 30)}`;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      outcome = `${error.code}: ${error.message.slice(0, 70)}`;
    }
    const ms = performance.now() - start;
    console.log(
      `${ms.toFixed(1).padStart(9)} ms  ${xpath.slice(0, 40).padEnd(40)} ${attacks.slice(0, 36).padEnd(36)} ${outcome}   [wanted: ${expect}]`,
    );
  }
}

async function main(): Promise<void> {
  const [file, sizes = '1k,10k,100k', ...flags] = process.argv.slice(2);
  const missing =
    corpusMissing() ??
    (file !== undefined && existsSync(file) ? undefined : 'give the corpus file (node gen.mjs --n 100000 --bundle FILE.ndxml)');
  if (missing !== undefined) throw new Error(missing);
  const corpus = await openCorpus();
  const namespaces = new Map(Object.entries(corpus.namespaces));
  // warms the engine up on columns of its own
  const warmUp = await load(file, 2000);
  for (let round = 0; round < 30; round++)
    for (const query of corpus.queries) evaluateOnce(textOf(query), namespaces, { columns: warmUp, revision: 1 });

  let wrong = 0;
  for (const size of sizes.split(',') as SizeName[]) {
    const start = performance.now();
    const columns = await load(file, SIZES[size]);
    console.log(
      `${size}: ${columns.rows.count} rows, ${columns.labels.count} labels, ${columns.strings.count} strings, loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    const view = { columns, revision: 1 };
    for (const query of corpus.queries) {
      const { count, cold, warm, compileMs } = measure(textOf(query), namespaces, view);
      const right = count === query.expected[size];
      if (!right) wrong++;
      console.log(
        `  ${query.name.padEnd(18)} ${right ? 'ok' : `WRONG ${count}, not ${query.expected[size]}`} ${String(count).padStart(7)}   cold ${cold.toFixed(3).padStart(8)} ms   warm ${warm.toFixed(3).padStart(8)} ms   compile ${compileMs.toFixed(3)} ms`,
      );
      if (flags.includes('--explain')) explain(textOf(query), namespaces, view);
    }
    if (flags.includes('--hostile')) hostile(namespaces, view);
  }
  if (wrong > 0) throw new Error(`${wrong} counts are wrong`);
}

await main();
