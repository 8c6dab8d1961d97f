import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { markOf, resource } from '../servers/documents.js';
import { refused, startFacetry } from '../servers/facetry.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';

describe('A server that is asked to stop', function () {
  this.timeout(60_000);

  it('finishes what it has accepted, then ends with 0', async () => {
    const folder = await temporaryFolder('stop');
    const server = await startFacetry({ data: folder.path });
    try {
      // half a document is there when the signal comes
      const slow = connect(server.port, '127.0.0.1');
      await once(slow, 'connect');
      const document = resource('slow', 'whole');
      slow.write(
        `PUT /resources/slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length: ${document.length}\r\n\r\n${document.slice(0, 50)}`,
      );
      // and many requests are under way
      const busy = Array.from({ length: 8 }, async (_, client) => {
        const wire = openWire(server.port);
        const acknowledged: string[] = [];
        for (let n = 0; ; n++) {
          const id = `c${client}-${n}`;
          const answer = await wire
            .request('PUT', `/resources/${id}`, { headers: { 'Content-Type': 'application/xml' }, body: resource(id, id) })
            .catch(() => undefined);
          if (answer === undefined || answer.status === 503) return acknowledged;
          expect(answer.status, `PUT ${id}: ${answer.body}`).to.equal(201);
          acknowledged.push(id);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      const ended = once(server.process, 'exit') as Promise<[number | null, string | null]>;
      server.process.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 100));

      let answer = '';
      slow.on('data', (chunk) => {
        answer += chunk.toString();
      });
      slow.write(document.slice(50));
      await once(slow, 'close');
      expect(answer.split('\r\n')[0], 'the answer to the request that was half sent').to.match(/^HTTP\/1\.1 201/);
      const acknowledged = (await Promise.all(busy)).flat();
      expect(acknowledged.length, 'writes before the signal').to.be.greaterThan(8);
      expect((await ended)[0], `exit code; output:\n${server.output()}`).to.equal(0);

      const again = await startFacetry({ data: folder.path });
      const wire = openWire(again.port);
      try {
        expect(markOf((await wire.request('GET', '/resources/slow')).body)).to.equal('whole');
        for (const id of acknowledged) expect((await wire.request('GET', `/resources/${id}`)).status, id).to.equal(200);
      } finally {
        wire.close();
        await again.stop();
      }
    } finally {
      await server.stop();
      await folder.remove();
    }
  });

  it('keeps its folder to itself while it runs', async () => {
    const folder = await temporaryFolder('exclusive');
    const server = await startFacetry({ data: folder.path });
    try {
      const second = await refused({ data: folder.path });
      expect(second.code, second.output).to.not.be.oneOf([0, null]);
      expect(second.output).to.match(/another process|in use|locked/i);
      expect(second.output, 'the error names the folder').to.include(folder.path);
      const wire = openWire(server.port);
      const answer = await wire.request('PUT', '/resources/a', { headers: { 'Content-Type': 'application/xml' }, body: resource('a', 1) });
      wire.close();
      expect(answer.status, 'the first goes on').to.equal(201);
    } finally {
      await server.stop();
      await folder.remove();
    }
  });
});
