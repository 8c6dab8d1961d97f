import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { Directory } from '../../src/directory/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { dial, type Running, raw, run, serve, withMethods } from './running.js';

const many = (...documents: readonly string[]) =>
  `<?xml version="1.0"?>\n<!-- many -->\n<resources>\n${documents.join('\n')}\n</resources>`;
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

describe('http: many documents in one request', () => {
  let server: Running;
  before(async () => {
    server = await run({ limits: { bulkBytes: 4 * 1024 * 1024 } });
  });
  after(() => server.stop());

  const post = (path: string, body: string | Buffer, type = 'application/xml') =>
    server.agent.post(path).type(type).set('Accept', 'application/json').send(body);
  const exists = async (id: string) => (await server.agent.get(`/resources/${id}`)).status === 200;

  it('are stored as one commit', async () => {
    const { status, body } = await post('/resources', many(...ids('all', 50).map((id) => resourceXml(id))));
    expect(status).to.equal(200);
    expect(body.results).to.have.length(50);
    expect(body.results[7]).to.include({ index: 7, status: 201, id: 'all-7', outcome: 'created' });
    expect(new Set(body.results.map(({ revision }: { revision: string }) => revision)).size).to.equal(1);
    const read = await server.agent.get('/resources/all-49').expect(200);
    expect(read.headers.etag).to.equal(body.results[49].etag);
  });

  it('come one a line, too', async () => {
    for (const [n, type] of ['application/xml-seq', 'application/x-ndxml', 'application/xml-seq; charset=utf-8'].entries()) {
      const prefix = `line-${n}`;
      const answer = await post(
        '/resources',
        `${ids(prefix, 3)
          .map((id) => resourceXml(id))
          .join('\n')}\n`,
        type,
      );
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.body.results.map(({ id }: { id: string }) => id)).to.deep.equal(ids(prefix, 3));
    }
    expect((await post('/resources', resourceXml('x'), 'application/xml-seq; charset=utf-16')).status).to.equal(415);
    expect((await post('/resources', many(resourceXml('x')), 'application/xml; charset=iso-8859-1')).status).to.equal(415);
  });

  it('all or none: one bad document and nothing is stored, every reason is told', async () => {
    const { status, body } = await post(
      '/resources',
      many(resourceXml('none-0'), '<resource/>', resourceXml('none-1'), resourceXml('all-0')),
    );
    expect(status).to.equal(422);
    expect(body.detail).to.match(/2 of 4/);
    expect(body.violations.some(({ message }: { message: string }) => message.startsWith('document 2:'))).to.equal(true);
    expect(body.violations.some(({ message }: { message: string }) => message.startsWith('document 4:'))).to.equal(true);
    expect(await exists('none-0')).to.equal(false);
  });

  it('atomic=false: one result for each', async () => {
    const body = many(resourceXml('some-0'), '<resource/>', resourceXml('some-0'), resourceXml(undefined));
    const answer = await post('/resources?atomic=false', body);
    expect(answer.status).to.equal(207);
    expect(answer.body.results.map(({ status }: { status: number }) => status)).to.deep.equal([201, 422, 409, 201]);
    expect(answer.body.results[1]).to.include({ index: 1, code: 'invalid-resource' });
    expect(answer.body.results[1].violations).to.not.equal(undefined);
    const xml = await server.agent.post('/resources?atomic=false').type('application/xml').send(body).buffer(true).expect(207);
    expect(xml.text).to.match(
      /^<\?xml[^>]*\?>\n<bulk xmlns="urn:facetry:answer">\n<result index="0" status="409" code="already-exists"><detail>/,
    );
    expect(xml.text).to.match(/<result index="1" status="422" code="invalid-resource"><detail>.*<violation rule="[^"]+"/);
  });

  it('upsert replaces what exists', async () => {
    const answer = await post(
      '/resources?upsert=true',
      many(resourceXml('all-1', { cpu: '77' }), resourceXml('all-2'), resourceXml('up-1')),
    );
    expect(answer.status).to.equal(200);
    expect(answer.body.results.map(({ outcome }: { outcome: string }) => outcome)).to.deep.equal(['replaced', 'unchanged', 'created']);
  });

  it('dryRun stores nothing', async () => {
    const answer = await post('/resources?dryRun', many(resourceXml('dry-1')));
    expect(answer.body.results[0]).to.include({ outcome: 'created' });
    expect(await exists('dry-1')).to.equal(false);
  });

  it('compressed, and with a byte order mark', async () => {
    const packed = gzipSync(`\uFEFF${many(...ids('packed', 20).map((id) => resourceXml(id)))}`);
    const answer = await fetch(`${server.url}/resources`, {
      method: 'POST',
      body: packed,
      headers: { 'Content-Type': 'application/xml', 'Content-Encoding': 'gzip', Accept: 'application/json' },
    });
    expect(answer.status).to.equal(200);
    expect(((await answer.json()) as { results: unknown[] }).results).to.have.length(20);
  });

  it('an empty list is an empty result', async () => {
    const answer = await post('/resources', '<resources/>');
    expect([answer.status, answer.body]).to.deep.equal([200, { results: [] }]);
  });

  it('what stops being XML half-way ends the answer with a problem; the results before it hold', async () => {
    const body = `<resources>${ids('half', 600)
      .map((id) => resourceXml(id))
      .join('')}<resource <<`;
    const json = await post('/resources?atomic=false', body);
    expect(json.status).to.equal(207);
    expect(json.body.problem).to.include({ code: 'not-well-formed' });
    const stored = (json.body.results as { id: string; status: number }[]).filter(({ status }) => status === 201);
    expect(stored.length).to.be.greaterThan(0);
    for (const { id } of [stored[0], stored.at(-1)] as { id: string }[]) expect(await exists(id)).to.equal(true);
    const xml = await server.agent.post('/resources?atomic=false').type('application/xml').send(body).buffer(true).expect(207);
    expect(xml.text).to.match(/<problem xmlns="urn:ietf:rfc:7807">.*<code>not-well-formed<\/code>.*<\/problem>\n<\/bulk>\n$/s);
    expect((await post('/resources', body.replaceAll('half', 'gone'))).status).to.equal(400);
    expect(await exists('gone-0')).to.equal(false);
  });

  it('a single document larger than its limit is refused, the whole request larger than its own too', async () => {
    const long = resourceXml('long', { facets: `<f:x>${'x'.repeat(1024 * 1024)}</f:x>` });
    expect((await post('/resources?atomic=false', many(resourceXml('short-1'), long))).body.results[1]).to.include({ status: 413 });
    const huge = many(...ids('huge', 50).map((id) => resourceXml(id, { facets: `<f:x>${'x'.repeat(100_000)}</f:x>` })));
    const announced = await post('/resources', huge);
    expect([announced.status, announced.body.code]).to.deep.equal([413, 'document-too-large']);
    const packed = await fetch(`${server.url}/resources`, {
      method: 'POST',
      body: gzipSync(huge),
      headers: { 'Content-Type': 'application/xml', 'Content-Encoding': 'gzip' },
    });
    expect(packed.status).to.equal(413);
    expect(await exists('huge-0')).to.equal(false);
  });

  it('answers while the request is still arriving', async () => {
    const first = new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        `${server.url}/resources?atomic=false`,
        { method: 'POST', headers: { 'Content-Type': 'application/xml-seq' } },
        (response) => {
          response.once('data', (chunk: Buffer) => {
            resolve(chunk.toString());
            request.end();
          });
          response.resume();
        },
      );
      request.on('error', reject);
      request.write(
        `${ids('early', 600)
          .map((id) => resourceXml(id))
          .join('\n')}\n`,
      );
    });
    expect(await first).to.include('id="early-0"');
  });

  it('a client that sends everything before it reads anything is served', async () => {
    const body = `${ids('eager', 4000)
      .map((id) => resourceXml(id))
      .join('\n')}\n`;
    const socket = await dial(server.port);
    socket.pause();
    socket.write(
      `POST /resources?atomic=false HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml-seq\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(body, () => resolve()));
    socket.resume();
    await socket.ended;
    expect(socket.received().match(/status="201"/g)).to.have.length(4000);
  });

  it('a client that goes away half-way stops the work', async () => {
    let seen: unknown;
    const watched = await serve(server.directory, {
      wrap: (directory) =>
        withMethods(directory, {
          bulk: async function* (caller, body, options) {
            try {
              yield* directory.bulk(caller, body, options);
            } catch (error) {
              seen = error;
              throw error;
            }
          } as Directory['bulk'],
        }),
    });
    try {
      const socket = await dial(
        watched.port,
        `POST /resources HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml-seq\r\nContent-Length: 100000\r\n\r\n${resourceXml('lost')}\n`,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
      for (let wait = 0; wait < 50 && watched.requests().length === 0; wait += 1) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen).to.be.instanceOf(Error).with.property('name', 'ClientGone');
      expect(watched.requests()[0]).to.include({ aborted: true });
      expect(watched.events.filter(({ kind }) => kind === 'fault')).to.deep.equal([]);
      await watched.agent.get('/resources/lost').expect(404);
    } finally {
      await watched.stop();
    }
  });

  it('a comment before the root that is longer than anybody looks makes it a single document', async () => {
    const answer = await raw(
      server.port,
      `POST /resources HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: ${70_000 + 7 + 12}\r\n\r\n<!--${' '.repeat(70_000)}--><resources/>`,
    );
    expect(answer.status).to.equal(422);
  });
});
