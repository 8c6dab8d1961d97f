import { request as httpRequest } from 'node:http';
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { expect } from 'chai';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, raw, run } from './running.js';

const MIB = 1024 * 1024;

describe('http: content codings', () => {
  let server: Running;
  const long = (id: string, length: number) => resourceXml(id, { facets: `<f:x>${'0123456789'.repeat(length / 10)}</f:x>` });
  before(async () => {
    server = await run();
    await server.agent.put('/resources/long').type('application/xml').send(long('long', 20_000)).expect(201);
    await server.agent.put('/resources/short').type('application/xml').send(resourceXml('short')).expect(201);
  });
  after(() => server.stop());

  /** the bytes as they travel */
  const get = (path: string, headers: Record<string, string>) =>
    new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      httpRequest(server.url + path, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      })
        .on('error', reject)
        .end();
    });

  describe('out', () => {
    for (const [accept, coding, inflate] of [
      [undefined, undefined, (body: Buffer) => body],
      ['identity', undefined, (body: Buffer) => body],
      ['gzip', 'gzip', gunzipSync],
      ['deflate', 'deflate', inflateSync],
      ['br', 'br', brotliDecompressSync],
      ['gzip, br', 'br', brotliDecompressSync],
      ['br;q=0, gzip', 'gzip', gunzipSync],
      ['*', 'br', brotliDecompressSync],
      ['zstd', undefined, (body: Buffer) => body],
      ['gzip;q=0', undefined, (body: Buffer) => body],
    ] as const) {
      it(`Accept-Encoding: ${accept} → ${coding ?? 'as it is'}`, async () => {
        const plain = await get('/resources/long', {});
        const { headers, body } = await get('/resources/long', accept === undefined ? {} : { 'Accept-Encoding': accept });
        expect(headers['content-encoding']).to.equal(coding);
        expect((inflate as (body: Buffer) => Buffer)(body).toString()).to.equal(plain.body.toString());
        expect(headers.vary).to.equal('Accept, Accept-Encoding, Facetry-Scope');
        expect(headers.etag).to.equal(plain.headers.etag);
        if (coding !== undefined) expect(body.length).to.be.below(plain.body.length / 10);
      });
    }

    it('small answers, 304 and HEAD stay as they are', async () => {
      const small = await get('/resources/short', { 'Accept-Encoding': 'gzip' });
      expect(small.headers).not.to.have.property('content-encoding');
      expect(small.headers['content-length']).to.equal(String(small.body.length));
      const unchanged = await get('/resources/long', { 'Accept-Encoding': 'gzip', 'If-None-Match': '*' });
      expect(unchanged.headers).not.to.have.property('content-encoding');
      expect(unchanged.body.length).to.equal(0);
    });
  });

  describe('in', () => {
    const put = (coding: string | undefined, body: Buffer | string, id = 'in') =>
      fetch(`${server.url}/resources/${id}`, {
        method: 'PUT',
        body: body as string,
        headers: {
          'Content-Type': 'application/xml',
          Accept: 'application/json',
          ...(coding === undefined ? {} : { 'Content-Encoding': coding }),
        },
      });

    for (const [coding, deflate] of [
      ['gzip', gzipSync],
      ['x-gzip', gzipSync],
      ['GZip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
      ['identity', (text: string) => Buffer.from(text)],
    ] as const) {
      it(`Content-Encoding: ${coding}`, async () => {
        const answer = await put(coding, deflate(long('in', 50_000 + coding.length * 10)));
        expect(answer.status, await answer.text()).to.be.oneOf([200, 201]);
      });
    }

    for (const [coding, body, status, code] of [
      ['zstd', 'x', 415, 'unsupported-media-type'],
      ['gzip, gzip', gzipSync(gzipSync(resourceXml('in'))), 415, 'unsupported-media-type'],
      ['gzip', resourceXml('in'), 400, 'bad-request'],
      ['gzip', gzipSync(resourceXml('in')).subarray(0, 60), 400, 'bad-request'],
      ['br', Buffer.from('nonsense nonsense'), 400, 'bad-request'],
      ['gzip', gzipSync(''), 400, 'empty-body'],
      ['gzip', gzipSync(Buffer.alloc(50 * MIB, 'x')), 413, 'document-too-large'],
      ['br', brotliCompressSync(Buffer.alloc(50 * MIB, 'x')), 413, 'document-too-large'],
      ['deflate', deflateSync(Buffer.alloc(50 * MIB, 'x')), 413, 'document-too-large'],
      ['gzip', Buffer.concat(Array.from({ length: 80_000 }, () => gzipSync(''))), 413, 'document-too-large'],
      [undefined, 'x'.repeat(MIB + 1), 413, 'document-too-large'],
    ] as const) {
      it(`${coding ?? 'no coding'}, ${body.length} bytes → ${code}`, async () => {
        const before = process.memoryUsage.rss();
        const answer = await put(coding, body as Buffer);
        expect(answer.status).to.equal(status);
        expect(((await answer.json()) as { code: string }).code).to.equal(code);
        expect(process.memoryUsage.rss() - before).to.be.below(40 * MIB);
      });
    }

    it('a document exactly as long as the limit is read', async () => {
      const room = MIB - resourceXml('exact', { facets: '<f:x></f:x>' }).length;
      const document = resourceXml('exact', { facets: `<f:x>${'x'.repeat(room)}</f:x>` });
      expect(document.length).to.equal(MIB);
      expect((await put(undefined, document, 'exact')).status).to.equal(201);
    });

    it('a question may be compressed', async () => {
      const answer = await fetch(`${server.url}/discover`, {
        method: 'POST',
        body: gzipSync('{"xpath":"1 + 1"}'),
        headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', Accept: 'application/json' },
      });
      expect(((await answer.json()) as { value: number }).value).to.equal(2);
    });

    it('Expect: 100-continue is answered when the body is wanted, and not before a refusal', async () => {
      const head = (type: string, length: number) =>
        `PUT /resources/expected HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
      const wanted = await raw(server.port, head('application/xml', 50), { silence: 200 });
      expect(wanted.text).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
      const refused = await raw(server.port, head('text/plain', 50), { silence: 200 });
      expect(refused.status).to.equal(415);
      const large = await raw(server.port, head('application/xml', 2 * MIB), { silence: 200 });
      expect(large.status).to.equal(413);
      const odd = await raw(server.port, head('application/xml', 50).replace('100-continue', '200-ok'), { silence: 200 });
      expect(odd.status).to.equal(400);
    });
  });
});
