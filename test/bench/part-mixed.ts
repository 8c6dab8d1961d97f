import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import type { Wire } from '../servers/wire.js';
import { type Corpus, SIZES, type SizeName } from './corpus.js';
import { closedLoop, fill } from './directory-client.js';
import { throughput } from './part-publish.js';
import type { MixedResult, Throughput } from './results.js';

const CLIENTS = 8;
const PHASE_MS = 10_000;
/** Each publisher and the reader ask at a steady pace, loaded and unloaded alike: at most 160 publishes and 100 point reads a second. */
const PUBLISH_EVERY_MS = 50;
const READ_EVERY_MS = 10;

/**
 * Do long queries make others wait? Point reads and publishes of 8 publishers at a steady pace, first alone, then while 8 clients
 * ask the 14 queries and some that visit everything, one after the other without a pause. The query clients are a process of their
 * own, so that what they read does not delay the clocks here.
 */
export async function measureMixed(corpus: Corpus, size: SizeName): Promise<MixedResult> {
  const folder = await temporaryFolder('mixed');
  const server = await startFacetry({ data: folder.path, built: true });
  try {
    const resources = SIZES[size];
    await fill(server.port, resources, corpus.document);
    const phase = () => publishersAndReader(corpus, server.port, resources);
    await phase(); // warm-up
    const { read, publish } = await phase();
    const clients = fork(fileURLToPath(new URL('./mixed-queries.ts', import.meta.url)), [String(server.port), String(CLIENTS)], {
      execArgv: ['--import', 'tsx'],
    });
    await once(clients, 'message'); // all are asking
    const loaded = await phase();
    clients.send('stop');
    const [{ perSecond }] = (await once(clients, 'message')) as [{ perSecond: number }];
    await once(clients, 'exit');
    return {
      unloaded: { read, publish },
      loaded: { read: loaded.read, publish: loaded.publish },
      queriesPerSecond: perSecond,
      livez: loaded.livez,
    };
  } finally {
    await server.stop();
    await folder.remove();
  }
}

let revision = 10;

async function publishersAndReader(
  corpus: Corpus,
  port: number,
  resources: number,
): Promise<{ read: Throughput; publish: Throughput; livez: Throughput }> {
  const documents = corpus.updates(2_000, resources).map((index) => ({ index, text: corpus.document(index, revision) }));
  revision += 1;
  const share = Math.floor(documents.length / CLIENTS);
  const put = async (wire: Wire, client: number, turn: number) => {
    const { index, text } = documents[client * share + (turn % share)] as (typeof documents)[number];
    expect200(await wire.request('PUT', `/resources/${corpus.id(index)}`, { headers: { 'Content-Type': 'application/xml' }, body: text }));
  };
  const get = async (wire: Wire, _: number, turn: number) => {
    expect200(await wire.request('GET', `/resources/${corpus.id((turn * 7_919) % resources)}`));
  };
  const live = async (wire: Wire) => {
    expect200(await wire.request('GET', '/livez'));
  };
  const [publish, read, livez] = await Promise.all([
    closedLoop(port, CLIENTS, PHASE_MS, put, PUBLISH_EVERY_MS),
    closedLoop(port, 1, PHASE_MS, get, READ_EVERY_MS),
    closedLoop(port, 1, PHASE_MS, live, READ_EVERY_MS),
  ]);
  return { read: throughput(read), publish: throughput(publish), livez: throughput(livez) };
}

function expect200({ status, body }: { readonly status: number; readonly body: Buffer }): void {
  if (status !== 200) throw new Error(`the server answers ${status}: ${body.toString('utf8', 0, 400)}`);
}
