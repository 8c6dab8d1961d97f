import { expect } from 'chai';
import { markOf, resource } from '../servers/documents.js';
import { type Facetry, facetry, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire } from '../servers/wire.js';

const KILLS = Number(process.env.FACETRY_KILLS ?? 8);
const WRITERS = 8;
const IDS_EACH = 20;

/** What a writer knows of one resource: only it writes there, one request after the other. */
interface Known {
  /** as acknowledged; undefined = absent */
  acknowledged: string | undefined;
  /** sent, and never answered: it may have happened or not */
  pending?: { readonly value: string | undefined };
}

describe('A server that is killed', function () {
  this.timeout(60_000 + KILLS * 20_000);

  it(`keeps every acknowledged write, ${KILLS} times`, async () => {
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const dice = random(seed);
    const folder = await temporaryFolder('kill');
    const known = new Map<string, Known>();
    let acknowledged = 0;
    let server: Facetry | undefined;
    try {
      for (let round = 0; round < KILLS; round++) {
        server = await startFacetry({ data: folder.path });
        await verify(server.port, known);
        let killed = false;
        const writing = Array.from({ length: WRITERS }, (_, writer) =>
          write(
            server as Facetry,
            writer,
            known,
            dice.int,
            () => killed,
            () => {
              acknowledged += 1;
            },
          ),
        );
        const writers = Promise.all(writing);
        // after a few writes or after many; the moment within a group commit is chance
        const enough = acknowledged + 10 + dice.int(400);
        let failed: Error | undefined;
        writers.catch((error: Error) => {
          failed = error;
        });
        while (acknowledged < enough && !failed) await sleep(1);
        await sleep(dice.int(10));
        killed = true;
        await server.kill();
        await writers;
        await expectClean(folder.path);
      }
      server = await startFacetry({ data: folder.path });
      await verify(server.port, known);
      await server.stop();
      await expectClean(folder.path);
      console.log(`      ${acknowledged} acknowledged writes over ${KILLS} kills`);
      expect(acknowledged, 'writes acknowledged before a kill').to.be.at.least(KILLS * 10);
    } finally {
      await server?.stop();
      await folder.remove();
    }
  });
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Creates, replaces and removes until the server is gone. */
async function write(
  server: Facetry,
  writer: number,
  known: Map<string, Known>,
  int: (below: number) => number,
  killed: () => boolean,
  onAcknowledged: () => void,
): Promise<void> {
  const wire = openWire(server.port);
  for (let n = 0; ; n++) {
    const id = `w${writer}-${int(IDS_EACH)}`;
    const now = known.get(id) ?? { acknowledged: undefined };
    known.set(id, now);
    const remove = now.acknowledged !== undefined && int(5) === 0;
    const value = remove ? undefined : `${server.port}-${writer}-${n}`;
    now.pending = { value };
    const answer = await (remove
      ? wire.request('DELETE', `/resources/${id}`)
      : wire.request('PUT', `/resources/${id}`, { headers: { 'Content-Type': 'application/xml' }, body: resource(id, value as string) })
    ).catch((error: Error) => error);
    if (answer instanceof Error) {
      expect(killed(), `the connection failed before the server was killed: ${answer.message}`).to.equal(true);
      return;
    }
    expect(answer.status, `${remove ? 'DELETE' : 'PUT'} ${id}: ${answer.body}`).to.be.within(200, 299);
    now.acknowledged = value;
    now.pending = undefined;
    onAcknowledged();
  }
}

/** Each resource is as acknowledged, or as the one request says that was never answered. */
async function verify(port: number, known: Map<string, Known>): Promise<void> {
  const wire = openWire(port);
  for (const [id, now] of known) {
    const { status, body } = await wire.request('GET', `/resources/${id}`);
    expect(status, `GET ${id}`).to.be.oneOf([200, 404]);
    const value = status === 200 ? markOf(body) : undefined;
    const allowed = now.pending ? [now.acknowledged, now.pending.value] : [now.acknowledged];
    expect(allowed, `${id} after a restart`).to.include(value);
    now.acknowledged = value;
    now.pending = undefined;
  }
  wire.close();
}

async function expectClean(data: string): Promise<void> {
  const { code, output } = await facetry(['check', '--store', `embedded:${data}`]);
  expect(code, `facetry check:\n${output}`).to.equal(0);
}
