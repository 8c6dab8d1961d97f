/** Writes of one resource by many clients, some conditional, with the server killed in between: is there an order that explains all answers? */
import { expect } from 'chai';
import { markOf, resource } from '../servers/documents.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { type Operation, type Recorded, violation } from '../servers/history.js';
import { freePort, temporaryFolder } from '../servers/process.js';
import { random, seedFrom } from '../servers/random.js';
import { openWire, type Wire } from '../servers/wire.js';

const CLIENTS = 16;
const KILLS = Number(process.env.FACETRY_LINEAR_KILLS ?? 4);
const RESOURCES = 3;
const XML = { 'Content-Type': 'application/xml' };

describe('Writes of one resource', function () {
  this.timeout(60_000 + KILLS * 20_000);

  it(`are linearizable: ${CLIENTS} clients, ${KILLS} kills`, async () => {
    const seed = seedFrom('FACETRY_SEED');
    console.log(`      seed ${seed}`);
    const { int } = random(seed);
    const folder = await temporaryFolder('linear');
    const port = await freePort();
    const histories = Array.from({ length: RESOURCES }, () => [] as Recorded[]);
    let server: Facetry | undefined;
    let answered = 0;
    try {
      for (let round = 0; round <= KILLS; round++) {
        server = await startFacetry({ data: folder.path, port });
        const running = { on: true };
        const clients = Array.from({ length: CLIENTS }, (_, client) =>
          work(port, client, round, histories, int, running, () => answered++),
        );
        const enough = answered + 150 + int(250);
        while (answered < enough) await Promise.race([sleep(1), Promise.all(clients)]);
        running.on = false;
        if (round === KILLS) await Promise.all(clients);
        else await server.kill();
        await Promise.all(clients);
      }
      await server?.stop();
      for (const [k, history] of histories.entries()) {
        const wrong = violation(history, undefined);
        expect(wrong === undefined ? 'an order' : `after ${JSON.stringify(wrong.slice(-12))} nothing fits`, `resource ${k}`).to.equal(
          'an order',
        );
      }
      const all = histories.flat();
      const lost = all.filter(({ to }) => to === Number.POSITIVE_INFINITY).length;
      const swaps = all.filter(({ operation }) => operation.kind === 'swap' && operation.ok).length;
      console.log(`      ${all.length} operations on ${RESOURCES} resources, ${swaps} successful compare-and-sets, ${lost} never answered`);
      expect(swaps, 'compare-and-sets that went through').to.be.greaterThan(20);
    } finally {
      await server?.stop();
      await folder.remove();
    }
  });
});

/** One request after the other until the server is gone; what it did not answer stays open for ever. */
async function work(
  port: number,
  client: number,
  round: number,
  histories: readonly Recorded[][],
  int: (below: number) => number,
  running: { readonly on: boolean },
  onAnswer: () => void,
): Promise<void> {
  const wire = openWire(port);
  let known: { readonly k: number; readonly value: string; readonly etag: string } | undefined;
  for (let n = 0; running.on; n++) {
    const k = known?.k ?? int(RESOURCES);
    const value = `${round}-${client}-${n}`;
    const from = performance.now();
    const history = histories[k] as Recorded[];
    const planned = plan(int, known, value);
    const answer = await ask(wire, k, planned, value, known?.etag).catch(() => undefined);
    if (answer === undefined) {
      const { operation } = planned;
      if (operation.kind !== 'read') history.push({ operation, from, to: Number.POSITIVE_INFINITY });
      break;
    }
    onAnswer();
    const to = performance.now();
    known = undefined;
    if (planned.operation.kind === 'read') {
      const found = answer.status === 200 ? markOf(answer.body) : undefined;
      history.push({ operation: { kind: 'read', value: found }, from, to });
      // what was read is what the next request of this client is made against
      if (found !== undefined && int(3) > 0) known = { k, value: found, etag: answer.headers.get('etag') as string };
    } else if (planned.operation.kind === 'swap') {
      expect(answer.status).to.be.oneOf([200, 201, 204, 404, 412]);
      // removing what is not there tells that it is not there
      const { status } = answer;
      history.push({
        operation: status === 404 ? { kind: 'read', value: undefined } : { ...planned.operation, ok: status !== 412 },
        from,
        to,
      });
    } else {
      expect(answer.status).to.be.oneOf([200, 201, 204, 404]);
      const operation: Operation = answer.status === 404 ? { kind: 'read', value: undefined } : planned.operation;
      history.push({ operation, from, to });
    }
  }
  wire.close();
}

interface Planned {
  readonly operation: Operation;
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly condition?: 'match' | 'absent';
}

function plan(int: (below: number) => number, known: { readonly value: string } | undefined, value: string): Planned {
  if (known !== undefined) {
    const remove = int(6) === 0;
    const operation: Operation = { kind: 'swap', expected: known.value, value: remove ? undefined : value, ok: true };
    return { operation, method: remove ? 'DELETE' : 'PUT', condition: 'match' };
  }
  switch (int(6)) {
    case 0:
      return { operation: { kind: 'write', value }, method: 'PUT' };
    case 1:
      return { operation: { kind: 'swap', expected: undefined, value, ok: true }, method: 'PUT', condition: 'absent' };
    case 2:
      return { operation: { kind: 'write', value: undefined }, method: 'DELETE' };
    default:
      return { operation: { kind: 'read', value: undefined }, method: 'GET' };
  }
}

function ask(wire: Wire, k: number, { method, condition }: Planned, value: string, etag: string | undefined) {
  const conditions: Record<string, string> =
    condition === 'match' ? { 'If-Match': etag as string } : condition === 'absent' ? { 'If-None-Match': '*' } : {};
  const headers = { ...(method === 'PUT' ? XML : {}), ...conditions };
  return wire.request(method, `/resources/x${k}`, { headers, ...(method === 'PUT' ? { body: resource(`x${k}`, value) } : {}) });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
