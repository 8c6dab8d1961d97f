/** Clusters over HTTP: who asks is who holds, and nobody else. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { connect } from '../../src/client/index.js';
import { findLogin } from '../../src/cluster/index.js';
import { newToken } from '../../src/http/auth/index.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { ensureInstalled, type OpenStack, startOpenStack } from '../servers/openstack/index.js';
import { temporaryFolder } from '../servers/process.js';

const RESOURCE = 'http://gcube-system.org/namespaces/resource';
const TEMPLATE = 'heat_template_version: 2018-08-31\nresources: { x: { type: OS::Heat::RandomString } }\noutputs: { n: { value: 7 } }\n';

describe('Clusters over HTTP', function () {
  this.timeout(300_000);
  let site: OpenStack;
  let server: Facetry;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const tokens = { ops: newToken(), ada: newToken(), eve: newToken(), low: newToken() };

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
    site = await startOpenStack();
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
        ],
      }),
      {
        mode: 0o600,
      },
    );
    const vault = ['--vault', join(folder.path, 'vault'), '--vault-key', join(folder.path, 'vault.key')];
    server = await startFacetry({
      data: join(folder.path, 'data'),
      args: ['--clusters', '--read-rule', 'inherit', '--auth', `tokens:${file}`, ...vault],
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
      `<f:applianceRef>notebook</f:applianceRef><f:format>HOT</f:format><f:version>1</f:version><f:template>${TEMPLATE}</f:template>`,
    );
  });
  after(async () => {
    await server?.stop();
    await folder?.remove();
    await site?.stop();
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
    const odd = await ask('ada', 'POST', '/credentials', { id: 'odd', site: 'x', scope: '/test', login: { ...login, kind: 'other' } });
    expect([odd.status, odd.text.includes(site.password)]).to.deep.equal([400, false]);
    expect(server.output()).not.to.include(site.password);
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
