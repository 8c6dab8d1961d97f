/** `facetry doctor`: does the chain hold, link by link? */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT } from '../exit-code.js';
import { readFacetFolder } from '../facet-folder.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';
import { folderOf, hasStore } from '../store-folder.js';
import { packageVersion } from '../version.js';

interface Link {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Free space below which a doctor should speak. */
const LITTLE_SPACE = 256 * 1024 * 1024;

const LINKS: readonly (readonly [string, (session: Session) => string | Promise<string>])[] = [
  ['node', () => supported()],
  ['embedded store', async () => `SQLite ${await sqliteVersion()}`],
  ['xml', async () => `${await validatesXml()} facet schemas compile, documents are read`],
  [
    'configuration',
    ({ configuration }) =>
      `${configuration.files.join(', ') || 'no files'}${configuration.context === undefined ? '' : `, context ${configuration.context}`}`,
  ],
  ['data folder', ({ settings, terminal }) => dataFolder(settings.store, terminal.cwd)],
  ['directory', (session) => reach(session)],
];

export const doctor: CommandSpec = {
  name: 'doctor',
  summary: 'Find out what does not work here',
  examples: [['facetry doctor', 'Node, native code, configuration, data folder, directory']],
  async run(session) {
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const links: Link[] = [];
    for (const [name, test] of LINKS) {
      const link = await Promise.resolve()
        .then(() => test(session))
        .then((detail) => ({ name, ok: true, detail }))
        .catch((error: Error) => ({ name, ok: false, detail: error.message }));
      links.push(link);
      const { green, red } = session.colors.out;
      if (form === 'table') await session.print(`${link.ok ? green('✓') : red('✗')} ${name}: ${link.detail}\n`);
    }
    if (form !== 'table') await session.print(structured(form, { items: links }));
    if (links.some(({ ok }) => !ok)) throw new Ended(EXIT.failure);
  },
};

function supported(): string {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const fine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!fine) throw new Error(`Node ${process.versions.node} is not supported: take 20.19, 22.12 or later`);
  return `${process.versions.node} on ${process.platform} ${process.arch}, facetry ${packageVersion()}`;
}

async function sqliteVersion(): Promise<string> {
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(':memory:');
  try {
    return String(db.prepare('select sqlite_version()').pluck().get());
  } finally {
    db.close();
  }
}

async function validatesXml(): Promise<number> {
  const { createXmlPool } = await import('../../xml/index.js');
  const { schemas, samples } = readFacetFolder();
  const xml = await createXmlPool({ workers: 1, schemas });
  try {
    for (const sample of samples) await xml.read(new TextEncoder().encode(sample.xml));
    return schemas.length;
  } finally {
    await xml.close();
  }
}

function dataFolder(store: string, cwd: string): string {
  if (!store.startsWith('embedded:')) return store;
  const folder = folderOf(store, cwd);
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  accessSync(there, constants.W_OK);
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  if (free < LITTLE_SPACE) throw new Error(`${folder}: only ${Math.round(free / 1024 / 1024)} MiB are free`);
  return `${folder}${hasStore(folder) ? '' : ' (no store yet)'}, ${(free / 1024 ** 3).toFixed(1)} GiB free`;
}

async function reach({ client, terminal }: Session): Promise<string> {
  const started = performance.now();
  const { status, checks } = await client.health({ signal: terminal.interrupted });
  const ms = Math.round(performance.now() - started);
  if (status !== 'ok')
    throw new Error(
      `${client.url} is ${status}: ${checks
        .filter(({ ok }) => !ok)
        .map(({ detail }) => detail)
        .join(', ')}`,
    );
  return `${client.url} is ready, answered in ${ms} ms`;
}
