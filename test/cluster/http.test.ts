/** Clusters over HTTP: who asks is who holds, and nobody else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { connect } from '../../src/client/index.js';
import { findLogin } from '../../src/cluster/index.js';
import { newToken } from '../../src/http/auth/index.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { ensureInstalled, type OpenStack } from '../servers/openstack/index.js';
import { sharedOpenStack } from '../servers/openstack/shared.js';
import { temporaryFolder } from '../servers/process.js';

const RESOURCE = 'http://gcube-system.org/namespaces/resource';
const TEMPLATE = `heat_template_version: 2018-08-31
parameters: { n: { type: number, default: 7 } }
resources: { x: { type: OS::Heat::RandomString, properties: { length: 20 } } }
outputs: { n: { value: { get_param: n } }, password: { value: { get_attr: [x, value] } } }
`;

describe('Clusters over HTTP', function () {
  this.timeout(300_000);
  let site: OpenStack;
  let server: Facetry;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const tokens = { ops: newToken(), ada: newToken(), eve: newToken(), low: newToken(), out: newToken() };

  const audit = () => join(folder.path, 'audit.jsonl');

  async function ask(who: keyof typeof tokens, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method,
      headers: { Authorization: `Bearer ${tokens[who].token}`, 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) };
  }

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    site = await sharedOpenStack();
    folder = await temporaryFolder('clusters-http');
    const entry = (name: keyof typeof tokens, more: object) => ({ name, sha256: tokens[name].sha256, ...more });
    const people = { scopes: ['/test'], roles: ['publisher', 'consumer'] };
    const file = join(folder.path, 'tokens.yaml');
    writeFileSync(
      file,
      stringify({
        tokens: [
          entry('ops', { roles: ['admin'] }),
          entry('ada', people),
          entry('eve', people),
          entry('low', { ...people, scopes: ['/test/low'] }),
          entry('out', { ...people, scopes: ['/out'] }),
        ],
      }),
      {
        mode: 0o600,
      },
    );
    const vault = ['--vault', join(folder.path, 'vault'), '--vault-key', join(folder.path, 'vault.key')];
    server = await startFacetry({
      data: join(folder.path, 'data'),
      args: [
        '--clusters',
        '--quota',
        '2',
        '--plain-sites',
        site.authUrl,
        '--audit',
        audit(),
        '--read-rule',
        'inherit',
        '--auth',
        `tokens:${file}`,
        ...vault,
      ],
      env: { FACETRY_TOKEN: tokens.ops.token },
    });
    const client = connect(`http://127.0.0.1:${server.port}`, { token: tokens.ada.token });
    const publish = (id: string, name: string, inside: string) =>
      client.put(
        id,
        `<resource xmlns="${RESOURCE}" xmlns:f="urn:facetry:${name}"><scope>/test</scope><f:${name}>${inside}</f:${name}></resource>`,
      );
    await publish('notebook', 'appliance', '<f:name>notebook</f:name>');
    await publish(
      'heat',
      'implementation',
      `<f:applianceRef>notebook</f:applianceRef><f:format>HOT</f:format><f:version>1</f:version><f:secretOutputs><f:name>password</f:name></f:secretOutputs><f:template>${TEMPLATE}</f:template>`,
    );
  });
  after(async () => {
    await server?.stop();
    await folder?.remove();
  });

  it('takes a secret, and does not give it back', async () => {
    const login = findLogin({ env: site.env, cwd: folder.path });
    const made = await ask('ada', 'POST', '/credentials', { id: 'door', site: 'anywhere', scope: '/test', login });
    expect([made.status, made.headers.get('location')]).to.deep.equal([201, '/resources/door']);
    const read = await ask('ada', 'GET', '/resources/door');
    expect(read.status).to.equal(200);
    expect(read.text).not.to.include(site.password);
    expect((await ask('ada', 'POST', '/credentials', { id: 'door', site: 'x', scope: '/test', login })).json.code).to.equal(
      'already-exists',
    );
    expect((await ask('ada', 'POST', '/credentials', { id: 'far', site: 'x', scope: '/other', login })).json.code).to.equal('forbidden');
    const near = { ...login, authUrl: `http://127.0.0.1:${server.port}`, insecure: true };
    const inside = await ask('ada', 'POST', '/credentials', { id: 'near', site: 'x', scope: '/test', login: near });
    expect([inside.status, inside.json.hint]).to.deep.equal([
      403,
      `the operator of the directory may allow it: --plain-sites http://127.0.0.1:${server.port}`,
    ]);
    const odd = await ask('ada', 'POST', '/credentials', { id: 'odd', site: 'x', scope: '/test', login: { ...login, kind: 'other' } });
    expect([odd.status, odd.text.includes(site.password)]).to.deep.equal([400, false]);
    expect(server.output()).not.to.include(site.password);
  });

  it('tells all that would fail, and makes nothing', async () => {
    const fine = await ask('ada', 'POST', '/clusters?dryRun', { implementation: 'heat', credential: 'door' });
    expect([fine.status, fine.json.ok], fine.text).to.deep.equal([200, true]);
    expect(fine.json.findings.map(({ what }: { what: string }) => what)).to.include.members(['authorised', 'template', 'preview', 'trust']);
    const wrong = await ask('ada', 'POST', '/clusters?dryRun', { implementation: 'heat', credential: 'door', parameters: { n: 'many' } });
    expect(wrong.json.ok).to.equal(false);
    expect(wrong.json.findings.filter(({ ok }: { ok: boolean }) => !ok).map(({ what }: { what: string }) => what)).to.deep.equal([
      'preview',
    ]);
    expect((await ask('eve', 'POST', '/clusters?dryRun', { implementation: 'heat', credential: 'door' })).json.ok).to.equal(false);
    expect((await ask('ada', 'GET', '/clusters')).json).to.deep.equal({ quota: { used: 0, limit: 2 }, clusters: [] });
  });

  it('changes a cluster, tells what its site says, and shows secrets to those who use it, and nobody else', async () => {
    const wanted = { implementation: 'heat', credential: 'door', reuse: 'if-any' };
    const made = await ask('ada', 'POST', '/clusters', wanted);
    const place = made.headers.get('location') as string;
    await until(place, 'ready');
    expect((await ask('eve', 'PATCH', place, { parameters: { n: '8' } })).json.code).to.equal('forbidden');
    const refused = await ask('ada', 'PATCH', place, { parameters: { n: 'many' } });
    expect([refused.status, refused.json.code]).to.deep.equal([502, 'site-refused']);
    const plan = await ask('ada', 'PATCH', `${place}?dryRun`, { parameters: { n: '8' } });
    expect([plan.status, plan.json.outcome, plan.json.status]).to.deep.equal([200, 'updating', 'ready']);
    expect((await ask('ada', 'PATCH', place, { parameters: { n: '7' } })).status).to.equal(202);
    expect((await until(place, 'ready')).outputs).to.deep.equal({ n: 7 });
    expect((await ask('ada', 'PATCH', place, { parameters: { n: '7' } })).status).to.equal(200);
    const both = await Promise.all(['8', '9'].map((n) => ask('ada', 'PATCH', place, { parameters: { n } })));
    expect(both.map(({ status }) => status).sort()).to.deep.equal([202, 409]);
    const n = both[0]?.status === 202 ? 8 : 9;
    expect((await until(place, 'ready')).outputs).to.deep.equal({ n });

    expect((await ask('eve', 'GET', `${place}/events`)).json.code).to.equal('forbidden');
    const { events } = (await ask('ada', 'GET', `${place}/events`)).json;
    expect(events.map(({ status }: { status: string }) => status)).to.include.members(['CREATE_COMPLETE', 'UPDATE_COMPLETE']);
    expect((await ask('ada', 'GET', `${place}/events?after=${events.at(-1).id}`)).json.events).to.deep.equal([]);

    const shown = await ask('ada', 'GET', `${place}/secrets`);
    expect([shown.status, shown.headers.get('cache-control'), shown.headers.get('etag')]).to.deep.equal([200, 'no-store', null]);
    expect(Object.keys(shown.json)).to.deep.equal(['password']);
    expect(shown.json.password).to.match(/^\w{20}$/);
    expect((await ask('eve', 'GET', `${place}/secrets`)).json.code).to.equal('forbidden');
    expect((await ask('low', 'GET', `${place}/secrets`)).json.code).to.equal('forbidden');

    expect((await ask('eve', 'PUT', '/credentials/door/grants/eve')).json.code).to.equal('forbidden');
    expect((await ask('ada', 'PUT', '/credentials/door/grants/eve')).status).to.equal(204);
    expect((await ask('ada', 'GET', '/resources/door')).text).to.include('eve');
    const shared = await ask('eve', 'POST', '/clusters', { ...wanted, parameters: { n: String(n) } });
    expect(shared.json).to.include({ id: made.json.id, outcome: 'reused' });
    expect((await ask('eve', 'GET', `${place}/secrets`)).json).to.deep.equal(shown.json);
    expect((await ask('eve', 'GET', `${place}/events`)).status).to.equal(200);
    expect((await ask('eve', 'DELETE', `${place}/leases/${shared.json.leaseId}`)).status).to.equal(204);
    expect((await ask('eve', 'GET', `${place}/secrets`)).json.code).to.equal('forbidden');
    expect((await ask('ada', 'DELETE', '/credentials/door/grants/eve')).status).to.equal(204);
    expect((await ask('eve', 'POST', '/clusters', wanted)).json.code).to.equal('forbidden');

    const more = await Promise.all(
      Array.from({ length: 4 }, (_, k) => ask('ada', 'POST', '/clusters', { ...wanted, reuse: 'never', id: `more-${k}` })),
    );
    expect(more.map(({ status }) => status).sort()).to.deep.equal([202, 403, 403, 403]);
    expect(more.find(({ status }) => status === 403)?.json.code).to.equal('quota-exceeded');
    const list = (await ask('ada', 'GET', '/clusters')).json;
    expect(list.quota).to.deep.equal({ used: 2, limit: 2 });
    expect(list.clusters[0]).to.include({
      id: made.json.id,
      status: 'ready',
      owner: 'ada',
      site: 'anywhere',
      implementation: 'heat',
      holders: 1,
    });
    expect((await ask('eve', 'GET', '/clusters')).json.quota).to.deep.equal({ used: 0, limit: 2 });

    const places = list.clusters.map(({ id }: { id: string }) => `/clusters/${id}`);
    for (const one of places) expect((await ask('ada', 'DELETE', one)).status).to.equal(204);
    for (const one of places) await until(one, 'released');
    expect((await ask('ada', 'GET', '/clusters')).json.clusters).to.deep.equal([]);
    expect((await ask('ada', 'GET', '/clusters?released')).json.clusters).to.have.length(2);
    const accounted = readFileSync(audit(), 'utf8');
    expect(accounted).to.match(/"principal":"eve".*"action":"getClusterSecrets"/);
    for (const secret of [shown.json.password, site.password]) {
      expect(accounted).not.to.include(secret);
      expect(server.output()).not.to.include(secret);
    }
  });

  it('is documented', async () => {
    const { paths } = (await ask('ada', 'GET', '/openapi.json')).json;
    const listed = Object.entries(paths as Record<string, object>).flatMap(([path, operations]) =>
      /^\/(?:clusters|credentials)/.test(path) ? Object.keys(operations).map((method) => `${method} ${path}`) : [],
    );
    expect(listed).to.have.members([
      'get /clusters',
      'post /clusters',
      'get /clusters/{id}',
      'patch /clusters/{id}',
      'delete /clusters/{id}',
      'get /clusters/{id}/events',
      'get /clusters/{id}/secrets',
      'put /clusters/{id}/leases/{lease}',
      'delete /clusters/{id}/leases/{lease}',
      'post /credentials',
      'delete /credentials/{id}',
      'put /credentials/{id}/grants/{user}',
      'delete /credentials/{id}/grants/{user}',
    ]);
    expect(paths['/clusters'].post.responses).to.include.keys(['200', '202', '403', '404', '409']);
  });

  it('gives nothing to who publishes what looks like the credential or the cluster of another', async () => {
    const as = async (who: keyof typeof tokens, id: string, facet: string, scope: string) => {
      const document = `<resource xmlns="${RESOURCE}"><scope>${scope}</scope>${facet.replace(/^<\?xml[^>]*\?>/, '')}</resource>`;
      const to = connect(`http://127.0.0.1:${server.port}`, { token: tokens[who].token });
      await to.put(id, document);
    };
    const ops = connect(`http://127.0.0.1:${server.port}`, { token: tokens.ops.token });
    const facetOf = async (id: string, name: string) => (await ops.facet(id, `Q{urn:facetry:${name}}${name}`))?.xml as string;
    const grant = '<$1:grants><$1:user>eve</$1:user></$1:grants>$&';
    await as('eve', 'evil', (await facetOf('door', 'credential')).replace(/<(\w+):createdAt>/, grant), '/test');
    expect((await ask('eve', 'POST', '/clusters', { implementation: 'heat', credential: 'evil' })).json.code).to.equal('forbidden');
    const made = await ask('ada', 'POST', '/clusters', { implementation: 'heat', credential: 'door', id: 'adas' });
    await until('/clusters/adas', 'ready');
    // out sees nothing of /test, so there may be another resource with that id
    const copy = (await facetOf('adas', 'cluster')).replace(/<cluster:seal>.*<\/cluster:seal>/, '').replaceAll('>ada<', '>out<');
    await as('out', 'adas', copy, '/out');
    for (const path of ['', '/secrets', '/events'])
      expect((await ask('out', 'GET', `/clusters/adas${path}`)).json.code, path).to.equal('not-found');
    expect((await ask('out', 'DELETE', '/clusters/adas')).json.code).to.equal('not-found');
    expect((await ask('out', 'PATCH', '/clusters/adas', { parameters: { n: '1' } })).json.code).to.equal('not-found');
    expect((await ask('out', 'GET', '/clusters')).json.clusters).to.have.length(1);
    expect((await ask('ada', 'GET', '/clusters/adas')).json.status).to.equal('ready');
    const hidden = await facetOf('heat', 'implementation');
    for (const [who, scope] of [
      ['ops', '/other'],
      ['ada', '/test'],
    ] as const)
      await as(who, 'hidden', hidden, scope);
    const patched = await ask('ada', 'PATCH', '/clusters/adas', { implementation: 'hidden' });
    expect(patched.json.detail, 'the one in /other was there first').to.equal('ada may not write in /other');
    await as('eve', 'forged', await facetOf('adas', 'cluster'), '/test');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(server.output()).to.match(/forged names the credential door, and was not written by anybody who may use it/);
    expect((await ask('ada', 'DELETE', `/clusters/adas/leases/${made.json.leaseId}`)).status).to.equal(204);
    await until('/clusters/adas', 'released');
    for (const [who, id] of [
      ['eve', 'forged'],
      ['eve', 'evil'],
    ] as const)
      expect((await ask(who, 'DELETE', `/resources/${id}`)).status).to.equal(204);
  });

  it('makes one cluster for a hundred requests, publishes it, and frees it with its last lease', async () => {
    const wanted = { implementation: 'heat', credential: 'door', reuse: 'if-any' };
    expect((await ask('eve', 'POST', '/clusters', wanted)).json.code).to.equal('forbidden');
    expect((await ask('low', 'POST', '/clusters', wanted)).json.detail).to.equal('low may not write in /test');
    const began = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, k) => ask('ada', 'POST', '/clusters', wanted, { 'Idempotency-Key': `k${k}` })),
    );
    console.log(`      100 requests: ${Date.now() - began} ms`);
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
    expect(new Set(answers.map(({ json }) => json.id))).to.have.property('size', 1);
    expect(answers.filter(({ json }) => json.outcome === 'created')).to.have.length(1);
    const place = answers[0]?.headers.get('location') as string;
    const again = await ask('ada', 'POST', '/clusters', wanted, { 'Idempotency-Key': 'k42' });
    expect(again.json.leaseId).to.equal(answers[42]?.json.leaseId);
    const ready = await until(place, 'ready');
    expect([ready.outputs, ready.holders]).to.deep.equal([{ n: 7 }, 100]);
    const leases = answers.map(({ json }) => json.leaseId as string);
    expect((await ask('eve', 'DELETE', `${place}/leases/${leases[0]}`)).json.code).to.equal('forbidden');
    expect((await ask('eve', 'DELETE', place)).json.code).to.equal('forbidden');
    expect((await ask('ada', 'PUT', `${place}/leases/${leases[0]}`, { seconds: 60 })).json.expiresAt).to.match(/^20/);
    expect((await ask('ada', 'DELETE', '/credentials/door')).json.code).to.equal('conflict');
    for (const one of leases) expect((await ask('ada', 'DELETE', `${place}/leases/${one}`)).status).to.equal(204);
    await until(place, 'released');
    expect((await ask('eve', 'DELETE', '/credentials/door')).json.code).to.equal('forbidden');
    expect((await ask('ada', 'DELETE', '/credentials/door')).status).to.equal(204);
    expect((await ask('ada', 'GET', '/clusters/none')).json.code).to.equal('not-found');
  });

  async function until(place: string, status: string) {
    for (const end = Date.now() + 60_000; ; ) {
      const { json } = await ask('ada', 'GET', place);
      if (json.status === status) return json;
      if (Date.now() > end) throw new Error(`still ${JSON.stringify(json)}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
});
