/**
 * `npm run bench [-- --only discovery,publish,load,restart,mixed,watch] [--sizes 1k,10k,100k] [--rivals basex,postgres,libxml2]`
 *
 * Measures our engine and server beside BaseX, libxml2 and PostgreSQL on one machine in one run, checks that all agree on every
 * answer, prints tables and writes test/bench/results/latest.json, docs/bench.md and docs/growth.svg.
 * Parts that are left out keep nothing from earlier runs: a ratio is never made of two runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as basex from '../servers/basex.js';
import * as postgres from '../servers/postgres.js';
import { corpusMissing, openCorpus, SIZES, type SizeName } from './corpus.js';
import { machine } from './machine.js';
import { measureDiscovery } from './part-discovery.js';
import { measureLoad } from './part-load.js';
import { measureMixed } from './part-mixed.js';
import { measurePublish } from './part-publish.js';
import { measureRestart } from './part-restart.js';
import { measureWatch } from './part-watch.js';
import { growthChart, markdown, verdicts } from './report.js';
import type { Results } from './results.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PARTS = ['discovery', 'publish', 'load', 'restart', 'mixed', 'watch'] as const;
const RIVALS = ['basex', 'postgres', 'libxml2'] as const;

const log = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: PARTS.join(',') },
    sizes: { type: 'string', default: Object.keys(SIZES).join(',') },
    rivals: { type: 'string', default: RIVALS.join(',') },
    'no-docs': { type: 'boolean', default: false },
  },
});
const parts = chosen('--only', values.only, PARTS);
const sizes = chosen('--sizes', values.sizes, Object.keys(SIZES) as SizeName[]);
const asked = chosen('--rivals', values.rivals, RIVALS);

const missing = corpusMissing();
if (missing !== undefined) {
  log(`nothing measured: ${missing}`);
  process.exit(process.env.CI === 'true' ? 1 : 0);
}
const facts = await machine(); // before the build makes it busy
log('build');
// What is measured is what is shipped, made of the sources as they are now.
const built = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { cwd: ROOT, stdio: ['ignore', 2, 2] });
if (built.status !== 0) {
  log('the build failed');
  process.exit(1);
}

const corpus = await openCorpus();
const here = {
  basex: asked.includes('basex') && available('BaseX', await basex.ensureInstalled()),
  postgres: asked.includes('postgres') && available('PostgreSQL', await postgres.ensureInstalled()),
  libxml2: asked.includes('libxml2'),
};
const largest = sizes.at(-1) as SizeName;
const results: { -readonly [K in keyof Results]: Results[K] } = {
  at: new Date().toISOString(),
  machine: facts,
  versions: await versions(),
};

if (facts.load > facts.cores / 4) log(`the machine is busy (load ${facts.load}): measure again on a quiet one`);

if (parts.includes('discovery')) {
  results.discovery = {};
  for (const size of sizes) results.discovery = { ...results.discovery, [size]: await measureDiscovery(corpus, size, here, log) };
}
if (parts.includes('publish')) {
  log('publish');
  results.publish = await measurePublish(corpus, Math.min(10_000, SIZES[largest]), here.basex);
}
if (parts.includes('load')) {
  log(`load ${largest}`);
  results.load = { [largest]: await measureLoad(corpus, largest, here.basex) };
}
if (parts.includes('restart')) {
  log(`restart ${largest}`);
  results.restart = { [largest]: await measureRestart(corpus, largest) };
}
if (parts.includes('mixed')) {
  log(`mixed ${largest}`);
  results.mixed = { [largest]: await measureMixed(corpus, largest) };
}
if (parts.includes('watch')) {
  log('watch');
  results.watch = await measureWatch(corpus);
}

const text = markdown(results);
process.stdout.write(text);
await save('test/bench/results/latest.json', `${JSON.stringify(results, null, 2)}\n`);
if (!values['no-docs']) {
  await save('docs/bench.md', text);
  const picture = growthChart(results);
  if (picture !== undefined) await save('docs/growth.svg', picture);
}
const missed = verdicts(results).filter(({ ok }) => !ok);
log(missed.length === 0 ? 'every bar is cleared' : `${missed.length} bars are missed`);

function chosen<T extends string>(option: string, text: string, known: readonly T[]): T[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name as T));
  if (unknown !== undefined) {
    log(`${option}: "${unknown}" is none of ${known.join(', ')}`);
    process.exit(2);
  }
  return known.filter((name) => names.includes(name));
}

function available(name: string, reason: string | undefined): boolean {
  if (reason !== undefined) log(`without ${name}: ${reason}`);
  return reason === undefined;
}

async function versions(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  if (here.basex) found.BaseX = await versionOf(basex.startBaseX());
  if (here.postgres) found.PostgreSQL = await versionOf(postgres.startPostgres());
  return found;
}

async function versionOf(starting: Promise<{ readonly version: string; stop(): Promise<void> }>): Promise<string> {
  const server = await starting;
  await server.stop();
  return server.version;
}

async function save(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), content);
  log(`wrote ${path}`);
}
