import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type BaseXServer, ensureInstalled, startBaseX } from './basex.js';
import type { BaseXClient } from './basex-client.js';
import { skipWhen } from './installed.js';
import { hasEnded } from './process.js';

describe('A BaseX server for tests', function () {
  this.timeout(60_000);
  let server: BaseXServer;
  let session: BaseXClient;

  before(async function () {
    skipWhen(this, await ensureInstalled());
    server = await startBaseX();
    session = await server.connect();
  });

  after(async () => {
    session?.close();
    await server?.stop();
  });

  it('is of version 9 or later', () => {
    expect(Number.parseInt(server.version, 10)).to.be.at.least(9);
  });

  it('returns documents byte by byte, whatever their length and characters', async () => {
    for (const length of [0, 1, 4_095, 4_096, 50_000]) {
      const text = `${'é'.repeat(length)}😀`;
      await session.create('texts', `<a>${text}</a>`);
      expect((await session.query('string(/a)')).toString('utf8')).to.equal(text);
    }
  });

  it('returns bytes that the protocol escapes', async () => {
    const { result } = await session.execute('XQUERY bin:from-octets((0, 255, 65, 0))');
    expect([...result]).to.deep.equal([0, 255, 65, 0]);
  });

  it('keeps a NUL in a document from ending it: it is refused as the XML it is not', async () => {
    const outcome = await session.create('nul', '<a/>\0DROP DB texts').then(
      () => 'accepted',
      () => 'refused',
    );
    expect(outcome).to.equal('refused');
    expect((await session.execute('XQUERY 1 + 1')).result.toString(), 'the session goes on').to.equal('2');
    expect((await session.execute('LIST')).result.toString()).to.include('texts');
  });

  it('tells errors and goes on', async () => {
    for (const wrong of ['1 +', 'error()', '(1 to 100000) ! (if(. = 99999) then error() else .)']) {
      const error = await session.query(wrong).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      expect((await session.query('"next"')).toString()).to.equal('next');
    }
  });

  it('refuses the password that BaseX comes with', async () => {
    const { connectBaseX } = await import('./basex-client.js');
    const error = await connectBaseX({ port: server.port, user: 'admin', password: 'admin' }).catch((reason: Error) => reason);
    expect(error).to.be.instanceOf(Error);
  });

  it('is gone after stop, with its data', async () => {
    const other = await startBaseX();
    expect(existsSync(other.data)).to.equal(true);
    await other.stop();
    expect(hasEnded(other.process)).to.equal(true);
    expect(existsSync(other.data)).to.equal(false);
  });
});
