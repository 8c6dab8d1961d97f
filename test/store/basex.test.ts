/** The contract over a real BaseX server; each place has a database of its own. */
import { createHash } from 'node:crypto';
import { openStore, type Store, type StoreOptions } from '../../src/store/index.js';
import { storeContract } from '../contract/store.js';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { skipWhen } from '../servers/installed.js';

describe('BaseX behind a journal', function () {
  this.timeout(120_000);
  let server: BaseXServer;

  before(async function () {
    skipWhen(this, await ensureInstalled());
    server = await startBaseX({ heap: '1g' });
  });
  after(() => server?.stop());

  const open = (place: string, options?: StoreOptions): Promise<Store> => {
    const database = `d${createHash('sha256').update(place).digest('hex').slice(0, 16)}`;
    const basex = { journal: place, password: server.password };
    return openStore(`basex://admin@127.0.0.1:${server.port}/${database}`, { ...options, basex });
  };
  storeContract('basex', open, { durable: true, onlineBackup: true, exclusive: true });
});
