import { expect } from 'chai';
import fc from 'fast-check';
import { routes } from '../../src/http/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, raw, run, withMethods } from './running.js';

const XML = 'application/xml';
const XSD =
  '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:known" elementFormDefault="qualified"><xs:element name="hw" type="xs:string"/></xs:schema>';

describe('http/routes', () => {
  let server: Running;
  let fail: unknown;

  before(async () => {
    server = await run({
      schemas: [{ ns: 'urn:known', xsd: XSD }],
      version: '1.2.3',
      wrap: (directory) =>
        withMethods(directory, {
          get: (caller, id) => {
            if (id === 'fault') throw fail;
            return directory.get(caller, id);
          },
        }),
    });
    for (const id of ['a', 'b', 'c']) await server.agent.put(`/resources/${id}`).type(XML).send(resourceXml(id)).expect(201);
  });
  after(() => server.stop());

  describe('each route answers', () => {
    const json = 'application/json';
    const xml = 'application/xml';
    const plain = 'text/plain';
    const cases: readonly (readonly [
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      body: string | undefined,
      status: number,
      type: string | undefined,
      says: RegExp,
    ])[] = [
      ['get', '/resources/a', undefined, 200, xml, /^<(\w+:)?resource /],
      ['get', '/resources/a?format=json', undefined, 200, json, /"facets":\{"f:hw":/],
      ['put', '/resources/put-1', resourceXml('put-1'), 201, xml, /<published [^>]*outcome="created"/],
      ['put', '/resources/put-1', resourceXml('put-1'), 200, xml, /outcome="unchanged"/],
      ['put', '/resources/put-1', resourceXml(undefined, { cpu: '5' }), 200, xml, /outcome="replaced"/],
      ['put', '/resources/put-1?format=json', resourceXml(undefined, { cpu: '6' }), 200, json, /"outcome":"replaced"/],
      ['put', '/resources/put-2?dryRun=true', resourceXml('put-2'), 200, xml, /<canonical><(\w+:)?resource /],
      ['get', '/resources/put-2', undefined, 404, 'application/problem+xml', /<code>not-found<\/code>/],
      ['put', '/resources/put-2', resourceXml('other'), 422, 'application/problem+xml', /<violations><i>/],
      ['delete', '/resources/put-1?dryRun=true', undefined, 204, undefined, /^$/],
      ['delete', '/resources/put-1', undefined, 204, undefined, /^$/],
      ['delete', '/resources/put-1', undefined, 404, 'application/problem+xml', /not-found/],
      ['post', '/resources', resourceXml('post-1'), 201, xml, /outcome="created"/],
      ['post', '/resources', resourceXml('post-1'), 409, 'application/problem+xml', /<hint>[^<]*PUT/],
      ['post', '/resources?dryRun', resourceXml('post-2'), 200, xml, /outcome="created"/],
      ['post', '/resources?format=json', resourceXml(undefined), 201, json, /"id":"urn:uuid:/],
      ['post', '/resources?atomic=false', resourceXml('post-3'), 400, 'application/problem+xml', /bulk/],
      ['get', '/resources?limit=2', undefined, 200, xml, /<list [^>]*count="2" next="[\w-]+"/],
      ['get', '/resources?format=json', undefined, 200, json, /"items":\[\{"id":"a"/],
      ['get', '/resources?limit=0', undefined, 400, 'application/problem+xml', /limit/],
      ['get', '/resources?cursor=nonsense', undefined, 400, 'application/problem+xml', /cursor/],
      ['get', '/interfaces', undefined, 200, xml, /<interface ns="urn:known" prefix="[^"]+" origin="shipped"><element>hw<\/element>/],
      ['get', '/interfaces?format=json', undefined, 200, json, /"ns":"urn:known"/],
      ['get', '/interfaces/urn%3Aknown', undefined, 200, xml, /<xs:schema /],
      ['get', '/interfaces/urn%3Aunknown', undefined, 404, 'application/problem+xml', /not-found/],
      ['get', '/livez', undefined, 200, plain, /^ok\n$/],
      ['get', '/startupz', undefined, 200, plain, /^ok\n$/],
      ['get', '/readyz', undefined, 200, plain, /^ok\n$/],
      ['get', '/healthz?verbose', undefined, 200, plain, /\[\+\] store: .*\n\[\+\] columns: .*\n\[\+\] http: /],
      ['get', '/readyz?format=json', undefined, 200, json, /"status":"ok"/],
      ['get', '/', undefined, 200, plain, /facetry 1\.2\.3/],
      ['get', '/problems/not-found', undefined, 200, plain, /^not-found \(404\)/],
      ['get', '/problems/toString', undefined, 404, 'application/problem+xml', /not-found/],
      ['get', '/openapi.json', undefined, 200, json, /"openapi": "3\.1\.0"/],
      [
        'get',
        '/metrics',
        undefined,
        200,
        plain,
        /facetry_http_request_duration_seconds_count\{method="GET",route="\/resources\/\{id\}",status="200"\}/,
      ],
    ];
    for (const [method, path, body, status, type, says] of cases) {
      it(`${method.toUpperCase()} ${path} → ${status}`, async () => {
        const request = server.agent[method](path).buffer(true);
        const answer = body === undefined ? await request : await request.type(XML).send(body);
        expect(answer.status, answer.text).to.equal(status);
        if (type === undefined) expect(answer.headers).not.to.have.property('content-type');
        else expect(answer.headers['content-type']).to.match(new RegExp(`^${type.replaceAll('+', '\\+')};`));
        expect(answer.text ?? '').to.match(says);
        expect(answer.headers['x-content-type-options']).to.equal('nosniff');
        expect(answer.headers.vary).to.equal('Accept, Accept-Encoding, Facetry-Scope');
        expect(answer.headers).not.to.have.property('x-powered-by');
      });
    }
  });

  it('says where a new resource lives, and how its state is called', async () => {
    const answer = await server.agent.post('/resources').type(XML).send(resourceXml('with/slash é%41'));
    expect(answer.headers.location).to.equal('/resources/with%2Fslash%20%C3%A9%2541');
    const read = await server.agent.get(answer.headers.location as string).expect(200);
    expect(read.headers.etag).to.equal(answer.headers.etag);
    expect(Date.parse(read.headers['last-modified'] as string)).to.be.within(Date.now() - 60_000, Date.now() + 1000);
    const changed = await server.agent
      .put(answer.headers.location as string)
      .type(XML)
      .send(resourceXml(undefined, { cpu: '9' }))
      .expect(200);
    expect(changed.headers).not.to.have.property('location');
    expect(changed.headers.etag).not.to.equal(read.headers.etag);
    expect(changed.headers['facetry-revision'])
      .to.match(/^[\w-]+$/)
      .and.not.equal(answer.headers['facetry-revision']);
  });

  it('follows rel=next to the end, each resource once', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/resources?limit=2&format=json';
    for (let pages = 0; path !== undefined && pages < 100; pages += 1) {
      const answer: Awaited<ReturnType<typeof server.agent.get>> = await server.agent
        .get(path)
        .set('Accept', 'application/json')
        .expect(200);
      seen.push(...answer.body.items.map(({ id }: { id: string }) => id));
      path = /^<([^>]+)>; rel="next"$/.exec((answer.headers.link as string | undefined) ?? '')?.[1];
    }
    const whole = await server.agent.get('/resources?limit=1000&format=json');
    expect(seen).to.deep.equal(whole.body.items.map(({ id }: { id: string }) => id));
    expect(seen.length).to.equal(whole.body.total);
    expect(whole.headers).not.to.have.property('link');
  });

  describe('each address', () => {
    const table = routes();
    for (const path of new Set(table.map((row) => row.path))) {
      const rows = table.filter((row) => row.path === path);
      const address = path.replace(
        /\{(\w+)\}/g,
        (_, name: string) => ({ id: 'a', ns: 'urn%3Aknown', code: 'not-found', name: 'Q%7Burn:f%7Dhw', scope: '%2Finfra' })[name] as string,
      );
      const gets = rows.some((row) => row.method === 'get');
      const allowed = [...rows.map((row) => row.method.toUpperCase()), ...(gets ? ['HEAD'] : []), 'OPTIONS'];

      for (const method of ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY']) {
        if (allowed.includes(method)) continue;
        it(`${method} ${path} → 405 with Allow, and nothing is echoed`, async () => {
          const { status, text } = await raw(
            server.port,
            `${method} ${address} HTTP/1.1\r\nHost: x\r\nX-Secret: echo-me\r\nConnection: close\r\n\r\n`,
          );
          expect(status).to.equal(405);
          expect(/\r\nAllow: (.*)\r\n/.exec(text)?.[1]?.split(', ')).to.have.members(allowed);
          expect(text).not.to.include('echo-me');
        });
      }
      it(`OPTIONS ${path} → 204 with Allow`, async () => {
        const answer = await server.agent.options(address).expect(204);
        expect(answer.headers.allow?.split(', ')).to.have.members(allowed);
      });
      if (!gets || ['/discover', '/watch'].includes(path)) continue;
      it(`HEAD ${path} tells what GET would`, async () => {
        const get = await server.agent.get(address).set('Accept-Encoding', 'identity').buffer(true).expect(200);
        const head = await server.agent.head(address).set('Accept-Encoding', 'identity').expect(200);
        for (const name of ['content-type', 'etag', 'last-modified', 'cache-control', 'vary'])
          expect(head.headers[name], name).to.equal(get.headers[name]);
        if (path !== '/metrics') expect(head.headers['content-length']).to.equal(get.headers['content-length']);
        expect(head.text).to.equal(undefined);
      });
    }
  });

  describe('the form of the answer', () => {
    for (const [accept, resource, problem] of [
      [undefined, 'application/xml', 'application/problem+xml'],
      ['*/*', 'application/xml', 'application/problem+xml'],
      ['application/xml', 'application/xml', 'application/problem+xml'],
      ['text/xml', 'text/xml', 'application/problem+xml'],
      ['text/*', 'text/xml', 'application/problem+xml'],
      ['application/json', 'application/json', 'application/problem+json'],
      ['application/problem+json', undefined, 'application/problem+json'],
      ['application/json, application/xml;q=0.5', 'application/json', 'application/problem+json'],
      ['application/json;q=0.5, application/xml', 'application/xml', 'application/problem+xml'],
      ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/xml', 'application/problem+xml'],
      ['text/html', undefined, 'application/problem+xml'],
      ['*/*;q=0', undefined, 'application/problem+xml'],
      ['application/xml;q=0, */*', 'text/xml', 'application/problem+xml'],
      ['nonsense', undefined, 'application/problem+xml'],
      [`application/json, ${'x/y, '.repeat(2000)}a/b`, 'application/json', 'application/problem+json'],
    ] as const) {
      it(`Accept: ${String(accept).slice(0, 60)}`, async () => {
        const headers: Record<string, string> = accept === undefined ? {} : { Accept: accept };
        for (const path of ['/resources/a', '/resources', '/discover?xpath=1']) {
          const answer = await fetch(server.url + path, { headers: { Accept: '', ...headers } }).then(async (got) => ({
            status: got.status,
            type: got.headers.get('content-type'),
            text: await got.text(),
          }));
          if (accept === undefined) continue;
          expect(answer.status, path).to.equal(resource === undefined ? 406 : 200);
          expect(answer.type, path).to.equal(`${resource ?? problem}; charset=utf-8`);
        }
        const missing = await raw(
          server.port,
          `GET /resources/missing HTTP/1.1\r\nHost: x\r\n${accept === undefined ? '' : `Accept: ${accept}\r\n`}Connection: close\r\n\r\n`,
        );
        expect(missing.status).to.equal(resource === undefined ? 406 : 404);
        expect(missing.text).to.include(`\r\nContent-Type: ${problem}; charset=utf-8\r\n`);
      });
    }

    it('?format is stronger than Accept, also for problems', async () => {
      await server.agent
        .get('/resources/a?format=xml')
        .set('Accept', 'application/json')
        .expect(200)
        .expect('Content-Type', /^application\/xml/);
      await server.agent
        .get('/resources/no?format=json')
        .set('Accept', 'application/xml')
        .expect(404)
        .expect('Content-Type', /^application\/problem\+json/);
      await server.agent.get('/resources/a?format=yaml').expect(400);
    });

    it('a write that cannot be answered is not done', async () => {
      await server.agent.put('/resources/unanswerable').set('Accept', 'text/html').type(XML).send(resourceXml('unanswerable')).expect(406);
      await server.agent.get('/resources/unanswerable').expect(404);
    });

    it('the JSON form of a resource holds the document as it was published', async () => {
      const xml = await server.agent.get('/resources/a').buffer(true);
      const { body, headers } = await server.agent.get('/resources/a').set('Accept', 'application/json');
      expect(body).to.deep.include({ id: 'a', scopes: ['/infra'], facets: { 'f:hw': { 'f:cpu': '4' } } });
      expect(headers.etag).to.equal(xml.headers.etag);
      const same = await server.agent.put('/resources/a').type('application/json').set('Accept', 'application/json').send(body).expect(200);
      expect(same.body.outcome).to.equal('unchanged');
    });
    it('JSON is taken where a resource is, and refused by its paths', async () => {
      const facets = { 'f:hw': { 'f:cpu': 8 } };
      const document = { id: 'json', namespaces: { f: 'urn:f' }, scopes: ['/infra'], facets };
      await server.agent.post('/resources').type('application/json').send(document).expect(201);
      expect((await server.agent.get('/resources/json').buffer(true)).text).to.include('<f:cpu>8</f:cpu>');
      const wrong = await server.agent
        .put('/resources/json')
        .type('application/json')
        .set('Accept', 'application/json')
        .send({ ...document, scopes: ['infra'] })
        .expect(422);
      expect(wrong.body.violations).to.have.length(1);
      expect(wrong.body.violations[0]).to.include({ rule: 'scope-syntax', path: '/r:resource/r:scope[1]' }).and.not.have.property('line');
      await server.agent.post('/resources').type('application/json').send('{').expect(400);
      await server.agent.delete('/resources/json').expect(204);
    });

    it('people get a page', async () => {
      const page = await server.agent
        .get('/')
        .set('Accept', 'text/html,*/*;q=0.8')
        .expect(200)
        .expect('Content-Type', /^text\/html/);
      expect(page.headers['content-security-policy']).to.include("default-src 'none'");
      expect(page.text).to.include('href="/openapi.json"');
    });
  });

  describe('problems (RFC 9457)', () => {
    it('have the same members in both forms', async () => {
      const path = '/resources/put-2';
      const json = await server.agent
        .put(path)
        .type(XML)
        .set('Accept', 'application/json')
        .set('X-Request-Id', 'me-1')
        .send(resourceXml('other'))
        .expect(422);
      expect(json.body).to.include({ type: '/problems/invalid-resource', code: 'invalid-resource', status: 422, requestId: 'me-1' });
      expect(json.body.violations).to.be.an('array').that.is.not.empty;
      const xml = await server.agent.put(path).type(XML).set('X-Request-Id', 'me-1').send(resourceXml('other')).buffer(true).expect(422);
      expect(xml.text).to.include('<problem xmlns="urn:ietf:rfc:7807">');
      for (const name of ['type', 'title', 'status', 'code', 'detail', 'requestId']) expect(xml.text).to.include(`<${name}>`);
      expect(xml.text.match(/<i>/g)).to.have.length(json.body.violations.length);
      await server.agent.get(json.body.type).expect(200);
    });

    it('unknown errors become internal-error, of which nothing gets out', async () => {
      fail = Object.assign(new Error('secret detail'), { status: 400, expose: true });
      const answer = await server.agent.get('/resources/fault').set('Accept', 'application/json').expect(500);
      expect(answer.body.code).to.equal('internal-error');
      expect(JSON.stringify(answer.body) + JSON.stringify(answer.headers)).not.to.include('secret');
      const fault = server.events.find((event) => event.kind === 'fault');
      expect(fault).to.deep.include({ id: answer.body.requestId, error: fail });
    });

    it('whatever is thrown, the answer is a problem', async () => {
      for (const thrown of ['text', 5, {}, { status: 200 }, new TypeError('x')]) {
        fail = thrown;
        await server.agent.get('/resources/fault').expect(500);
      }
    });

    it('waiting is said in seconds', async () => {
      fail = new Problem('overloaded', { retryAfter: 2.5 });
      await server.agent.get('/resources/fault').expect(503).expect('Retry-After', '3');
      fail = new Problem('store-unavailable');
      await server.agent.get('/resources/fault').expect(503).expect('Retry-After', '1');
      fail = new Problem('unauthorized');
      await server.agent
        .get('/resources/fault')
        .expect(401)
        .expect('WWW-Authenticate', /^Bearer/);
      fail = new Problem('disk-full');
      await server.agent.get('/resources/fault').expect(507);
    });

    it('unknown addresses: one spelling each', async () => {
      for (const path of [
        '/nowhere',
        '/resources/',
        '/Resources',
        '//resources',
        '/resources/a/b',
        '/resources/a/',
        '/discover/x',
        '/favicon.ico',
      ]) {
        await server.agent
          .get(path)
          .expect(404)
          .expect('Content-Type', /problem\+xml/);
      }
    });
  });

  describe('bodies', () => {
    for (const [type, body, status, code] of [
      ['text/html', 'x', 415, 'unsupported-media-type'],
      ['application/yaml', '{}', 415, 'unsupported-media-type'],
      ['multipart/form-data; boundary=x', '--x--', 415, 'unsupported-media-type'],
      ['application/xml; charset=utf-7', '<a/>', 415, 'unsupported-media-type'],
      [undefined, '<a/>', 415, 'unsupported-media-type'],
      ['application/xml', '', 400, 'empty-body'],
      [undefined, '', 400, 'empty-body'],
      ['application/xml', '<a', 400, 'not-well-formed'],
      ['application/xml', '<!DOCTYPE a><a/>', 400, 'doctype-refused'],
      ['application/xml', '<a/>', 422, 'invalid-resource'],
      ['text/xml; charset=utf-8', resourceXml('typed'), 0, ''],
    ] as const) {
      for (const method of ['POST', 'PUT'] as const) {
        it(`${method} of ${type ?? 'no type'}, ${body.slice(0, 20) || 'empty'} → ${code || 'taken'}`, async () => {
          const path = method === 'PUT' ? '/resources/typed' : '/resources';
          const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nConnection: close\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}`;
          const answer = await raw(server.port, `${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
          if (status === 0) expect(answer.status).to.be.oneOf([200, 201, 409]);
          else {
            expect(answer.status, answer.text).to.equal(status);
            expect(answer.text).to.include(`"code":"${code}"`);
          }
        });
      }
    }

    it('encodings that XML knows come through', async () => {
      const utf16 = Buffer.from(`\uFEFF${resourceXml('utf16', { facets: '<f:x>é→</f:x>' })}`, 'utf16le');
      const answer = await fetch(`${server.url}/resources`, {
        method: 'POST',
        body: utf16,
        headers: { 'Content-Type': 'application/xml; charset=utf-16' },
      });
      expect(answer.status, await answer.text()).to.equal(201);
      expect(await (await fetch(`${server.url}/resources/utf16`)).text()).to.include('é→');
    });
  });

  describe('ids in the path', () => {
    for (const [path, status] of [
      ['/resources/%2e%2e', 404],
      ['/resources/%2e%2e%2f', 404],
      ['/resources/..%2fresources%2fa', 404],
      ['/resources/%2fa', 404],
      ['/resources/%252e', 404],
      ['/resources/%2561', 404],
      ['/resources/%61', 200],
      ['/resources/%00', 400],
      ['/resources/a%00', 400],
      ['/resources/a%0d%0aX-Injected:%201', 400],
      ['/resources/%20', 400],
      ['/resources/%', 400],
      ['/resources/%zz', 400],
      ['/resources/%ff', 400],
      ['/resources/%ed%a0%80', 400],
      ['/resources/%c0%ae%c0%ae', 400],
      ['/resources/../resources/a', 404],
      ['/./resources/a', 404],
      [`/resources/${'x'.repeat(1024)}`, 404],
      [`/resources/${'x'.repeat(1025)}`, 400],
      [`/resources/${'%F0%9F%8C%8D'.repeat(1024)}`, 404],
    ] as const) {
      it(`${path.slice(0, 60)} → ${status}`, async () => {
        const answer = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        expect(answer.status).to.equal(status);
        expect(answer.text).not.to.match(/\r\nX-Injected/);
      });
    }

    it('any id that the model takes can be published and read back', async () => {
      const seed = Number(process.env.SEED ?? Date.now() % 1e9);
      const unit = fc.oneof(
        fc.constantFrom(...'/%?#&+;=.\\ "<>\'é→\u{1F30D}aA0'),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      );
      const id = fc
        .string({ unit, minLength: 1, maxLength: 40 })
        .filter(
          (text) =>
            /\S/.test(text) &&
            text.trim() === text &&
            !/[\p{Cc}\p{Zl}\p{Zp}\uFFFE\uFFFF]/u.test(text) &&
            text !== '.' &&
            text !== '..' &&
            text.normalize() === text,
        );
      await fc.assert(
        fc.asyncProperty(id, async (name) => {
          const address = `/resources/${encodeURIComponent(name)}`;
          const put = await server.agent.put(address).type(XML).send(resourceXml(undefined));
          expect(put.status, put.text).to.be.oneOf([200, 201]);
          const got = await server.agent.get(`${address}?format=json`).expect(200);
          expect(got.body.id).to.equal(name);
        }),
        { seed, numRuns: 60 },
      );
    });
  });

  describe('request ids and events', () => {
    it('echoes a well-formed X-Request-Id, makes one otherwise', async () => {
      await server.agent.get('/livez').set('X-Request-Id', 'abc-1.2').expect('X-Request-Id', 'abc-1.2');
      for (const bad of ['a b', 'x'.repeat(200), '<script>']) {
        const answer = await server.agent.get('/livez').set('X-Request-Id', bad);
        expect(answer.headers['x-request-id']).to.match(/^[0-9a-f-]{36}$/);
      }
    });

    it('reports each request once, without its query', async () => {
      const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await server.agent.get('/resources/a?format=xml&token=secret').set('X-Request-Id', 'evt-1').expect(400);
      await server.agent.get('/resources/a').set('X-Request-Id', 'evt-2').set('traceparent', trace).expect(200);
      const [first, second] = server.requests().filter(({ id }) => id.startsWith('evt-'));
      expect(first).to.deep.include({ method: 'GET', route: '/resources/{id}', path: '/resources/a', status: 400, aborted: false });
      expect(JSON.stringify(first)).not.to.include('secret');
      expect(second).to.deep.include({ trace, status: 200, principal: 'anyone', remote: '127.0.0.1' });
      expect(second?.ms).to.be.within(0, 5000);
    });
  });
});
