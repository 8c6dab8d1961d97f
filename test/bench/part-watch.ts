import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import type { Wire } from '../servers/wire.js';
import type { Corpus } from './corpus.js';
import { closedLoop, fill } from './directory-client.js';
import { throughput } from './part-publish.js';
import type { Throughput, WatchResult } from './results.js';

const RESOURCES = 10_000;
const WATCHERS = 1_000;
const CLIENTS = 8;
/** 8 clients, each every 40 ms: 200 publishes a second */
const EVERY_MS = 40;
const PHASE_MS = 15_000;

/**
 * Do watchers make publishers wait? 200 publishes a second, first with nobody watching, then with 1 000 readers of 1 000 different
 * questions, each about a text that one of the published resources has.
 */
export async function measureWatch(corpus: Corpus): Promise<WatchResult> {
  const folder = await temporaryFolder('watch');
  const server = await startFacetry({ data: folder.path, built: true, args: ['--max-connections', '4000'] });
  try {
    await fill(server.port, RESOURCES, corpus.document);
    const indices = corpus.updates(2_000, RESOURCES);
    let revision = 10;
    const phase = async (): Promise<Throughput> => {
      const documents = indices.map((index) => ({ index, text: corpus.document(index, revision) }));
      revision++;
      const share = Math.floor(documents.length / CLIENTS);
      const put = async (wire: Wire, client: number, turn: number) => {
        const { index, text } = documents[client * share + (turn % share)] as (typeof documents)[number];
        const headers = { 'Content-Type': 'application/xml' };
        const { status, body } = await wire.request('PUT', `/resources/${corpus.id(index)}`, { headers, body: text });
        if (status !== 200) throw new Error(`PUT answers ${status}: ${body.toString('utf8', 0, 400)}`);
      };
      return throughput(await closedLoop(server.port, CLIENTS, PHASE_MS, put, EVERY_MS));
    };
    await phase(); // warm-up
    const alone = await phase();
    const readers = fork(fileURLToPath(new URL('./watch-readers.ts', import.meta.url)), [String(server.port)], {
      execArgv: ['--import', 'tsx'],
    });
    readers.send({ watch: [...new Set(indices)].slice(0, WATCHERS).map((index) => watchPath(corpus, index)) });
    await once(readers, 'message');
    const watched = await phase();
    readers.send('count');
    const [{ events }] = (await once(readers, 'message')) as [{ events: number }];
    readers.send('stop');
    await once(readers, 'exit');
    return { watchers: WATCHERS, events, alone, watched };
  } finally {
    await server.stop();
    await folder.remove();
  }
}

const TELLING = /<(\w+):(hostname|implementationRef|url|contact|gateway)>([^<&']+)</;

/** A question about a text that this resource has, and few others, if any. */
function watchPath(corpus: Corpus, index: number): string {
  const text = corpus.document(index, 0);
  const [, prefix, name, value] = TELLING.exec(text) ?? [];
  const parameters = new URLSearchParams({ xpath: `/r:resource[@id = '${corpus.id(index)}']` });
  if (prefix !== undefined && index % 2 === 0) {
    const ns = new RegExp(`xmlns:${prefix}="([^"]*)"`).exec(text)?.[1] as string;
    parameters.set('xpath', `/r:resource[@id = '${corpus.id(index)}' or .//x:${name} = '${value}']/x:*`);
    parameters.set('ns.x', ns);
  }
  return `/watch?${parameters}`;
}
