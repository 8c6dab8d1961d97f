import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import pino from 'pino';
import { OPEN_CALLER } from '../../../src/directory/index.js';
import { configure, type RunningServer, startServer } from '../program.js';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

describe('The directory as a resource', function () {
  this.timeout(30_000);
  let folder: string;
  let server: RunningServer;
  /** on the port it had, so that it is the same directory */
  const start = async (listen = '127.0.0.1:0') => {
    const flags = { data: folder, listen, selfScope: '/infra/services' };
    const { settings } = configure(flags, { env: {}, cwd: folder, systemFile: join(folder, 'none') });
    server = await startServer(settings, { cwd: REPOSITORY, env: {} }, pino({ level: 'silent' }), () => {});
    await server.ready;
    await server.announce();
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-self-'));
  });
  after(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says its address, software and host in the scope it is told, with a lease; and nothing new after a restart', async () => {
    await start();
    const { directory, url } = server;
    const ask = async (xpath: string) => (await directory.discover(OPEN_CALLER, { xpath })) as unknown as { value: unknown };
    expect(await ask("string(/r:resource[r:scope = '/infra/services']/service:service//service:url)")).to.include({ value: url });
    expect(await ask('boolean(/r:resource[software:software][host:host/host:hostname])')).to.include({ value: true });
    const [{ id }] = directory.list(OPEN_CALLER, { limit: 2 }).items;
    expect(directory.meta(OPEN_CALLER, id)?.facets.every(({ lease }) => lease?.ttl === 60)).to.equal(true);
    const { revision } = directory.state;
    await server.close();
    await start(new URL(url).host);
    expect(server.directory.state.revision).to.equal(revision);
  });
});
