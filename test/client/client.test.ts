/** The client against a real directory: every call, through HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import pino from 'pino';
import { type BulkViolation, type Client, connect, type Found, RequestProblem } from '../../src/client/index.js';
import { configure, type RunningServer, startServer } from '../cli/program.js';

const resource = (id: string | undefined, facet = '<f:n>1</f:n>') =>
  `<resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:f="urn:f"${id === undefined ? '' : ` id="${id}"`}>\n<scope>/a</scope>${facet}\n</resource>`;

describe('The client and a directory', function () {
  this.timeout(20_000);
  let folder: string;
  let server: RunningServer;
  let directory: Client;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-client-'));
    const { settings } = configure({ data: folder, listen: '127.0.0.1:0' }, { env: {}, cwd: folder, systemFile: join(folder, 'none') });
    server = await startServer(settings, { cwd: folder, env: {} }, pino({ level: 'silent' }), () => {});
    await server.ready;
    directory = connect(server.url);
  });
  after(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const item of items) all.push(item);
    return all;
  };
  const refusal = async (work: Promise<unknown>): Promise<RequestProblem> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(RequestProblem);
    return error as RequestProblem;
  };

  it('renews the leases of many resources, each by itself', async () => {
    const keeper = { manager: 'keeper' };
    await directory.put('leased', resource('leased'), { ...keeper, ttl: 60 });
    await directory.put('unleased', resource('unleased'), keeper);
    const { next: cursor } = await directory.changes();
    const renewed = await directory.renew([{ id: 'leased' }, { id: 'unleased' }, { id: 'nowhere' }], keeper);
    expect(renewed[0]).to.deep.equal({ id: 'leased', leases: [{ facet: 'Q{urn:f}n', ttl: 60, state: 'fresh' }] });
    expect(renewed[1]).to.deep.equal({ id: 'unleased', leases: [] });
    expect(renewed[2]).to.include({ id: 'nowhere', code: 'not-found' });
    expect(await directory.renew([{ id: 'leased' }], { manager: 'somebody' })).to.deep.equal([{ id: 'leased', leases: [] }]);
    expect((await directory.changes({ cursor })).items).to.deep.equal([]);
    expect(await directory.renew([])).to.deep.equal([]);
    for (const id of ['leased', 'unleased']) await directory.remove(id, keeper);
  });

  it('publishes, reads, changes and removes', async () => {
    const created = await directory.publish(resource('one'));
    expect(created).to.include({ id: 'one', outcome: 'created' });
    expect((await refusal(directory.publish(resource('one')))).code).to.equal('already-exists');
    const read = await directory.get('one');
    expect(read?.etag).to.equal(created.etag);
    expect(read?.modified.getTime()).to.be.closeTo(Date.now(), 60_000);
    expect(read?.read().facet('n')?.value).to.equal('1');
    expect(await directory.get('one', { ifNoneMatch: created.etag })).to.equal(undefined);
    expect(await directory.put('one', resource('one'))).to.include({ outcome: 'unchanged', etag: created.etag });
    const changed = await directory.put('one', resource('one', '<f:n>2</f:n>'), { ifMatch: created.etag });
    expect(changed.outcome).to.equal('replaced');
    expect((await refusal(directory.put('one', resource('one', '<f:n>3</f:n>'), { ifMatch: created.etag }))).code).to.equal(
      'precondition-failed',
    );
    expect((await refusal(directory.remove('one', { ifMatch: created.etag }))).code).to.equal('precondition-failed');
    expect(await directory.remove('one', { ifMatch: changed.etag })).to.equal(true);
    expect(await directory.remove('one')).to.equal(false);
    expect(await directory.get('one')).to.equal(undefined);
  });

  it('mints ids, takes strange ones, and any encoding', async () => {
    const minted = await directory.publish(resource(undefined));
    expect(minted.id).to.match(/^urn:uuid:/);
    const strange = 'a/b?c#d%20 é😀';
    await directory.put(strange, resource(undefined));
    expect((await directory.get(strange))?.read().id).to.equal(strange);
    const latin = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${resource('latin', '<f:n>é</f:n>')}`, 'latin1');
    await directory.publish(latin);
    expect((await directory.get('latin'))?.read().facet('n')?.value).to.equal('é');
    const said = `<?xml version="1.0" encoding="UTF-16"?>${resource('said', '<f:n>é</f:n>')}`;
    await directory.publish(said);
    expect((await directory.get('said'))?.read().facet('n')?.value).to.equal('é');
    for (const id of [minted.id, strange, 'latin', 'said']) expect(await directory.remove(id)).to.equal(true);
  });

  it('checks without storing', async () => {
    const checked = await directory.publish(resource('dry'), { dryRun: true });
    expect(checked.canonical).to.include('<scope>/a</scope>');
    expect(await directory.get('dry')).to.equal(undefined);
  });

  it('lists and discovers over many pages, as of one revision', async () => {
    const documents = Array.from({ length: 25 }, (_, k) => resource(`page-${k}`, `<f:n>${k}</f:n>`));
    await collect(directory.bulk(documents));
    const ids = documents.map((_, k) => `page-${k}`);
    expect((await collect(directory.list({ pageSize: 7 }))).map(({ id }) => id)).to.deep.equal(ids);
    expect(await collect(directory.list({ pageSize: 7, limit: 10 }))).to.have.length(10);
    const namespaces = { x: 'urn:f' };
    const found = directory.discover('//x:n', { namespaces, pageSize: 4 });
    const seen: Found[] = [];
    for await (const one of found) {
      if (seen.length === 5) await directory.put('page-24', resource('page-24', '<f:other/>'));
      seen.push(one);
    }
    expect(seen.map((one) => 'resource' in one && one.resource)).to.deep.equal(ids);
    expect(await collect(directory.discover('//x:n', { namespaces, pageSize: 4, limit: 6 }))).to.have.length(6);
    expect(await directory.ask('//x:n', { namespaces, count: true })).to.include({ type: 'number', value: 24 });
  });

  it('answers with typed values, and takes typed variables', async () => {
    const one = async (xpath: string, options = {}) => (await collect(directory.discover(xpath, options)))[0];
    expect(await one('1 div 0')).to.deep.equal({ kind: 'number', value: Number.POSITIVE_INFINITY });
    expect(await one('0 div 0')).to.deep.equal({ kind: 'number', value: Number.NaN });
    expect(await one('$a = 5', { variables: { a: 5 } })).to.deep.equal({ kind: 'boolean', value: true });
    expect(await one('$a', { variables: { a: '] or //x' } })).to.deep.equal({ kind: 'string', value: '] or //x' });
    expect((await directory.ask('//host:host', { explain: true })).plan).to.be.an('array');
    expect((await refusal(directory.ask('//['))).violations[0]).to.include({ column: 3 });
  });

  it('places the violations of bulk documents within the documents', async () => {
    const bad = `<?xml version="1.0"?>\n<resource xmlns="http://gcube-system.org/namespaces/resource"\n  id="bad"><scope>/a</scope>\n  <f:n xmlns:f="urn:f">\n    <f:x a="1"/>\n  </f:n></resource>`;
    const results = await collect(directory.bulk([resource('good'), bad, '<a>\n<b></c></a>', resource('good-2')], { atomic: false }));
    expect(results.map((result) => (result.ok ? result.outcome : result.code))).to.deep.equal([
      'created',
      'invalid-resource',
      'not-well-formed',
      'created',
    ]);
    const [, second, third] = results;
    if (second?.ok === false) expect(second.violations[0]).to.include({ rule: 'facet-attribute', line: 5, column: 10 });
    if (third?.ok === false) expect(third.violations[0], JSON.stringify(third)).to.include({ line: 2 });
    const refused = await refusal(collect(directory.bulk([resource('good-3'), bad])));
    expect(refused.violations[0] as BulkViolation).to.include({ document: 1, rule: 'facet-attribute', line: 5, column: 10 });
    expect(await directory.get('good-3')).to.equal(undefined);
  });

  it('sends many documents in several requests when each has its own fate', async () => {
    let requests = 0;
    const counting = connect(server.url, {
      fetch: ((...args: Parameters<typeof fetch>) => {
        requests++;
        return fetch(...args);
      }) as typeof fetch,
    });
    async function* many() {
      for (let k = 0; k < 2500; k++) yield resource(`many-${k}`);
    }
    const results = await collect(counting.bulk(many(), { atomic: false }));
    expect(results.map(({ index }) => index)).to.deep.equal(Array.from({ length: 2500 }, (_, k) => k));
    expect(results.every(({ ok }) => ok)).to.equal(true);
    expect(requests).to.equal(3);
  });

  it('knows the interfaces, their schemas, and how the directory feels', async () => {
    const interfaces = await directory.interfaces();
    expect(interfaces.map(({ prefix }) => prefix)).to.include('host');
    expect(await directory.schema('urn:facetry:host')).to.include('targetNamespace="urn:facetry:host"');
    expect(await directory.schema('urn:nothing')).to.equal(undefined);
    expect((await directory.health()).status).to.equal('ok');
  });
});
