/**
 * BaseX is stopped, killed and started again, and the directory is killed, at random moments while clients write: every
 * acknowledged write is there, what was refused is not, and BaseX ends with the very documents of the directory.
 */
import { expect } from 'chai';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { markOf, resource } from '../servers/documents.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { type Recorded, violation } from '../servers/history.js';
import { skipWhen } from '../servers/installed.js';
import { freePort, temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire, type Wire } from '../servers/wire.js';

const KILLS = Number(process.env.FACETRY_BASEX_KILLS ?? 5);
const CLIENTS = 8;
const RESOURCES = 3;
const XML = { 'Content-Type': 'application/xml' };
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('BaseX that goes away under load', function () {
  this.timeout(120_000 + KILLS * 40_000);
  let basex: BaseXServer;
  before(async function () {
    skipWhen(this, await ensureInstalled());
    basex = await startBaseX({ heap: '512m' });
  });
  after(() => basex?.stop());

  it(`loses nothing that was acknowledged: ${KILLS} faults of either process`, async () => {
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const { int } = random(seed);
    const folder = await temporaryFolder('basex-away');
    const port = await freePort();
    const start = () =>
      startFacetry({
        data: folder.path,
        store: `basex://admin@127.0.0.1:${basex.port}/faults`,
        env: { FACETRY_BASEX_PASSWORD: basex.password },
        port,
      });
    const histories = Array.from({ length: RESOURCES }, () => [] as Recorded[]);
    const tally = { answered: 0, refused: 0, longest: 0 };
    const running = { on: true };
    let directory: Facetry = await start();
    try {
      const clients = Array.from({ length: CLIENTS }, (_, client) => work(port, client, histories, int, running, tally));
      for (let fault = 0; fault < KILLS; fault++) {
        const enough = tally.answered + 40 + int(80);
        const until = Date.now() + 30_000;
        while (tally.answered < enough && Date.now() < until) await sleep(2);
        expect(tally.answered, `writes go on after fault ${fault}`).to.be.at.least(enough);
        const kind = fault % 3;
        if (kind === 0) {
          await basex.kill();
          await sleep(int(800));
          await basex.restart();
        } else if (kind === 1) {
          process.kill(basex.process.pid as number, 'SIGSTOP');
          await sleep(1000 + int(8000));
          process.kill(basex.process.pid as number, 'SIGCONT');
        } else {
          await directory.kill();
          directory = await start();
        }
      }
      const enough = tally.answered + 50;
      const until = Date.now() + 30_000;
      while (tally.answered < enough && Date.now() < until) await sleep(2);
      expect(tally.answered, 'writes go on after the last fault').to.be.at.least(enough);
      running.on = false;
      await Promise.all(clients);
      for (const [k, history] of histories.entries()) {
        const wrong = violation(history, undefined);
        expect(wrong === undefined ? 'an order' : `after ${JSON.stringify(wrong.slice(-12))} nothing fits`, `resource ${k}`).to.equal(
          'an order',
        );
      }
      console.log(
        `      ${tally.answered} writes acknowledged, ${tally.refused} refused, the longest answer took ${Math.round(tally.longest)} ms`,
      );
      expect(tally.longest, 'an answer comes within a bounded time').to.be.lessThan(15_000);
      await agree(port, basex, directory);
    } finally {
      running.on = false;
      await directory.stop();
      await folder.remove();
    }
  });
});

/** Single puts and reads, one after the other. What broke off stays open for ever; what was refused has not happened. */
async function work(
  port: number,
  client: number,
  histories: readonly Recorded[][],
  int: (below: number) => number,
  running: { readonly on: boolean },
  tally: { answered: number; refused: number; longest: number },
): Promise<void> {
  let wire: Wire = openWire(port);
  for (let n = 0; running.on; n++) {
    const k = int(RESOURCES);
    const history = histories[k] as Recorded[];
    const value = `${client}-${n}`;
    const from = performance.now();
    const read = int(4) === 0;
    const path = `/resources/r${k}`;
    const answer = await (read
      ? wire.request('GET', path)
      : wire.request('PUT', path, { headers: XML, body: resource(`r${k}`, value) })
    ).catch((error: NodeJS.ErrnoException) => (error.code === 'ECONNREFUSED' ? ('nobody' as const) : undefined));
    const to = performance.now();
    if (answer === undefined || answer === 'nobody') {
      // what nobody took cannot have happened
      if (!read && answer === undefined) history.push({ operation: { kind: 'write', value }, from, to: Number.POSITIVE_INFINITY });
      wire.close();
      await sleep(50);
      wire = openWire(port);
      continue;
    }
    tally.longest = Math.max(tally.longest, to - from);
    if (answer.status === 503) {
      tally.refused++;
      expect(answer.headers.get('retry-after'), 'when to come again').not.to.equal(undefined);
      await sleep(20);
    } else if (read) {
      history.push({ operation: { kind: 'read', value: answer.status === 200 ? markOf(answer.body) : undefined }, from, to });
    } else {
      expect(answer.status).to.be.oneOf([200, 201, 204]);
      tally.answered++;
      history.push({ operation: { kind: 'write', value }, from, to });
    }
  }
  wire.close();
}

/** BaseX holds what the directory holds, in step at last. */
async function agree(port: number, basex: BaseXServer, directory: Facetry): Promise<void> {
  const wire = openWire(port);
  const session = await basex.connect();
  try {
    for (let k = 0; k < RESOURCES; k++) {
      const mark = markOf((await wire.request('GET', `/resources/r${k}`)).body);
      const held = (await session.query(`serialize(db:open('faults', 'resources/r${k}.xml'))`)).toString('utf8');
      expect(markOf(held), `r${k} in BaseX\n${directory.output().slice(-2000)}`).to.equal(mark);
    }
    expect((await session.query("count(db:list('faults', 'resources'))")).toString()).to.equal(String(RESOURCES));
  } finally {
    session.close();
    wire.close();
  }
}
