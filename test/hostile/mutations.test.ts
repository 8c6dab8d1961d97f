import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { corpusMissing, openCorpus } from '../bench/corpus.js';
import { markOf, resource } from '../servers/documents.js';
import { type Facetry, facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire } from '../servers/wire.js';
import { type Canary, listenAsCanary } from './canary.js';
import { hostileBytes, hostileFiles, hostileMissing } from './corpus.js';
import { mutate } from './mutate.js';

const MIB = 1 << 20;
const MUTATIONS = Number(process.env.HOSTILE_MUTATIONS ?? 1_500);
const CONNECTIONS = 4;
/** resident memory may grow so much over a run, however long it is */
const GROWTH = 256 * MIB;

describe('Mutations of good and hostile documents', function () {
  this.timeout(60_000 + MUTATIONS * 60);

  it(`${MUTATIONS} of them: no crash, no 5xx, none over a second, bounded memory, and good requests go on being served`, async function () {
    skipWhen(this, hostileMissing() ?? corpusMissing());
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const dice = random(seed);
    const good = await goodDocuments();
    const hostile = hostileFiles()
      .filter(({ channel }) => channel === 'POST document')
      .map(({ file }) => hostileBytes(file))
      .filter((bytes) => bytes.length < 300_000);

    const canary: Canary = await listenAsCanary();
    const folder = await temporaryFolder('mutations');
    const server = await startFacetry({ data: folder.path });
    const statuses = new Map<number, number>();
    let slowest = 0;
    let sent = 0;
    let peak = 0;
    try {
      await warmUp(server, good);
      const base = server.resident();
      const watcher = setInterval(() => {
        peak = Math.max(peak, server.resident());
      }, 100);
      const attack = async () => {
        const wire = openWire(server.port);
        while (sent < MUTATIONS) {
          sent += 1;
          const number = sent;
          const body = mutate(dice.int(3) > 0 ? dice.pick(good) : dice.pick(hostile), dice.int(2) === 0 ? good : hostile, dice);
          const target = dice.int(3);
          const began = performance.now();
          const answer =
            target === 0
              ? await wire.request('PUT', `/resources/m${dice.int(50)}`, { headers: { 'Content-Type': 'application/xml' }, body })
              : target === 1
                ? await wire.request('POST', '/resources?dryRun=true', { headers: { 'Content-Type': 'application/xml' }, body })
                : await wire.request('POST', '/resources', { headers: { 'Content-Type': 'application/xml' }, body });
          const ms = performance.now() - began;
          slowest = Math.max(slowest, ms);
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const what = () =>
            `mutation ${number} of seed ${seed} (${answer.status}, ${Math.round(ms)} ms): ${JSON.stringify(body.toString('latin1').slice(0, 400))} → ${answer.body.toString('utf8', 0, 300)}`;
          if (answer.status >= 500) throw new Error(what());
          if (ms >= 1_000) throw new Error(what());
          if (answer.body.includes('root:x:0:0')) throw new Error(what());
        }
        wire.close();
      };
      let over = false;
      const served = goodRequests(server, () => over);
      served.catch(() => undefined); // awaited below, after the attack
      try {
        await Promise.all(Array.from({ length: CONNECTIONS }, attack));
      } finally {
        over = true;
        clearInterval(watcher);
      }
      const { requests, slowest: slowestGood } = await served;
      peak = Math.max(peak, server.resident());
      console.log(
        `      ${[...statuses]
          .sort(([a], [b]) => a - b)
          .map(([status, n]) => `${status}: ${n}`)
          .join(
            ', ',
          )}; slowest ${Math.round(slowest)} ms; ${requests} good requests, slowest ${Math.round(slowestGood)} ms; memory +${Math.round((peak - base) / MIB)} MiB`,
      );
      expect(requests, 'good requests served meanwhile').to.be.greaterThan(20);
      expect(slowestGood, 'the slowest good request, ms').to.be.below(1_000);
      expect(peak - base, 'growth of resident memory, bytes').to.be.below(GROWTH);
      expect(
        [...statuses.keys()].some((status) => status < 300),
        'some mutations are good documents',
      ).to.equal(true);
      expect(
        [...statuses.keys()].some((status) => status >= 400),
        'most are not',
      ).to.equal(true);
      expect(canary.contacts(), 'connections to the canary').to.equal(0);
      await server.stop();
      const { code, output } = await facetry(['check', '--store', `embedded:${folder.path}`]);
      expect(code, output).to.equal(0);
    } finally {
      await server.stop();
      await folder.remove();
      await canary.close();
    }
  });
});

async function goodDocuments(): Promise<Buffer[]> {
  const corpus = await openCorpus();
  const documents = Array.from(corpus.documents(60), (text) => Buffer.from(text, 'utf8'));
  const samples = new URL('../../facets', import.meta.url).pathname;
  if (existsSync(samples)) {
    for (const file of readdirSync(samples, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.xml')) documents.push(readFileSync(join(samples, file)));
  }
  return documents;
}

/** Each good document once: code is loaded and arrays have their first size. */
async function warmUp(server: Facetry, good: readonly Buffer[]): Promise<void> {
  const wire = openWire(server.port);
  for (const body of good) await wire.request('POST', '/resources', { headers: { 'Content-Type': 'application/xml' }, body });
  wire.close();
}

/** A well-behaved client beside the attack: publishes, reads back, asks. */
async function goodRequests(server: Facetry, over: () => boolean): Promise<{ readonly requests: number; readonly slowest: number }> {
  const wire = openWire(server.port);
  let requests = 0;
  let slowest = 0;
  const timed = async <T>(work: Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work;
    slowest = Math.max(slowest, performance.now() - began);
    requests += 1;
    return result;
  };
  for (let n = 0; !over(); n++) {
    const put = await timed(
      wire.request('PUT', '/resources/good', { headers: { 'Content-Type': 'application/xml' }, body: resource('good', n) }),
    );
    expect(put.status, `a good PUT: ${put.body}`).to.be.oneOf([200, 201]);
    expect(markOf((await timed(wire.request('GET', '/resources/good'))).body), 'the value read back').to.equal(String(n));
    const asked = await timed(
      wire.request('GET', `/discover?${new URLSearchParams({ xpath: `count(/*[t:mark/t:value = ${n}])`, 'ns.t': 'urn:facetry:test' })}`),
    );
    expect(asked.status, `a good question: ${asked.body}`).to.equal(200);
    expect(asked.body.toString()).to.match(/>1<\/results>/);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  wire.close();
  return { requests, slowest };
}
