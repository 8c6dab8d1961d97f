import { startBaseX } from '../servers/basex.js';
import { startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { type Corpus, writeFiles } from './corpus.js';
import { closedLoop, fill } from './directory-client.js';
import type { PublishResult, Throughput } from './results.js';
import { createDatabase } from './side-basex.js';
import { quantile } from './statistics.js';

const CLIENTS = 8;
const WARM_MS = 3_000;
const MEASURE_MS = 10_000;

/**
 * Eight clients, each replacing one existing resource after the other. Ours: PUT over HTTP on loopback, answered when validated,
 * fsync'd and discoverable. BaseX: REPLACE over its own protocol, which never fsyncs.
 */
export async function measurePublish(corpus: Corpus, resources: number, withBaseX: boolean): Promise<PublishResult> {
  const work = prepare(corpus, resources);
  const ours = await publishOurs(corpus, resources, work);
  const basex = withBaseX ? await publishBaseX(corpus, resources, work) : undefined;
  return { resources, clients: CLIENTS, bytesPerDocument: work.bytesPerDocument, ours, ...(basex ? { basex } : {}) };
}

/** Documents are made beforehand, in a new revision each, so that neither side waits for the generator and no PUT is a no-op. */
function prepare(corpus: Corpus, resources: number) {
  const pool = 4_000;
  const indices = corpus.updates(pool, resources);
  const revisions = [1, 2].map((revision) => indices.map((index) => Buffer.from(corpus.document(index, revision), 'utf8')));
  const bytes = revisions[0]?.reduce((sum, document) => sum + document.length, 0) ?? 0;
  // Each client has its own share of the resources; every round over it brings another revision.
  const at = (client: number, turn: number) => {
    const share = Math.floor(indices.length / CLIENTS);
    const k = client * share + (turn % share);
    const round = Math.floor(turn / share) % 2;
    return { index: indices[k] as number, document: revisions[round]?.[k] as Buffer };
  };
  return { at, bytesPerDocument: Math.round(bytes / indices.length) };
}

async function publishOurs(corpus: Corpus, resources: number, work: ReturnType<typeof prepare>): Promise<Throughput> {
  const folder = await temporaryFolder('publish');
  const server = await startFacetry({ data: folder.path, built: true });
  try {
    await fill(server.port, resources, corpus.document);
    // turns go on from the warm-up, or its last documents would be published twice
    const turns = new Array<number>(CLIENTS).fill(0);
    const put = async (wire: import('../servers/wire.js').Wire, client: number) => {
      const { index, document } = work.at(client, (turns[client] as number)++);
      const { status, body } = await wire.request('PUT', `/resources/${corpus.id(index)}`, {
        headers: { 'Content-Type': 'application/xml' },
        body: document,
      });
      if (status !== 200) throw new Error(`PUT answers ${status}: ${body.toString('utf8', 0, 400)}`);
    };
    await closedLoop(server.port, CLIENTS, WARM_MS, put);
    return throughput(await closedLoop(server.port, CLIENTS, MEASURE_MS, put));
  } finally {
    await server.stop();
    await folder.remove();
  }
}

async function publishBaseX(corpus: Corpus, resources: number, work: ReturnType<typeof prepare>): Promise<Throughput> {
  const folder = await temporaryFolder('publish');
  const server = await startBaseX();
  try {
    await writeFiles(corpus, resources, folder.path);
    const sessions = await Promise.all(Array.from({ length: CLIENTS }, () => server.connect()));
    await createDatabase(sessions[0] as (typeof sessions)[number], 'd', folder.path);
    for (const session of sessions) await session.execute('OPEN d');
    const turns = new Array<number>(CLIENTS).fill(0);
    const round = async (ms: number) => {
      const times: number[] = [];
      const began = performance.now();
      await Promise.all(
        sessions.map(async (session, client) => {
          while (performance.now() - began < ms) {
            const { index, document } = work.at(client, (turns[client] as number)++);
            const start = performance.now();
            await session.replace(pathOf(corpus, index), document.toString('utf8'));
            times.push(performance.now() - start);
          }
        }),
      );
      return { times, seconds: (performance.now() - began) / 1_000 };
    };
    await round(WARM_MS);
    return throughput(await round(MEASURE_MS));
  } finally {
    await server.stop();
    await folder.remove();
  }
}

/** where CREATE DB has put a document of `writeFiles` */
function pathOf(corpus: Corpus, index: number): string {
  return `${String(Math.floor(index / 1_000)).padStart(3, '0')}/${corpus.id(index)}.xml`;
}

export function throughput({ times, seconds }: { readonly times: readonly number[]; readonly seconds: number }): Throughput {
  return { perSecond: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
