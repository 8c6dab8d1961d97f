/**
 * What hostile clients send, entry by entry of the list that all suites share. Time-outs are shortened: the rules are the same, and
 * the last block holds the real ones to the list.
 */

import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import supertest from 'supertest';
import type { Directory } from '../../src/directory/index.js';
import { HTTP_LIMITS, HTTP_TIMES } from '../../src/http/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { scopesAtOnce, scopesLikeOurs, watchFlood, wrongTokens } from './hostile-callers.js';
import { dial, type Running, raw, run, runApart, serve } from './running.js';

const LIST = '../shared/hostile/http-hostile.json';
const MIB = 1024 * 1024;
const head = (request: string, ...headers: string[]) => `${[`${request} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`;
const POST = (...headers: string[]) => head('POST /resources', 'Content-Type: application/xml', ...headers);

describe('http: hostile requests', () => {
  let base: Running;
  let directory: Directory;

  before(async () => {
    base = await run();
    directory = base.directory;
    await base.agent.put('/resources/a').type('application/xml').send(resourceXml('a')).expect(201);
  });
  after(() => base.stop());
  afterEach('others go on being served, and nothing broke inside', async () => {
    await base.agent.get('/resources/a').expect(200);
    expect(base.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([]);
  });

  const statusOf = async (bytes: string, server = base) => (await raw(server.port, bytes, { silence: 150 })).status;
  const crowd = (count: number, port: number, bytes = '') => Promise.all(Array.from({ length: count }, () => dial(port, bytes)));
  const leave = (sockets: readonly Socket[]) => {
    for (const socket of sockets) socket.destroy();
  };
  /** What a server in use holds anyway: its threads have started, its code is compiled, its heap has grown. */
  const warm = async (port: number) => {
    const agent = supertest(`http://127.0.0.1:${port}`);
    for (let n = 0; n < 100; n += 1)
      await agent.put(`/resources/warm-${n}`).type('application/xml').send(resourceXml(undefined)).expect(201);
    for (let n = 0; n < 5; n += 1)
      await Promise.all(Array.from({ length: 20 }, () => agent.get('/discover?xpath=/*').buffer(true).expect(200)));
    await sleep(500);
  };
  /** Opens a server of its own for the time of `act`. */
  const on = async (options: Parameters<typeof serve>[1], act: (server: Running) => Promise<void>) => {
    const server = await serve(directory, options);
    try {
      await act(server);
    } finally {
      await server.stop();
    }
  };

  /** entry of the list → its test */
  const entries: Readonly<Record<string, () => Promise<void>>> = {
    'slowloris headers': () =>
      on({ times: { headers: 300, check: 50 } }, async (server) => {
        const started = performance.now();
        const sockets = await crowd(200, server.port, 'GET /resources/a HTTP/1.1\r\nHost: x\r\n');
        const drip = setInterval(() => {
          for (const socket of sockets) socket.write('X');
        }, 100);
        for (let n = 0; n < 10; n += 1) await server.agent.get('/resources/a').expect(200);
        await Promise.all(sockets.map(({ ended }) => ended));
        clearInterval(drip);
        expect(performance.now() - started).to.be.below(5000);
        expect(sockets[0]?.received()).to.match(/^HTTP\/1\.1 408 /);
      }),

    'slow body': async () => {
      const server = await runApart({ times: { patience: 1500, bytesPerSecond: 1e6, linger: 100 } });
      try {
        await warm(server.port);
        const before = (await server.look()).rss;
        const sockets = await crowd(200, server.port, POST(`Content-Length: ${MIB}`));
        const drip = setInterval(() => {
          for (const socket of sockets) socket.write('x');
        }, 100);
        await sleep(1000);
        const { rss } = await server.look();
        await Promise.all(sockets.map(({ ended }) => ended));
        clearInterval(drip);
        expect(sockets[0]?.received()).to.match(/^HTTP\/1\.1 408 .*<code>request-timeout<\/code>/s);
        expect(Math.max(rss, (await server.look()).rss) - before).to.be.below(64 * MIB);
      } finally {
        await server.stop();
      }
    },

    'slow reader': async () => {
      const server = await runApart({ times: { patience: 3000, bytesPerSecond: 1e9 } });
      try {
        await warm(server.port);
        const agent = supertest(`http://127.0.0.1:${server.port}`);
        const documents = Array.from({ length: 1200 }, (_, n) => resourceXml(`large-${n}`, { facets: `<f:x>${'x'.repeat(20_000)}</f:x>` }));
        await agent.post('/resources').type('application/xml-seq').send(documents.join('\n')).expect(200);
        const before = await server.look();
        const sockets = await Promise.all(Array.from({ length: 100 }, () => dial(server.port)));
        for (const socket of sockets) {
          socket.pause();
          socket.write(head('GET /discover?xpath=/*'));
        }
        await sleep(1500);
        let seen = await server.look();
        const most = seen.rss;
        for (let wait = 0; wait < 600 && seen.aborted < 100; wait += 1) {
          await sleep(50);
          seen = await server.look();
        }
        expect(seen, 'all but the requests before them').to.include({ aborted: 100, requests: before.requests + 100 });
        expect(Math.max(most, seen.rss) - before.rss).to.be.below(64 * MIB);
        leave(sockets);
      } finally {
        await server.stop();
      }
    },

    'oversized content-length': async () => {
      const answer = await raw(base.port, POST('Content-Length: 1099511627776'), { silence: 200 });
      expect([answer.status, answer.text.includes('Connection: close')]).to.deep.equal([413, true]);
    },

    'chunked endless': async () => {
      for (const path of ['/resources', '/resources/endless', '/discover']) {
        const method = path.endsWith('endless') ? 'PUT' : 'POST';
        const type = path === '/discover' ? 'application/json' : 'application/xml';
        const socket = await dial(base.port, head(`${method} ${path}`, `Content-Type: ${type}`, 'Transfer-Encoding: chunked'));
        const chunk = Buffer.from(`10000\r\n${'x'.repeat(65536)}\r\n`);
        let sent = 0;
        let open = true;
        void socket.ended.then(() => (open = false));
        const started = performance.now();
        while (open && sent < 1024 * MIB && performance.now() - started < 8000) {
          sent += chunk.length;
          if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), socket.ended]);
        }
        await socket.ended;
        expect(socket.received()).to.match(/^HTTP\/1\.1 413 /);
        expect(base.requests().at(-1)?.status).to.equal(413);
      }
    },

    'negative or huge length': async () => {
      for (const length of ['-1', '1e3', '+5', '5, 6', '5\r\nContent-Length: 6', '0x5', '99999999999999999999999', '']) {
        expect(await statusOf(`${POST(`Content-Length: ${length}`)}hello`), length).to.equal(400);
      }
    },

    'CL and TE together': async () => {
      for (const headers of [
        ['Content-Length: 5', 'Transfer-Encoding: chunked'],
        ['Transfer-Encoding: chunked', 'Content-Length: 5'],
      ]) {
        const answer = await raw(base.port, `${POST(...headers)}0\r\n\r\nGET /resources/smuggled HTTP/1.1\r\nHost: x\r\n\r\n`);
        expect([answer.status, answer.closed, answer.text.match(/HTTP\/1\.1 \d/g)?.length]).to.deep.equal([400, true, 1]);
        expect(base.requests().some(({ path }) => path.includes('smuggled'))).to.equal(false);
      }
    },

    'TE obfuscated': async () => {
      for (const coding of [
        'xchunked',
        'chunked, identity',
        'identity, chunked',
        'gzip, chunked',
        'chunked, chunked',
        '\x0bchunked',
        'chunked\r\nTransfer-Encoding: chunked',
        'CHUNKED, x',
      ])
        expect(await statusOf(`${POST(`Transfer-Encoding: ${coding}`)}0\r\n\r\n`), coding).to.be.oneOf([400, 501]);
      for (const line of [
        'Transfer-Encoding : chunked',
        'Transfer-Encoding\t: chunked',
        ' Transfer-Encoding: chunked',
        'Transfer-Encoding:\r\n chunked',
      ])
        expect(await statusOf(`${POST(line)}0\r\n\r\n`), line).to.equal(400);
      expect(await statusOf(`POST /resources HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).to.equal(400);
      // a tab after the colon is white space as good as any (RFC 9110 §5.5): then it is chunked, and nothing else
      expect((await raw(base.port, `${POST('Transfer-Encoding:\tchunked')}0\r\n\r\n`)).text).to.include('<code>empty-body</code>');
    },

    'bare LF and obs-fold headers': async () => {
      for (const bytes of [
        'GET /resources/a HTTP/1.1\nHost: x\n\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\nA: b\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\r\n\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\rA: b\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\nHost : x\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\n\r\n',
        'GET /resources/a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n',
        'GET /resources/a\r\n\r\n',
        'GET http://x/resources/a HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET resources/a HTTP/1.1\r\nHost: x\r\n\r\n',
        'GET /resources/\xff HTTP/1.1\r\nHost: x\r\n\r\n',
        `${POST('Transfer-Encoding: chunked')}5\nhello\n0\n\n`,
        `${POST('Transfer-Encoding: chunked')}-5\r\nhello\r\n0\r\n\r\n`,
        `${POST('Transfer-Encoding: chunked')}0x5\r\nhello\r\n0\r\n\r\n`,
      ])
        expect(await statusOf(bytes), JSON.stringify(bytes)).to.equal(400);
    },

    'header flood': async () => {
      const flood = Array.from({ length: 5000 }, (_, n) => `h${n}: 1`);
      expect(await statusOf(head('GET /resources/a', ...flood))).to.equal(431);
      expect(await statusOf(head('GET /resources/a', ...flood.slice(0, 250)))).to.equal(431);
      expect(await statusOf(head('GET /resources/a', `A: ${'x'.repeat(100 * 1024)}`))).to.equal(431);
      expect(await statusOf(head('GET /resources/a', ...flood.slice(0, 100)))).to.equal(200);
    },

    'long url': async () => {
      expect(await statusOf(head(`GET /resources/${'x'.repeat(MIB)}`))).to.be.oneOf([414, 431]);
      expect(await statusOf(head(`GET /discover?xpath=${'x'.repeat(20_000)}`))).to.equal(414);
    },

    'method override': async () => {
      for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
        await base.agent.get('/resources/a').set(name, 'DELETE').expect(200);
      await base.agent.post('/resources/a?_method=DELETE').expect(405);
      await base.agent.get('/resources/a').expect(200);
    },

    'unknown method': async () => {
      expect(await statusOf(head('FOO /'))).to.equal(501);
      const trace = await raw(base.port, head('TRACE /resources/a', 'X-Secret: echo'));
      expect([trace.status, trace.text.includes('echo')]).to.deep.equal([405, false]);
      const connect = await raw(base.port, head('CONNECT example.org:80'));
      expect([connect.status, connect.closed]).to.deep.equal([405, true]);
      expect(await statusOf(head('GET /resources/a', 'Connection: Upgrade', 'Upgrade: websocket'))).to.equal(200);
    },

    'duplicate scope header': async () => {
      expect(await statusOf(head('GET /resources/a', 'Facetry-Scope: /infra', 'Facetry-Scope: /other'))).to.equal(400);
      for (const name of ['Content-Type', 'Authorization', 'If-Unmodified-Since'])
        expect(await statusOf(head('GET /resources/a', `${name}: a`, `${name.toLowerCase()}: b`))).to.equal(400);
    },

    'scope by query, header and token at once': scopesAtOnce,

    'token in query string': async () => {
      const { body } = await base.agent.get('/resources/a?token=s3cret').set('Accept', 'application/json').expect(400);
      expect(JSON.stringify(body)).not.to.include('s3cret');
      await base.agent.get('/discover?xpath=1&access_token=s3cret').expect(400);
      expect(JSON.stringify(base.events)).not.to.include('s3cret');
    },

    'expired, not-yet-valid, alg none, wrong audience, key id path': wrongTokens,

    'percent-encoded slash, dot dot, NUL, double encoding in id': async () => {
      for (const path of [
        '/resources/%2e%2e%2f',
        '/resources/%2e%2e%2fresources%2fa',
        '/resources/%00',
        '/resources/a%00',
        '/resources/%252e',
        '/resources/%2561',
        '/resources/a%2f',
        '/resources/..;/a',
        '/resources/a;x',
      ])
        expect(await statusOf(head(`GET ${path}`)), path).to.be.oneOf([400, 404]);
    },

    'scope case, trailing slash, doubled slash, prefix': scopesLikeOurs,

    'content-type confusion': async () => {
      for (const type of [
        'text/html',
        'multipart/form-data; boundary=x',
        'application/yaml',
        'application/xml; charset=utf-7',
        'application/xml;charset=UTF-7',
        'application/xml-external-parsed-entity',
      ])
        await base.agent.post('/resources').set('Content-Type', type).send('<a/>').expect(415);
      expect(await statusOf(`${head('POST /resources', 'Content-Length: 4')}<a/>`)).to.equal(415);
    },

    'accept confusion': async () => {
      for (const accept of ['text/html', '*/*;q=0', 'x/y, '.repeat(2048), 'application/xml;q=', ';;;', '*']) {
        const answer = await raw(base.port, head('GET /resources/a', `Accept: ${accept}`));
        expect(answer.status).to.be.oneOf([200, 406]);
        expect(answer.text).to.match(/\r\nX-Content-Type-Options: nosniff\r\n/);
        expect(answer.text).to.match(/\r\nContent-Type: application\/(problem\+)?xml/);
      }
    },

    'expect 100-continue with bad token': () =>
      on(
        {
          authenticate: () => {
            throw new Problem('unauthorized');
          },
        },
        async (server) => {
          const answer = await raw(server.port, POST('Content-Length: 50', 'Expect: 100-continue', 'Authorization: Bearer bad'));
          expect(answer.status).to.equal(401);
          expect(answer.text).not.to.include('100 Continue');
        },
      ),

    'pipelined 1000 requests on one connection': async () => {
      const all = Array.from({ length: 1000 }, (_, n) => head('GET /resources/a', `X-Request-Id: pipe-${n}`)).join('');
      const answering = raw(base.port, all, { silence: 1000 });
      const started = performance.now();
      await base.agent.get('/resources/a').expect(200);
      expect(performance.now() - started).to.be.below(3000);
      const { text } = await answering;
      const ids = [...text.matchAll(/\r\nX-Request-Id: pipe-(\d+)\r\n/g)].map((match) => Number(match[1]));
      expect(ids).to.deep.equal(Array.from({ length: 1000 }, (_, n) => n));
    },

    'half-open floods': () =>
      on({ limits: { connections: 100 } }, async (server) => {
        const sockets = await crowd(400, server.port);
        await sleep(200);
        expect(server.events.filter(({ kind }) => kind === 'dropped').length).to.be.within(250, 300);
        leave(sockets);
        await sleep(100);
        await server.agent.get('/resources/a').expect(200);
      }),

    'http2 rapid reset if HTTP/2 is on': async () => {
      // HTTP/2 is off: its preface is no request, and an upgrade to it is not taken
      const answer = await raw(base.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
      expect([answer.status, answer.closed]).to.deep.equal([400, true]);
      const upgrade = await raw(
        base.port,
        head('GET /resources/a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'),
      );
      expect(upgrade.status).to.equal(200);
    },

    'prototype pollution': async () => {
      const before = Object.getOwnPropertyNames(Object.prototype).join();
      for (const query of ['__proto__[x]=1', '__proto__.x=1', 'constructor[prototype][x]=1', '__proto__=1']) {
        for (const path of ['/resources', '/resources/a', '/discover', '/readyz'])
          await base.agent.get(`${path}?xpath=1&${query}`).expect(400);
      }
      for (const body of [
        '{"constructor":{"prototype":{"x":1}},"xpath":"1"}',
        '{"xpath":"1","variables":{"constructor":{"prototype":{}}}}',
      ])
        await base.agent.post('/discover').type('json').send(body).expect(400);
      expect((await base.agent.post('/discover').type('json').send('{"__proto__":{"x":1},"xpath":"1"}')).status).to.be.oneOf([200, 400]);
      expect(Object.getOwnPropertyNames(Object.prototype).join()).to.equal(before);
    },

    'array and object query parameters': async () => {
      for (const query of ['scope[]=a&scope[b]=c', 'scope[]=a', 'limit=1&limit=2', 'limit[]=1', 'limit[$gt]=1', 'format=xml&format=json'])
        for (const path of ['/resources', '/discover', '/interfaces', '/resources/a']) {
          await base.agent.get(`${path}?xpath=1&${query}`).expect(400);
        }
    },

    'watch flood': watchFlood,

    'publish flood': () =>
      on(
        { rateLimit: { windowMs: 60_000, requests: 100 }, authenticate: ({ headers }) => ({ principal: String(headers.authorization) }) },
        async (server) => {
          const put = (n: number, who: string) =>
            server.agent.put(`/resources/flood-${n}`).set('Authorization', who).type('application/xml').send(resourceXml(undefined));
          const answers: Awaited<ReturnType<typeof put>>[] = [];
          for (let start = 0; start < 200; start += 20)
            answers.push(...(await Promise.all(Array.from({ length: 20 }, (_, n) => put(start + n, 'flooder')))));
          expect(answers.filter(({ status }) => status === 201)).to.have.length(100);
          const refused = answers.filter(({ status }) => status === 429);
          expect(refused).to.have.length(100);
          expect(refused.every(({ headers }) => Number(headers['retry-after']) > 0)).to.equal(true);
          await put(1, 'somebody else').expect(200);
          for (const [n, { status }] of answers.entries()) await base.agent.get(`/resources/flood-${n}`).expect(status === 201 ? 200 : 404);
        },
      ),

    'ETag guess': () =>
      on({ authenticate: () => ({ principal: 'p', scopes: ['/elsewhere'] as never }) }, async (server) => {
        const { etag } = (await base.agent.get('/resources/a')).headers as { etag: string };
        const ask = async (method: 'get' | 'head' | 'put' | 'delete', id: string, headers: Record<string, string>) => {
          const request = server.agent[method](`/resources/${id}`).set({ 'X-Request-Id': 'same', ...headers });
          const answer = await (method === 'put' ? request.type('application/xml').send(resourceXml(undefined)) : request.buffer(true));
          return {
            status: answer.status,
            text: (answer.text ?? '').replaceAll(`"${id}"`, '"?"').replaceAll(`&quot;${id}&quot;`, '"?"'),
            etag: answer.headers.etag as unknown,
          };
        };
        for (const headers of [
          {},
          { 'If-None-Match': etag },
          { 'If-None-Match': '*' },
          { 'If-Match': etag },
          { 'If-Match': '*' },
          { 'If-Modified-Since': new Date().toUTCString() },
        ] as Record<string, string>[]) {
          for (const method of ['get', 'head', 'delete'] as const)
            if (method !== 'delete' || !('If-None-Match' in headers))
              expect(await ask(method, 'a', headers), `${method} ${JSON.stringify(headers)}`).to.deep.equal(
                await ask(method, 'z', headers),
              );
        }
        for (const tag of [etag, '*'])
          expect(await ask('put', 'a', { 'If-Match': tag })).to.deep.equal(await ask('put', 'z', { 'If-Match': tag }));
      }),
  };

  for (const [name, entry] of Object.entries(entries)) {
    it(name, async function () {
      this.timeout(60_000);
      await entry();
    });
  }

  it('every entry of the list is here', function () {
    if (!existsSync(LIST)) {
      if (process.env.CI === 'true') throw new Error(`${LIST} is missing`);
      console.log(`      skipped: ${LIST} is not here`);
      return this.skip();
    }
    const names = (JSON.parse(readFileSync(LIST, 'utf8')) as { name: string }[]).map(({ name }) => name);
    expect(Object.keys(entries)).to.have.members(names);
  });

  it('the real time-outs and limits are as the list demands', () => {
    expect(HTTP_TIMES.headers + HTTP_TIMES.check).to.be.at.most(30_000);
    expect(HTTP_TIMES.patience + (MIB / MIB) * 1000).to.be.at.most(60_000);
    expect(HTTP_LIMITS.documentBytes).to.equal(MIB);
    expect(HTTP_LIMITS.connections).to.be.at.most(2000);
  });
});
