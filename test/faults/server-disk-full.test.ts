import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { markOf, resource } from '../servers/documents.js';
import { facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';

const run = promisify(execFile);

describe('A full disk', function () {
  this.timeout(60_000);

  it('refuses writes with 507, goes on answering, and takes writes again when there is room', async function () {
    const folder = await temporaryFolder('full');
    const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder.path]).then(
      () => undefined,
      (error: Error) => `a small disk cannot be mounted: ${error.message.trim().split('\n').at(-1)}`,
    );
    if (mounted !== undefined) {
      await folder.remove();
      skipWhen(this, mounted);
    }
    try {
      const ballast = join(folder.path, 'ballast');
      await writeFile(ballast, Buffer.alloc(6 << 20, 1));
      const data = join(folder.path, 'data');
      const server = await startFacetry({ data });
      const wire = openWire(server.port);
      const put = (id: string) =>
        wire.request('PUT', `/resources/${id}`, {
          headers: { 'Content-Type': 'application/xml' },
          body: resource(id, id, 'x'.repeat(100_000)),
        });
      const stored: string[] = [];
      try {
        let last = await put('r0');
        for (let n = 1; n < 400 && last.status < 300; n++) {
          stored.push(`r${n - 1}`);
          last = await put(`r${n}`);
        }
        expect(last.status, `the write on a full disk: ${last.body}`).to.equal(507);
        expect(last.body.toString(), 'the error').to.include('disk-full');
        const refused = `r${stored.length}`;
        expect(stored.length, 'writes before the disk was full').to.be.greaterThan(5);

        // reads go on, and what was refused is not there
        expect((await wire.request('GET', `/resources/${refused}`)).status).to.equal(404);
        for (const id of stored) expect(markOf((await wire.request('GET', `/resources/${id}`)).body)).to.equal(id);
        const count = await wire.request('GET', `/discover?${new URLSearchParams({ xpath: 'count(/*)' })}`);
        expect(count.body.toString()).to.include(`>${stored.length}<`);
        expect((await put('again')).status, 'another write while the disk is full').to.equal(507);

        // writes resume by themselves
        await rm(ballast);
        let status = 0;
        for (const end = Date.now() + 5_000; status !== 201 && Date.now() < end; ) {
          status = (await put('resumed')).status;
          if (status !== 201) await new Promise((resolve) => setTimeout(resolve, 100));
        }
        expect(status, 'a write 5 s after there is room').to.equal(201);
        stored.push('resumed');
      } finally {
        wire.close();
        await server.stop();
      }
      const { code, output } = await facetry(['check', '--store', `embedded:${data}`]);
      expect(code, output).to.equal(0);
      const again = await startFacetry({ data });
      const after = openWire(again.port);
      try {
        for (const id of stored) expect((await after.request('GET', `/resources/${id}`)).status, id).to.equal(200);
      } finally {
        after.close();
        await again.stop();
      }
    } finally {
      await run('umount', ['-l', folder.path]);
      await folder.remove();
    }
  });
});
