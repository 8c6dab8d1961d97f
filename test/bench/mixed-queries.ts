/** Clients that ask without a pause until told to stop: `mixed-queries.ts PORT CLIENTS`. */
import { openWire } from '../servers/wire.js';
import { openCorpus } from './corpus.js';
import { questionPath } from './directory-client.js';

/** Questions that must look at every node; 8 of them at a time would stop an event loop for good. */
const LONG = [
  "count(//*[contains(., 'nvidia')])",
  'count(//*[../*/*[. = ../../*/*]])',
  "count(/r:resource[.//*[string-length(.) mod 7 = 3]][not(.//*[starts-with(., 'x')])])",
  'sum(//*[number(.) > 5 and position() mod 2 = 1])',
];

const [port, clients] = process.argv.slice(2).map(Number) as [number, number];
const corpus = await openCorpus();
const paths = [...corpus.queries, ...LONG.map((xpath) => ({ xpath, result: 'values' as const }))].map((query) =>
  questionPath(corpus, query),
);
let stopped = false;
let answers = 0;
const began = performance.now();
process.once('message', () => {
  stopped = true;
});

const loops = Array.from({ length: clients }, async (_, client) => {
  const wire = openWire(port);
  for (let turn = client * 3; !stopped; turn++) {
    const { status, body } = await wire.request('GET', paths[turn % paths.length] as string);
    // A question over its budget is an answer too; it has kept the engine busy until then.
    if (status !== 200 && status !== 422) throw new Error(`a question is answered by ${status}: ${body.toString('utf8', 0, 400)}`);
    answers += 1;
  }
  wire.close();
});
process.send?.('asking');
await Promise.all(loops);
process.send?.({ perSecond: answers / ((performance.now() - began) / 1_000) });
process.disconnect();
