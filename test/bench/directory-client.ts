import { openWire, type Wire } from '../servers/wire.js';
import type { Corpus, CorpusQuery } from './corpus.js';

/** What benchmarks ask of a directory over HTTP. */

/** Publishes documents 0 … count-1 in bulk requests of a few hundred, two at a time; fails unless all are accepted. */
export async function fill(
  port: number,
  count: number,
  document: (index: number) => Promise<string> | string,
  onProgress: (done: number) => void = () => {},
): Promise<void> {
  const BATCH = 500;
  let next = 0;
  let done = 0;
  await Promise.all(
    [openWire(port), openWire(port)].map(async (wire) => {
      while (next < count) {
        const start = next;
        const end = Math.min(count, start + BATCH);
        next = end;
        const documents = await Promise.all(Array.from({ length: end - start }, (_, k) => document(start + k)));
        const answer = await wire.request('POST', '/resources', {
          headers: { 'Content-Type': 'application/xml-seq' },
          body: documents.join('\n'),
        });
        if (answer.status >= 300) throw new Error(`bulk publishing answers ${answer.status}: ${answer.body.toString('utf8', 0, 600)}`);
        const stored = answer.body.toString('latin1').match(/<result [^>]*status="20[01]"/g)?.length;
        if (stored !== end - start)
          throw new Error(`bulk publishing stored ${stored} of ${end - start}: ${answer.body.toString('utf8', 0, 600)}`);
        done += end - start;
        onProgress(done);
      }
      wire.close();
    }),
  );
}

/** The path that asks a question of the corpus; a count for those whose result is a count, else everything they select. */
export function questionPath(corpus: Corpus, query: Pick<CorpusQuery, 'xpath' | 'result'>): string {
  const parameters = new URLSearchParams({ xpath: query.xpath });
  for (const [prefix, uri] of Object.entries(corpus.namespaces))
    if (query.xpath.includes(`${prefix}:`)) parameters.set(`ns.${prefix}`, uri);
  if (query.result === 'count') parameters.set('count', 'true');
  else parameters.set('limit', '1000000');
  return `/discover?${parameters}`;
}

/** Asks and checks; the number of nodes selected, all of which must be in the answer, and its bytes. */
export async function ask(wire: Wire, path: string): Promise<{ readonly count: number; readonly bytes: number }> {
  const { status, body } = await wire.request('GET', path);
  const head = body.toString('utf8', 0, 400);
  if (status !== 200) throw new Error(`a question is answered by ${status}: ${head}`);
  const number = /type="number"[^>]*>([^<]*)</.exec(head);
  if (number) return { count: Number(number[1]), bytes: body.length };
  const [total, count] = ['total', 'count'].map((name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1]));
  if (total !== count) throw new Error(`the answer holds ${count} of ${total} nodes`);
  if (!body.subarray(-32).toString('latin1').trimEnd().endsWith('</results>')) throw new Error('the answer is cut off');
  return { count: total as number, bytes: body.length };
}

/** Runs `work` on each of n connections until the time is over; `work` returns after one request. Milliseconds of each. */
export async function closedLoop(
  port: number,
  clients: number,
  ms: number,
  work: (wire: Wire, client: number, turn: number) => Promise<void>,
  pauseMs = 0,
): Promise<{ readonly times: number[]; readonly seconds: number }> {
  const times: number[] = [];
  const began = performance.now();
  const end = began + ms;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const wire = openWire(port);
      // spread the clients over the pause, or they would all come at once
      if (pauseMs > 0) await sleep((pauseMs * client) / clients);
      for (let turn = 0; performance.now() < end; turn++) {
        const start = performance.now();
        await work(wire, client, turn);
        times.push(performance.now() - start);
        if (pauseMs > 0) await sleep(Math.max(0, pauseMs - (performance.now() - start)));
      }
      wire.close();
    }),
  );
  return { times, seconds: (performance.now() - began) / 1_000 };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
