import { expect } from 'chai';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run } from './running.js';

describe('http: conditional requests', () => {
  let server: Running;
  let etag: string;
  const xml = (cpu: string) => resourceXml('a', { cpu });

  before(async () => {
    server = await run();
  });
  after(() => server.stop());
  beforeEach(async () => {
    etag = (await server.agent.put('/resources/a').type('application/xml').send(xml('1'))).headers.etag as string;
    await server.agent.delete('/resources/missing');
  });

  const other = '"00000000000000000000000000000000000000000"';
  const past = 'Thu, 01 Jan 2015 00:00:00 GMT';
  const future = new Date(Date.now() + 86_400_000).toUTCString();
  const cases: readonly (readonly [
    method: 'get' | 'put' | 'delete',
    id: string,
    headers: (tag: string) => Record<string, string>,
    status: number,
  ])[] = [
    ['get', 'a', (tag) => ({ 'If-None-Match': tag }), 304],
    ['get', 'a', (tag) => ({ 'If-None-Match': `W/${tag}` }), 304],
    ['get', 'a', (tag) => ({ 'If-None-Match': `${other}, ${tag}` }), 304],
    ['get', 'a', () => ({ 'If-None-Match': '*' }), 304],
    ['get', 'a', () => ({ 'If-None-Match': other }), 200],
    ['get', 'a', () => ({ 'If-None-Match': 'bare' }), 400],
    ['get', 'a', () => ({ 'If-Modified-Since': future }), 304],
    ['get', 'a', () => ({ 'If-Modified-Since': past }), 200],
    ['get', 'a', () => ({ 'If-Modified-Since': 'nonsense' }), 200],
    ['get', 'a', (tag) => ({ 'If-Match': tag }), 200],
    ['get', 'a', () => ({ 'If-Match': other }), 412],
    ['get', 'a', () => ({ 'If-Unmodified-Since': past }), 412],
    ['get', 'missing', () => ({ 'If-None-Match': '*' }), 404],
    ['put', 'a', (tag) => ({ 'If-Match': tag }), 200],
    ['put', 'a', (tag) => ({ 'If-Match': `${other}, ${tag}` }), 200],
    ['put', 'a', () => ({ 'If-Match': '*' }), 200],
    ['put', 'a', (tag) => ({ 'If-Match': `W/${tag}` }), 412],
    ['put', 'a', () => ({ 'If-Match': other }), 412],
    ['put', 'a', () => ({ 'If-None-Match': '*' }), 412],
    ['put', 'a', (tag) => ({ 'If-None-Match': tag }), 400],
    ['put', 'a', () => ({ 'If-Unmodified-Since': past }), 412],
    ['put', 'a', () => ({ 'If-Unmodified-Since': future }), 200],
    ['put', 'missing', () => ({ 'If-None-Match': '*' }), 201],
    ['put', 'missing', () => ({ 'If-Match': '*' }), 412],
    ['put', 'missing', (tag) => ({ 'If-Match': tag }), 412],
    ['delete', 'a', (tag) => ({ 'If-Match': tag }), 204],
    ['delete', 'a', () => ({ 'If-Match': other }), 412],
    ['delete', 'a', () => ({ 'If-Unmodified-Since': past }), 412],
    ['delete', 'missing', () => ({ 'If-Match': '*' }), 404],
  ];
  for (const [method, id, headers, status] of cases) {
    it(`${method.toUpperCase()} ${id} with ${JSON.stringify(headers('<its tag>'))} → ${status}`, async () => {
      const request = server.agent[method](`/resources/${id}`).set(headers(etag));
      const answer = method === 'put' ? await request.type('application/xml').send(resourceXml(id, { cpu: '2' })) : await request;
      expect(answer.status, answer.text).to.equal(status);
      if (status === 304) {
        expect(answer.headers.etag).to.equal(etag);
        expect(answer.headers).to.include({ vary: 'Accept, Accept-Encoding, Facetry-Scope', 'cache-control': 'no-cache' });
        expect(answer.headers).not.to.have.any.keys('content-type', 'content-length');
      }
      // what was refused was not done
      if (status >= 400 && id === 'a') expect((await server.agent.get('/resources/a')).headers.etag).to.equal(etag);
    });
  }

  it('of many writers who read the same state, one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        server.agent
          .put('/resources/a')
          .set('If-Match', etag)
          .type('application/xml')
          .send(xml(`1${n}`)),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, ...Array(11).fill(412)]);
  });

  it('of many creators one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        server.agent
          .put('/resources/new')
          .set('If-None-Match', '*')
          .type('application/xml')
          .send(resourceXml('new', { cpu: String(n) })),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, ...Array(11).fill(412)]);
  });

  it('publishing the same again changes neither tag nor revision', async () => {
    const again = await server.agent.put('/resources/a').type('application/xml').send(xml('1')).expect(200);
    expect(again.headers.etag).to.equal(etag);
    expect(again.text).to.include('outcome="unchanged"');
  });
});
