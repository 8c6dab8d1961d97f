/** Reports over a real BaseX: what they see, what they may not do, and what becomes of the writes meanwhile. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Caller } from '../../src/directory/index.js';
import { Problem } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { run as cli } from '../cli/program.js';
import { testTerminal } from '../cli/terminal.js';
import { openTestDirectory, type TestDirectory } from '../directory/open-test-directory.js';
import { type BaseXServer, ensureInstalled, startBaseX } from '../servers/basex.js';
import { skipWhen } from '../servers/installed.js';
import { run as embedded, type Running, serve } from './running.js';

const CALLERS: Readonly<Record<string, Caller>> = {
  all: { principal: 'all', analyst: true },
  a: { principal: 'a', scopes: ['/a'], publishes: ['/a'], analyst: true },
  b: { principal: 'b', scopes: ['/b'], publishes: ['/b'], analyst: true },
  nobody: { principal: 'nobody', scopes: ['/none'], publishes: [], analyst: true },
  reader: { principal: 'reader', scopes: ['/a'], publishes: [], analyst: false },
};
const NS = 'http://gcube-system.org/namespaces/resource';
const document = (id: string, scopes: readonly string[], text: string) =>
  `<resource xmlns="${NS}" xmlns:f="urn:f" id="${id}">${scopes.map((scope) => `<scope>${scope}</scope>`).join('')}<f:f><f:v>${text}</f:v></f:f></resource>`;

describe('XQuery over a store in BaseX', function () {
  this.timeout(60_000);
  let basex: BaseXServer;
  let opened: TestDirectory;
  let running: Running;
  let folder: string;

  before(async function () {
    skipWhen(this, await ensureInstalled());
    basex = await startBaseX({ heap: '512m' });
    folder = await mkdtemp(join(tmpdir(), 'facetry-xquery-'));
    const store = await openStore(`basex://admin@127.0.0.1:${basex.port}/reports`, {
      basex: {
        journal: folder,
        password: basex.password,
        // enough of a rule for what this file makes up
        accept: async (_id, xml) => (Buffer.from(xml).includes('bad') ? new Problem('invalid-resource', { detail: 'bad' }) : xml),
      },
    });
    opened = await openTestDirectory({ store, folder });
    running = await serve(opened.directory, { authenticate: (request) => CALLERS[String(request.headers['x-caller'])] ?? CALLERS.all! });
    for (const [id, scopes] of [
      ['one', ['/a']],
      ['two', ['/b']],
      ['both', ['/b', '/a']],
    ] as const) {
      await running.agent
        .put(`/resources/${id}`)
        .type('application/xml')
        .send(document(id, scopes, `of ${id}`))
        .expect(201);
    }
  });
  after(async () => {
    await running?.stop();
    await opened?.destroy();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    await basex?.stop();
  });

  const ask = (xquery: string, caller = 'all', accept = 'text/plain', query = '') =>
    running.agent.post(`/xquery${query}`).set('x-caller', caller).set('Accept', accept).type('application/xquery').send(xquery);

  it('runs XQuery 3.1 over the documents, and says the result as XML, JSON or text', async () => {
    const xml = await ask('for $r in $resources order by $r/*/@id return $r//Q{urn:f}v', 'all', 'application/xml');
    expect(xml.text.replace(/ xmlns(:\w+)?="[^"]*"/g, '')).to.equal('<f:v>of both</f:v>\n<f:v>of one</f:v>\n<f:v>of two</f:v>');
    expect(xml.headers['content-type']).to.equal('application/xml; charset=utf-8');
    const json = await ask('map { "ids": array { sort($resources/*/@id/string()) } }', 'all', 'application/json');
    expect(json.body).to.deep.equal({ ids: ['both', 'one', 'two'] });
    expect((await ask('declare namespace x = "urn:f";\nsort($resources//x:v/string())')).text).to.equal('of both\nof one\nof two');
    const given = await running.agent
      .post('/xquery')
      .set('Accept', 'text/plain')
      .send({ xquery: 'count($resources/r:resource//q:v)', namespaces: { q: 'urn:f' } });
    expect(given.text).to.equal('3');
  });

  it('sees only what the caller sees, without the scopes it does not', async () => {
    expect((await ask('sort($resources/*/@id/string())', 'a')).text).to.equal('both\none');
    expect((await ask('sort($resources/*/@id/string())', 'b')).text).to.equal('both\ntwo');
    expect((await ask('count($resources)', 'nobody')).text).to.equal('0');
    expect((await ask('distinct-values($resources//*:scope)', 'a')).text).to.equal('/a');
    expect((await ask('$resources//*:scope[. = "/a"]', 'b')).text).to.equal('');
    const shown = await ask('$resources[*/@id = "both"]', 'b', 'application/xml');
    const read = await running.agent.get('/resources/both').set('x-caller', 'b');
    expect(shown.text).to.equal(read.text);
  });

  it('reaches nothing else from there', async () => {
    for (const way of [
      '$resources/root()',
      '$resources/..',
      '$resources//ancestor::node()',
      '$resources//following::node()',
      '$resources/following-sibling::node()',
      '$resources//preceding::node()',
      "$resources ! id('two', .)",
      "$resources//*[@id = 'two']",
      "$resources//*[. = 'of two']",
      "$resources//text()[. = 'of two']",
    ]) {
      const { status, text } = await ask(`${way} ! string(.)`, 'a');
      expect(status, way).to.equal(200);
      expect(text, way).not.to.include('of two');
    }
    for (const way of ['/', '.', '/resource', 'root()', '//*']) {
      const { status, body } = await ask(way, 'a', 'application/json');
      expect([status, body.violations[0].rule], way).to.deep.equal([400, 'XPDY0002']);
    }
  });

  it('does not tell where documents stand', async () => {
    const { body } = await ask('xs:integer($resources[1])', 'a', 'application/json');
    expect(body.code).to.equal('invalid-xquery');
    expect(body.detail).not.to.match(/db:|open-pre/);
  });

  it('changes nothing', async () => {
    const { status, body } = await ask('delete node $resources/*/*', 'all', 'application/json');
    expect([status, body.code]).to.deep.equal([400, 'invalid-xquery']);
    expect((await ask('count($resources/*/*:scope)')).text).to.equal('4');
  });

  it('says where an error is', async () => {
    const { body } = await ask('declare namespace x = "urn:x";\nlet $a := 1\nreturn $b', 'all', 'application/json');
    expect(body.violations[0]).to.include({ rule: 'XPST0008', line: 3 });
    const late = await ask('error(xs:QName("x"), "that is why")', 'all', 'application/json');
    expect(late.body.detail).to.include('that is why');
  });

  it('is for analysts', async () => {
    expect((await ask('1', 'reader', 'application/json')).body.code).to.equal('forbidden');
  });

  it('ends in its time, and writes go on', async () => {
    const began = performance.now();
    const slow = ask('sum(for $i in 1 to 100000000000 return string-length(string($i)))', 'all', 'application/json', '?timeout=700').then(
      (x) => x,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await running.agent
      .put('/resources/one')
      .type('application/xml')
      .send(document('one', ['/a'], 'of one again'))
      .expect(200);
    expect(performance.now() - began).to.be.within(500, 5000);
    const { status, body } = await slow;
    expect([status, body.code]).to.deep.equal([422, 'query-over-budget']);
    expect((await ask('$resources[*/@id = "one"]//*:v/string()')).text).to.equal('of one again');
  });

  it('breaks off a result that has no end', async () => {
    const endless = await ask('(1 to 1000000000) ! "0123456789012345678901234567890123456789"', 'all', 'text/plain', '?timeout=20000').then(
      ({ status }) => status,
      () => 'broken',
    );
    expect(endless).to.equal('broken');
    expect((await ask('1')).text).to.equal('1');
  });

  it('does not hinder others: what other tools did is found at once by POST /resync', async () => {
    const resync = (caller: string) => running.agent.post('/resync').set('x-caller', caller).set('Accept', 'application/json');
    expect((await resync('all')).body).to.deep.equal({ changes: [] });
    const session = await basex.connect();
    const by = document('one', ['/a'], 'by hand');
    await session.query(`db:replace('reports', 'resources/one.xml', '${by}'), db:replace('reports', 'resources/two.xml', '<bad/>')`);
    session.close();
    expect((await resync('a')).body.code, 'for operators').to.equal('forbidden');
    const { body } = await resync('all');
    expect(body.changes.map(({ id, outcome }: { id: string; outcome: string }) => `${outcome} ${id}`).sort()).to.deep.equal([
      'quarantined two',
      'taken one',
    ]);
    expect((await running.agent.get('/resources/one')).text).to.include('by hand');
    expect((await ask('sort($resources//*:v/string())')).text).to.equal('by hand\nof both\nof two');
    expect((await resync('all')).body).to.deep.equal({ changes: [] });
  });

  it('is asked for on the command line', async () => {
    const command = async (...args: string[]) => {
      const its = testTerminal({ cwd: folder });
      return { code: await cli([...args, '--url', running.url], its), out: its.out(), err: its.err() };
    };
    expect(await command('xquery', 'count($resources)', '-o', 'value')).to.deep.equal({ code: 0, out: '3\n', err: '' });
    writeFileSync(join(folder, 'report.xq'), 'map { "n": count($resources//x:v) }');
    const json = await command('xquery', '-f', 'report.xq', '--ns', 'x=urn:f', '-o', 'json');
    expect(JSON.parse(json.out)).to.deep.equal({ n: 3 });
    const refused = await command('xquery', 'fetch:text("/etc/passwd")');
    expect(refused.code).to.equal(2);
    expect(refused.err).to.include('fetch:text() is not at hand here');
    expect((await command('xquery')).err).to.include('there is no query');
    expect(await command('resync')).to.include({ code: 0, out: '' });
  });

  it('is not there without BaseX', async () => {
    const other = await embedded();
    try {
      const { status, body } = await other.agent.post('/xquery').type('application/xquery').set('Accept', 'application/json').send('1');
      expect([status, body.code]).to.deep.equal([404, 'not-found']);
      expect((await other.agent.post('/resync')).status).to.equal(404);
    } finally {
      await other.stop();
    }
  });
});
