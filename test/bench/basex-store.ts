/**
 * What BaseX under the directory costs and gains:
 *
 *     node --import tsx test/bench/basex-store.ts [resources]      default 10000
 *
 * Publishes by 8 clients through the directory, fsync'd in its journal and in BaseX, beside the same clients' REPLACE of the same
 * documents, one by one, on the same server; and how long a start takes when journal and database agree, beside the embedded store.
 */
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { resource } from '../servers/documents.js';
import { type Facetry, type FacetryOptions, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';

const CLIENTS = 8;
const SECONDS = 8;
const WARM_SECONDS = 15;
const ROUNDS = 3;
const XML = { 'Content-Type': 'application/xml' };
const count = Number(process.argv[2] ?? 10_000);
const documentOf = (k: number, version: number) => resource(`r${k}`, `${version}`, `${k} `.repeat(350).slice(0, 2100));

await main();

async function main(): Promise<void> {
  const missing = await ensureInstalled();
  if (missing !== undefined) throw new Error(missing);
  const basex = await startBaseX({ heap: '2g' });
  const folder = await temporaryFolder('bench-basex');
  try {
    const options: FacetryOptions = {
      data: folder.path,
      store: `basex://admin@127.0.0.1:${basex.port}/bench`,
      env: { FACETRY_BASEX_PASSWORD: basex.password },
      patience: 600_000,
      built: true,
    };
    const directory = await startFacetry(options);
    await load(directory);
    const sides = [(client: number) => publisher(directory, client), (client: number) => replacer(basex, client)] as const;
    // both on a Java that has compiled what it needs, and by turns, because the machine may not be ours alone
    for (const side of sides) await perSecond(side, WARM_SECONDS);
    const rates: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) for (const k of [0, 1] as const) rates[k].push(await perSecond(sides[k], SECONDS));
    await directory.stop();
    const [through, alone] = rates.map((all) => all.reduce((sum, rate) => sum + rate, 0) / ROUNDS) as [number, number];
    const withBaseX: number[] = [];
    const embedded: number[] = [];
    for (let run = 0; run < 3; run++) {
      withBaseX.push(await startOf(options));
      embedded.push(await startOf({ data: folder.path, patience: 600_000, built: true }));
    }
    console.log(`${count} resources, ${CLIENTS} clients, ${ROUNDS} times ${SECONDS} s each`);
    console.log(`publishes through the directory, in the journal and in BaseX: ${through.toFixed(0)}/s`);
    console.log(
      `the same clients' REPLACE in BaseX, one by one:               ${alone.toFixed(0)}/s   ratio ${(through / alone).toFixed(1)}`,
    );
    console.log(
      `start, ms, journal and BaseX agreeing: ${withBaseX.map(Math.round).join(', ')}; embedded store: ${embedded.map(Math.round).join(', ')}`,
    );
  } finally {
    await basex.stop();
    await folder.remove();
  }
}

async function load(directory: Facetry): Promise<void> {
  const wire = openWire(directory.port);
  for (let from = 0; from < count; from += 500) {
    const documents = Array.from({ length: Math.min(500, count - from) }, (_, k) => documentOf(from + k, 0)).join('');
    const { status, body } = await wire.request('POST', '/resources', {
      headers: XML,
      body: `<resources>${documents}</resources>`,
      timeout: 120_000,
    });
    if (status >= 300) throw new Error(`${status} ${body}`);
  }
  wire.close();
}

type Publish = (k: number, version: number) => Promise<void>;
interface Client {
  readonly publish: Publish;
  close(): void;
}

async function publisher(directory: Facetry, _client: number): Promise<Client> {
  const wire = openWire(directory.port);
  return {
    async publish(k, version) {
      const { status, body } = await wire.request('PUT', `/resources/r${k}`, { headers: XML, body: documentOf(k, version) });
      if (status >= 300) throw new Error(`${status} ${body}`);
    },
    close: () => wire.close(),
  };
}

/** The database that the directory has filled: the same documents, the same number of them. */
async function replacer(basex: BaseXServer, _client: number): Promise<Client> {
  const session = await basex.connect();
  await session.execute('OPEN plain').catch(async () => {
    await session.execute('SET CHOP false');
    await session.execute('CREATE DB plain');
    const add = `for $d in db:open('bench', 'resources') return db:add('plain', $d, substring-after(db:path($d), 'resources/'))`;
    await session.execute(`XQUERY ${add}`);
    await session.execute('OPEN plain');
  });
  return { publish: (k, version) => session.replace(`r${k}.xml`, documentOf(k, version)), close: () => session.close() };
}

async function perSecond(connect: (client: number) => Promise<Client>, seconds: number): Promise<number> {
  const clients: Client[] = [];
  for (let client = 0; client < CLIENTS; client++) clients.push(await connect(client));
  let done = 0;
  let measuring = false;
  const end = { now: false };
  const working = clients.map(async ({ publish }, client) => {
    for (let n = 1; !end.now; n++) {
      await publish((client * 7919 + n * 104_729) % count, n);
      if (measuring) done++;
    }
  });
  await sleep(500);
  measuring = true;
  const began = performance.now();
  await sleep(seconds * 1000);
  const rate = (done * 1000) / (performance.now() - began);
  end.now = true;
  await Promise.all(working);
  for (const client of clients) client.close();
  return rate;
}

async function startOf(options: FacetryOptions): Promise<number> {
  const server = await startFacetry(options);
  await server.stop();
  return server.startMs;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
