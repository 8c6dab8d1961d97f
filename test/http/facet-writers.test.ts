/** Producers that write different facets of the same resources at once: nobody loses anything, and nobody knows of the others. */
import { expect } from 'chai';
import { resourceXml } from '../directory/open-test-directory.js';
import { openWire } from '../servers/wire.js';
import { type Running, run } from './running.js';

const WRITES = Number(process.env.FACETRY_FACET_WRITES ?? 2000);
const PRODUCERS = 8;
const RESOURCES = 10;
const XML = { 'Content-Type': 'application/xml' };

describe('Producers of different facets', function () {
  this.timeout(60_000 + WRITES * 20);
  let server: Running;
  before(async () => {
    server = await run();
  });
  after(() => server.stop());

  it(`lose none: ${WRITES} facet writes by ${PRODUCERS} of them on ${RESOURCES} resources`, async () => {
    for (let k = 0; k < RESOURCES; k++)
      await server.agent
        .put(`/resources/r${k}`)
        .set(XML)
        .send(resourceXml(`r${k}`))
        .expect(201);
    const last = new Map<string, string>();
    await Promise.all(
      Array.from({ length: PRODUCERS }, async (_, producer) => {
        const wire = openWire(server.port);
        for (let n = 0; n < WRITES / PRODUCERS; n++) {
          const at = `/resources/r${n % RESOURCES}/facets/${encodeURIComponent(`Q{urn:p${producer}}f`)}`;
          const facet = `<f xmlns="urn:p${producer}"><n>${n}</n></f>`;
          const answer = await wire.request('PUT', at, { headers: { ...XML, 'Facetry-Manager': `p${producer}` }, body: facet });
          expect(answer.status, answer.body.toString()).to.be.oneOf([200, 201]);
          last.set(`r${n % RESOURCES} ${producer}`, facet);
        }
        wire.close();
      }),
    );
    for (const [key, facet] of last) {
      const [id, producer] = key.split(' ') as [string, string];
      const found = await server.agent.get(`/resources/${id}/facets/${encodeURIComponent(`Q{urn:p${producer}}f`)}`).expect(200);
      expect(/<(?:\w+:)?n>(\d+)</.exec(found.text)?.[1], key).to.equal(/<n>(\d+)</.exec(facet)?.[1]);
    }
    expect(last.size).to.equal(PRODUCERS * RESOURCES);
  });
});
