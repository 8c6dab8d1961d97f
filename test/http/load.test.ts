/** Too much: one caller's share, wrong tokens from one address, and more under way than can be answered in time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Directory, OPEN_CALLER } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run, serve, withMethods } from './running.js';

describe('http: load', () => {
  let base: Running;
  before(async () => {
    base = await run();
    await base.agent.put('/resources/a').type('application/xml').send(resourceXml('a')).expect(201);
  });
  after(() => base.stop());

  /** Its questions end when they are let go. */
  function held(inner: Directory) {
    const waiting: (() => void)[] = [];
    const directory = withMethods(inner, {
      async discover(caller, question, signal) {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return inner.discover(caller, question, signal);
      },
    });
    return { directory, release: () => waiting.splice(0).forEach((resolve) => void resolve()) };
  }
  const ask = (server: Running, as = 'me') => server.agent.get('/discover?xpath=1').set({ 'X-As': as, Accept: 'application/json' });
  const byName = ({ headers }: { headers: NodeJS.Dict<string | string[]> }) => ({ ...OPEN_CALLER, principal: String(headers['x-as']) });

  it('refuses at once what is more than it takes on, with Retry-After; what was let in is answered', async () => {
    const { directory, release } = held(base.directory);
    const server = await serve(directory, { load: { maxInFlight: 3 } });
    try {
      const let3 = [1, 2, 3].map(() => ask(server).then(({ status }) => status));
      await sleep(100);
      const began = performance.now();
      const refused = await ask(server);
      expect([refused.status, refused.body.code, refused.headers['retry-after']]).to.deep.equal([503, 'overloaded', '1']);
      expect(performance.now() - began).to.be.lessThan(1000);
      await server.agent.get('/livez').expect(200);
      release();
      expect(await Promise.all(let3)).to.deep.equal([200, 200, 200]);
      const after = ask(server).then(({ status }) => status);
      await sleep(50);
      release();
      expect(await after).to.equal(200);
    } finally {
      await server.stop();
    }
  });

  it('lets one caller have so many under way, and others theirs', async () => {
    const { directory, release } = held(base.directory);
    const server = await serve(directory, { load: { maxConcurrent: 2 }, authenticate: byName });
    try {
      const mine = [ask(server), ask(server)].map((one) => one.then(({ status }) => status));
      await sleep(100);
      const third = await ask(server);
      expect([third.status, third.body.code]).to.deep.equal([429, 'too-many-requests']);
      const yours = ask(server, 'you').then(({ status }) => status);
      await sleep(50);
      release();
      expect(await Promise.all([...mine, yours])).to.deep.equal([200, 200, 200]);
    } finally {
      await server.stop();
    }
  });

  it('refuses while the event loop runs late, and recovers by itself', async () => {
    const server = await serve(base.directory, { load: { maxLagMs: 50 } });
    try {
      await server.agent.get('/resources/a').expect(200);
      for (let k = 0; k < 8; k++) {
        const until = performance.now() + 250;
        while (performance.now() < until);
        await sleep(1);
      }
      const refused = await server.agent.get('/resources/a').set('Accept', 'application/json');
      expect([refused.status, refused.body.code]).to.deep.equal([503, 'overloaded']);
      const end = Date.now() + 5000;
      while ((await server.agent.get('/resources/a')).status !== 200) {
        expect(Date.now()).to.be.lessThan(end);
        await sleep(50);
      }
      expect(server.events.map(({ kind }) => kind)).to.include.members(['overloaded', 'recovered']);
    } finally {
      await server.stop();
    }
  });

  it('stops listening to an address that guesses tokens, right ones too, and to no other reason', async () => {
    const server = await serve(base.directory, {
      failures: { windowMs: 60_000, failures: 3 },
      authenticate({ headers }) {
        if (headers.authorization === 'Bearer right') return OPEN_CALLER;
        throw new Problem('unauthorized', {});
      },
    });
    const get = (token?: string) => server.agent.get('/resources/a').set(token === undefined ? {} : { Authorization: `Bearer ${token}` });
    try {
      for (let k = 0; k < 5; k++) expect((await get()).status, 'without a token').to.equal(401);
      for (let k = 0; k < 3; k++) expect((await get(`wrong${k}`)).status).to.equal(401);
      const refused = await get('right');
      expect(refused.status).to.equal(429);
      expect(Number(refused.headers['retry-after'])).to.be.within(1, 60);
    } finally {
      await server.stop();
    }
  });
});
