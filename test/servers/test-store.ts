/**
 * The store under the directories of tests: in a folder, or with FACETRY_TEST_STORE=basex in BaseX behind a journal in that folder. So
 * the tests of the directory and of HTTP run unchanged over both.
 */
import { createHash } from 'node:crypto';
import { openStore, type Store } from '../../src/store/index.js';
import { type BaseXServer, ensureInstalled, startBaseX } from './basex.js';

let server: Promise<BaseXServer> | undefined;

export async function openTestStore(folder: string): Promise<Store> {
  if (process.env.FACETRY_TEST_STORE !== 'basex') return openStore(`embedded:${folder}`);
  server ??= start();
  const { port, password } = await server;
  const database = `d${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  return openStore(`basex://admin@127.0.0.1:${port}/${database}`, { basex: { journal: folder, password } });
}

async function start(): Promise<BaseXServer> {
  const missing = await ensureInstalled();
  if (missing !== undefined) throw new Error(missing);
  return startBaseX({ heap: '1g' });
}

// A process that a test starts has no hooks; its server ends with it.
if (typeof after === 'function') {
  after(async () => {
    await (await server)?.stop();
  });
}
