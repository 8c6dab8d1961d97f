import { createServer as createHttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import express from 'express';
import type { Directory, DirectoryState } from '../../src/directory/index.js';
import { bornExpress } from '../../src/http/born-express.js';
import { createServer } from '../../src/http/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { dial, type Running, raw, run, serve, withMethods } from './running.js';

const REQUEST = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe('http/server', () => {
  let base: Running;
  let directory: Directory;
  before(async () => {
    base = await run();
    directory = base.directory;
    await base.agent.put('/resources/a').type('application/xml').send(resourceXml('a')).expect(201);
  });
  after(() => base.stop());

  const during = async (state: DirectoryState, act: (server: Running) => Promise<void>) => {
    const server = await serve(directory, { wrap: (inner) => withMethods(inner, { state }) });
    try {
      await act(server);
    } finally {
      await server.stop();
    }
  };

  describe('while the directory starts', () => {
    const state: DirectoryState = { phase: 'starting', done: 250, total: 1000, revision: 0 };
    it('says so, with progress, and refuses everything else', () =>
      during(state, async ({ agent }) => {
        const ready = await agent.get('/readyz').expect(503).expect('Retry-After', '1');
        expect(ready.text).to.match(/\[-\] columns: 250 of 1000 resources loaded \(25 %\)\n.*starting\n$/s);
        await agent.get('/healthz').expect(503);
        await agent.get('/startupz').expect(503);
        await agent.get('/livez').expect(200);
        await agent.get('/openapi.json').expect(200);
        for (const path of ['/resources/a', '/resources', '/discover?xpath=1', '/interfaces']) {
          const { body } = await agent.get(path).set('Accept', 'application/json').expect(503).expect('Retry-After', '1');
          expect(body).to.include({ code: 'starting', detail: '250 of 1000 resources are loaded' });
        }
        await agent.put('/resources/a').type('application/xml').send(resourceXml('a')).expect(503);
      }));
    it('has started once it has', () =>
      during({ ...state, phase: 'ready' }, async ({ agent }) => {
        await agent.get('/startupz').expect(200);
        await agent.get('/readyz').expect(200);
      }));
    it('is not ready while it closes', () =>
      during({ ...state, phase: 'closing' }, async ({ agent }) => {
        expect((await agent.get('/readyz').expect(503)).text).to.match(/draining\n$/);
        await agent.get('/resources/a').expect(503);
        await agent.get('/livez').expect(200);
      }));
  });

  describe('asked to close', () => {
    /** A server whose next discovery waits for `go`. */
    const held = async () => {
      let go = () => {};
      const until = new Promise<void>((resolve) => {
        go = resolve;
      });
      const server = await serve(directory, {
        wrap: (inner) =>
          withMethods(inner, {
            async discover(caller, question, signal) {
              await until;
              return inner.discover(caller, question, signal);
            },
          }),
      });
      return { server, go };
    };

    it('finishes what was accepted, closes idle connections, takes no new ones', async () => {
      const { server, go } = await held();
      const idle = await dial(server.port, REQUEST('/livez'));
      const busy = await dial(server.port, REQUEST('/discover?xpath=1'));
      await sleep(100);
      const closed = server.server.close(5000);
      await idle.ended;
      const refused = await dial(server.port).then(
        () => 'connected',
        (error: NodeJS.ErrnoException) => error.code,
      );
      expect(refused).to.equal('ECONNREFUSED');
      go();
      await busy.ended;
      expect(busy.received()).to.match(/^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*<\/results>\n$/s);
      expect(await closed).to.deep.equal({ cut: 0 });
      expect(server.events.filter(({ kind }) => kind !== 'request').map(({ kind }) => kind)).to.deep.equal([
        'listening',
        'draining',
        'closed',
      ]);
    });

    it('a request whose body is still coming is finished, too', async () => {
      const server = await serve(directory);
      const body = resourceXml('late');
      const slow = await dial(
        server.port,
        `PUT /resources/late HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`,
      );
      await sleep(50);
      const closed = server.server.close(5000);
      await sleep(50);
      slow.write(body.slice(20));
      await slow.ended;
      expect(slow.received()).to.match(/^HTTP\/1\.1 201 /);
      expect(await closed).to.deep.equal({ cut: 0 });
      await base.agent.get('/resources/late').expect(200);
    });

    it('says "not ready" to those it still talks to', async () => {
      const { server, go } = await held();
      const busy = await dial(server.port, REQUEST('/discover?xpath=1') + REQUEST('/readyz'));
      await sleep(50);
      const closed = server.server.close(5000);
      go();
      await Promise.all([busy.ended, closed]);
      expect(busy.received()).to.match(/^HTTP\/1\.1 200 /);
      // the second request came after the answer that closes the connection, or was told
      expect(busy.received()).not.to.match(/HTTP\/1\.1 200 .*HTTP\/1\.1 200 /s);
    });

    it('cuts what does not end within its grace', async () => {
      const { server, go } = await held();
      const busy = await dial(server.port, REQUEST('/discover?xpath=1'));
      await sleep(50);
      const started = performance.now();
      expect(await server.server.close(150)).to.deep.equal({ cut: 1 });
      expect(performance.now() - started).to.be.within(140, 1500);
      await busy.ended;
      go();
    });
  });

  describe('listening', () => {
    it('is for this machine only, unless exposed', async () => {
      const server = createServer(directory);
      const error = await server.listen({ host: '0.0.0.0', port: 0 }).catch((reason: Error) => reason);
      expect(error).to.be.instanceOf(Error);
      const { host } = await server.listen({ host: '0.0.0.0', port: 0, exposed: true });
      expect(host).to.equal('0.0.0.0');
      await server.close();
    });
    it('says when the address is in use', async () => {
      const server = createServer(directory);
      const error = await server.listen({ port: base.port }).catch((reason: NodeJS.ErrnoException) => reason);
      expect((error as NodeJS.ErrnoException).code).to.equal('EADDRINUSE');
    });
    it('IPv6 addresses stand in brackets', async function () {
      const server = createServer(directory);
      const bound = await server.listen({ host: '::1', port: 0 }).catch((reason: NodeJS.ErrnoException) => reason);
      if (bound instanceof Error) {
        console.log(`      skipped: no IPv6 loopback here (${bound.message})`);
        return this.skip();
      }
      expect(bound.url).to.equal(`http://[::1]:${bound.port}`);
      expect((await fetch(`${bound.url}/livez`)).status).to.equal(200);
      await server.close();
    });
  });

  describe('a connection on which nothing moves', () => {
    it('is kept while the server works on the answer', async () => {
      const server = await serve(directory, {
        times: { patience: 150 },
        wrap: (inner) =>
          withMethods(inner, {
            async discover(caller, question, signal) {
              await sleep(700);
              return inner.discover(caller, question, signal);
            },
          }),
      });
      try {
        await server.agent.get('/discover?xpath=1').expect(200);
      } finally {
        await server.stop();
      }
    });

    it('is cut off when its reader sleeps over an answer that was sent whole', async () => {
      const server = await serve(directory, {
        times: { patience: 300 },
        wrap: (inner) =>
          withMethods(inner, { get: () => ({ id: 'a', etag: '"x"', modifiedAt: 0, xml: new Uint8Array(32 * 1024 * 1024) }) }),
      });
      try {
        const socket = await dial(server.port);
        socket.pause();
        socket.write(REQUEST('/resources/a'));
        for (let wait = 0; wait < 100 && server.requests().length === 0; wait += 1) await sleep(20);
        expect(server.requests()[0]).to.include({ aborted: true });
        socket.destroy();
      } finally {
        await server.stop();
      }
    });
  });

  it('requests keep the shape they were born with', async () => {
    const app = express();
    let same: readonly boolean[] = [];
    app.get('/', (_request, response) => response.end());
    const server = createHttpServer(bornExpress(app), (request, response) => {
      const before = [Object.getPrototypeOf(request), Object.getPrototypeOf(response)];
      app(request, response);
      same = [Object.getPrototypeOf(request) === before[0], Object.getPrototypeOf(response) === before[1]];
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).to.equal(200);
    expect(same).to.deep.equal([true, true]);
    await new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
  });

  describe('the seam for callers', () => {
    it('is asked first, and what it throws is the answer', async () => {
      const server = await serve(directory, {
        authenticate: (request) => {
          if (request.headers.authorization === undefined) throw new Problem('unauthorized', { hint: 'send a token' });
          if (request.headers.authorization === 'late') return Promise.reject(new Problem('forbidden'));
          if (request.headers.authorization === 'promised') return Promise.resolve({ principal: 'p', scopes: ['/nowhere'] as never });
          return { principal: 'admin' };
        },
      });
      try {
        await server.agent.get('/resources/a').expect(401);
        await server.agent.get('/resources/a').set('Authorization', 'late').expect(403);
        await server.agent.get('/resources/a').set('Authorization', 'promised').expect(404);
        await server.agent.get('/resources/a').set('Authorization', 'x').expect(200);
        for (const path of ['/livez', '/readyz', '/openapi.json', '/']) await server.agent.get(path).expect(200);
        // nothing else is said to strangers, not even whether their request is well-formed
        await server.agent.get('/resources/%00').expect(401);
        await server.agent.put('/resources/a').type('text/html').send('x').expect(401);
        expect(server.requests().map(({ principal }) => principal)).to.include.members(['admin', 'p', undefined]);
      } finally {
        await server.stop();
      }
    });
  });

  describe('limits', () => {
    it('bodies of all requests together', async () => {
      const server = await serve(directory, { limits: { intakeBytes: 100_000 } });
      try {
        const head = 'PUT /resources/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: 90000\r\n\r\n';
        const first = await dial(server.port, head + 'x'.repeat(80_000));
        await sleep(100);
        const second = await raw(server.port, head + 'x'.repeat(80_000));
        expect(second.status).to.equal(503);
        expect(second.text).to.match(/\r\nRetry-After: 1\r\n/);
        first.destroy();
        await sleep(100);
        // what was held is given back when its client goes, and after each answer
        for (let round = 0; round < 5; round += 1) {
          const answer = await raw(server.port, `${head.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}${'x'.repeat(90_000)}`);
          expect(answer.status).to.equal(400);
        }
      } finally {
        await server.stop();
      }
    });

    it('requests a caller, when configured', async () => {
      const server = await serve(directory, {
        rateLimit: { windowMs: 60_000, requests: 3 },
        authenticate: ({ headers }) => ({ principal: String(headers.authorization) }),
      });
      try {
        const statuses: number[] = [];
        for (let n = 0; n < 5; n += 1) statuses.push((await server.agent.get('/resources/a').set('Authorization', 'me')).status);
        expect(statuses).to.deep.equal([200, 200, 200, 429, 429]);
        const refused = await server.agent
          .get('/resources/a')
          .set('Authorization', 'me')
          .set('Accept', 'application/json')
          .expect(429)
          .expect('Retry-After', '60');
        expect(refused.body.code).to.equal('too-many-requests');
        await server.agent.get('/resources/a').set('Authorization', 'you').expect(200);
        await server.agent.get('/livez').set('Authorization', 'me').expect(200);
      } finally {
        await server.stop();
      }
    });

    it('names under which it is addressed, when configured', async () => {
      const server = await serve(directory, { hosts: ['localhost', '127.0.0.1', '::1'] });
      try {
        for (const [host, status] of [
          ['localhost', 200],
          ['LOCALHOST:8080', 200],
          ['127.0.0.1:1', 200],
          ['[::1]:8080', 200],
          ['evil.example', 421],
          ['localhost.evil.example:8080', 421],
          ['', 421],
        ] as const) {
          expect((await raw(server.port, `GET /resources/a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status, host).to.equal(
            status,
          );
        }
      } finally {
        await server.stop();
      }
    });

    it('pages of other origins read nothing unless configured', async () => {
      const open = await serve(directory, { cors: ['https://ui.example'] });
      try {
        const none = await base.agent.get('/resources/a').set('Origin', 'https://ui.example');
        expect(none.headers).not.to.have.property('access-control-allow-origin');
        const read = await open.agent.get('/resources/a').set('Origin', 'https://ui.example').expect(200);
        expect(read.headers['access-control-allow-origin']).to.equal('https://ui.example');
        expect(read.headers['access-control-expose-headers']).to.include('ETag');
        expect(read.headers.vary).to.include('Origin');
        const other = await open.agent.get('/resources/a').set('Origin', 'https://evil.example');
        expect(other.headers).not.to.have.property('access-control-allow-origin');
        const preflight = await open.agent
          .options('/resources/a')
          .set('Origin', 'https://ui.example')
          .set('Access-Control-Request-Method', 'PUT')
          .expect(204);
        expect(preflight.headers['access-control-allow-methods']).to.include('PUT');
        const problem = await open.agent.get('/resources/missing').set('Origin', 'https://ui.example').expect(404);
        expect(problem.headers['access-control-allow-origin']).to.equal('https://ui.example');
      } finally {
        await open.stop();
      }
    });
  });

  it('counts by template and known method, so that callers cannot invent labels', async () => {
    const server = await serve(directory);
    try {
      for (const path of ['/resources/x1', '/resources/x2', '/nowhere1', '/nowhere2']) await server.agent.get(path).expect(404);
      await raw(server.port, 'PROPFIND /nowhere3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      await raw(server.port, 'FOO / HTTP/1.1\r\n\r\n');
      const { text } = await server.agent.get('/metrics').expect(200);
      expect(text).to.include('facetry_http_request_duration_seconds_count{method="GET",route="/resources/{id}",status="404"} 2');
      expect(text).to.include('facetry_http_request_duration_seconds_count{method="GET",route="(none)",status="404"} 2');
      expect(text).to.include('facetry_http_request_duration_seconds_count{method="other",route="(none)",status="404"} 1');
      expect(text).to.include('facetry_http_malformed_total{status="501"} 1');
      expect(text).to.match(/facetry_http_in_flight 1\n/);
      expect(text).to.match(/facetry_event_loop_lag_p99_seconds \d/);
      expect(text).not.to.match(/nowhere|x1/);
    } finally {
      await server.stop();
    }
    const without = await serve(directory, { metrics: false });
    await without.agent.get('/metrics').expect(404);
    await without.stop();
  });
});
