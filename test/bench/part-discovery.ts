import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startBaseX } from '../servers/basex.js';
import { startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';
import { type Corpus, SIZES, type SizeName, writeFiles } from './corpus.js';
import { ask, fill, questionPath } from './directory-client.js';
import type { ColumnsResult, DiscoveryAtSize, FullTime, OursTime, QueryTime } from './results.js';
import { createDatabase, evaluationTimes, expectCount, fullTimes } from './side-basex.js';
import { postgresTimes } from './side-postgres.js';
import { median, sample } from './statistics.js';

export interface Rivals {
  readonly basex: boolean;
  readonly postgres: boolean;
  readonly libxml2: boolean;
}

/** The 14 queries in every engine, one engine after the other, each in a process of its own. */
export async function measureDiscovery(
  corpus: Corpus,
  size: SizeName,
  rivals: Rivals,
  log: (line: string) => void,
): Promise<DiscoveryAtSize> {
  log(`discovery ${size}: our engine`);
  const engine = await inOwnProcess<{ xmlBytes: number; times: OursTime[]; columns: ColumnsResult }>('side-facetry.ts', size);
  log(`discovery ${size}: our server`);
  const oursHttp = await httpTimes(corpus, size);
  const basex = rivals.basex ? await basexTimes(corpus, size, log) : {};
  if (rivals.libxml2) log(`discovery ${size}: libxml2`);
  const libxml2 = rivals.libxml2 ? await inOwnProcess<{ sampled: number; times: QueryTime[] }>('side-libxml2.ts', size) : undefined;
  if (rivals.postgres) log(`discovery ${size}: PostgreSQL`);
  const postgres = rivals.postgres ? (await postgresTimes(corpus, size)).times : undefined;
  return {
    xmlBytes: engine.xmlBytes,
    ours: engine.times,
    columns: engine.columns,
    oursHttp,
    ...basex,
    ...(libxml2 ? { libxml2 } : {}),
    ...(postgres ? { postgres } : {}),
  };
}

async function httpTimes(corpus: Corpus, size: SizeName): Promise<FullTime[]> {
  const folder = await temporaryFolder('discovery');
  const server = await startFacetry({ data: folder.path, built: true });
  const wire = openWire(server.port);
  try {
    await fill(server.port, SIZES[size], corpus.document);
    const times: FullTime[] = [];
    for (const query of corpus.queries) {
      const path = questionPath(corpus, query);
      const { count, bytes } = await ask(wire, path);
      expectCount('facetry over HTTP', query, size, count);
      const ms = median(await sample(() => wire.request('GET', path), { least: 9, most: 500, ms: 500 }));
      times.push({ name: query.name, count, ms, bytes });
    }
    return times;
  } finally {
    wire.close();
    await server.stop();
    await folder.remove();
  }
}

async function basexTimes(
  corpus: Corpus,
  size: SizeName,
  log: (line: string) => void,
): Promise<Pick<DiscoveryAtSize, 'basex' | 'basexClient'>> {
  const files = await temporaryFolder('files');
  const server = await startBaseX();
  try {
    log(`discovery ${size}: BaseX, CREATE DB`);
    await writeFiles(corpus, SIZES[size], files.path);
    const session = await server.connect();
    await createDatabase(session, 'd', files.path);
    log(`discovery ${size}: BaseX, queries`);
    return { basex: await evaluationTimes(session, corpus, size), basexClient: await fullTimes(session, corpus, size) };
  } finally {
    await server.stop();
    await files.remove();
  }
}

/** Runs a side as a child of this process and returns the one message it sends. */
export function inOwnProcess<T>(file: string, ...args: string[]): Promise<T> {
  const child = fork(fileURLToPath(new URL(`./${file}`, import.meta.url)), args, { execArgv: ['--import', 'tsx'] });
  return new Promise((resolve, reject) => {
    let message: T | undefined;
    child.once('message', (sent) => {
      message = sent as T;
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (message !== undefined) resolve(message);
      else reject(new Error(`${file} ended with ${code ?? signal} and said nothing`));
    });
  });
}
