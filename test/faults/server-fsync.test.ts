import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { markOf, resource } from '../servers/documents.js';
import { facetry, startFacetry } from '../servers/facetry.js';
import { ensureInstalled, skipWhen } from '../servers/installed.js';
import { endWithParent, stop, temporaryFolder } from '../servers/process.js';
import { openWire } from '../servers/wire.js';

describe('An fsync that fails', function () {
  this.timeout(60_000);

  it('is never answered as success; what was acknowledged before is there afterwards', async function () {
    skipWhen(this, await ensureInstalled({ name: 'strace', found: () => existsSync('/usr/bin/strace'), packages: ['strace'] }));
    const folder = await temporaryFolder('fsync');
    let server = await startFacetry({ data: folder.path });
    let injector: ChildProcess | undefined;
    try {
      const wire = openWire(server.port);
      const put = (id: string, value: string) =>
        wire.request('PUT', `/resources/${id}`, { headers: { 'Content-Type': 'application/xml' }, body: resource(id, value) });
      for (let n = 0; n < 20; n++) expect((await put(`r${n}`, 'before')).status).to.equal(201);

      const reason = await inject(server.pid()).then(
        (child) => {
          injector = child;
          return undefined;
        },
        (error: Error) => error.message,
      );
      skipWhen(this, reason);
      const failed = await put('r0', 'during');
      expect(failed.status, `a replacement whose fsync failed: ${failed.body}`).to.be.within(500, 599);
      expect(failed.body.toString()).to.include('store-unavailable');
      const created = await put('new', 'during');
      expect(created.status, 'a creation whose fsync failed').to.be.within(500, 599);

      // reads go on, of what was acknowledged and nothing else
      expect(markOf((await wire.request('GET', '/resources/r0')).body)).to.equal('before');
      expect((await wire.request('GET', '/resources/new')).status).to.equal(404);

      await stop(injector as ChildProcess, 5_000, 'SIGINT');
      wire.close();
      await server.kill();
      const { code, output } = await facetry(['check', '--store', `embedded:${folder.path}`]);
      expect(code, output).to.equal(0);
      server = await startFacetry({ data: folder.path });
      const again = openWire(server.port);
      for (let n = 1; n < 20; n++) expect(markOf((await again.request('GET', `/resources/r${n}`)).body), `r${n}`).to.equal('before');
      expect(
        (await again.request('PUT', '/resources/r0', { headers: { 'Content-Type': 'application/xml' }, body: resource('r0', 'after') }))
          .status,
        'a write after a restart',
      ).to.equal(200);
      again.close();
    } finally {
      if (injector) await stop(injector, 5_000, 'SIGINT');
      await server.stop();
      await folder.remove();
    }
  });
});

/** Makes every fsync and fdatasync of the process and its threads fail with EIO from now on; rejects where tracing is not allowed. */
async function inject(pid: number): Promise<ChildProcess> {
  const child = spawn('strace', ['-f', '-p', String(pid), '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithParent(child);
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('attached')) resolve();
    });
    child.once('exit', () => reject(new Error(`strace cannot trace here: ${text.trim()}`)));
  });
  // threads are attached one after the other
  await new Promise((resolve) => setTimeout(resolve, 300));
  return child;
}
