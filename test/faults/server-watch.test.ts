/** Readers of a server that stops and is killed again and again: each sees every commit exactly once. */
import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { connect, type WatchEvent } from '../../src/client/index.js';
import { resource } from '../servers/documents.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { freePort, temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire } from '../servers/wire.js';

const WATCHERS = Number(process.env.FACETRY_WATCHERS ?? 20);
const NS = { t: 'urn:facetry:test' };
const RESTARTS = Number(process.env.FACETRY_WATCH_RESTARTS ?? 5);

describe('Watchers of a server that restarts', function () {
  this.timeout(60_000 + RESTARTS * 20_000 + WATCHERS * 500);

  it(`see every commit exactly once: ${WATCHERS} watchers, ${RESTARTS} restarts`, async () => {
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const { int } = random(seed);
    const folder = await temporaryFolder('watch');
    const port = await freePort();
    const listen = { data: folder.path, port };
    let server: Facetry | undefined = await startFacetry(listen);
    const ended = new AbortController();
    setMaxListeners(0, ended.signal);
    const seen = Array.from({ length: WATCHERS }, () => [] as string[]);
    const gaps: string[] = [];
    try {
      const client = connect(`http://127.0.0.1:${port}`, { retries: 0 });
      let ready = 0;
      const watchers = seen.map(async (told) => {
        for await (const event of client.watch('//t:value', { namespaces: NS, signal: ended.signal })) {
          if (event.kind === 'ready') ready++;
          else note(event, told, gaps);
        }
      });
      // one that ends is told of at once, and not when the time is up
      const lost = Promise.all(watchers).then(() => expect(ended.signal.aborted, 'the watchers were told to end').to.equal(true));
      lost.catch(() => undefined);
      while (ready < WATCHERS) await Promise.race([sleep(10), lost]);

      // Writes go on while the server comes and goes; one that was not answered is asked for before the next one.
      const written: string[] = [];
      let n = 0;
      for (let round = 0; round < RESTARTS; round++) {
        const writing = { stop: false };
        const work = (async () => {
          const wire = openWire(port);
          while (!writing.stop) {
            const value = `v${n++}`;
            const id = `w${int(5)}`;
            const answer = await wire
              .request('PUT', `/resources/${id}`, { headers: { 'Content-Type': 'application/xml' }, body: resource(id, value) })
              .catch(() => undefined);
            if (answer === undefined) return value;
            expect(answer.status).to.be.within(200, 299);
            written.push(value);
          }
          wire.close();
          return undefined;
        })();
        const enough = written.length + 30 + int(100);
        while (written.length < enough) await Promise.race([sleep(1), lost]);
        if (round % 2 === 0) {
          writing.stop = true;
          await work;
          await server.stop();
        } else await server.kill();
        const doubtful = await work;
        server = await startFacetry(listen);
        if (doubtful === undefined) continue;
        const stored = await client.ask('boolean(//t:value[. = $v])', { namespaces: NS, variables: { v: doubtful } });
        if (stored.type === 'boolean' && stored.value) written.push(doubtful);
      }
      const end = Date.now() + 30_000;
      while (seen.some((told) => told.length < written.length) && Date.now() < end) await Promise.race([sleep(50), lost]);
      ended.abort();
      await lost;
      console.log(`      ${written.length} commits, each seen by ${WATCHERS} watchers over ${RESTARTS} restarts`);
      expect(gaps).to.deep.equal([]);
      expect(written.length).to.be.at.least(RESTARTS * 30);
      for (const [k, told] of seen.entries()) {
        const at = written.findIndex((value, n) => value !== told[n]);
        const around = (list: readonly string[]) => list.slice(Math.max(0, at - 3), at + 4).join(' ');
        const differs = at < 0 && told.length === written.length ? '' : `at ${at}: saw ${around(told)}, written ${around(written)}`;
        expect(differs, `watcher ${k} of ${told.length} events, ${written.length} commits`).to.equal('');
      }
    } finally {
      ended.abort();
      await server?.stop();
      await folder.remove();
    }
  });
});

function note(event: WatchEvent, told: string[], gaps: string[]): void {
  if (event.kind === 'gap') gaps.push(event.reason);
  if (event.kind !== 'enter' && event.kind !== 'update') return;
  for (const item of event.items) if (item.kind === 'element') told.push(/>([^<]*)</.exec(item.xml)?.[1] ?? '');
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
