/** Mode `tokens`: entries of a file, what they allow over HTTP, and how the file is kept up to date. */
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Access, digestOf, openAccess, PolicyFileError } from '../../../src/http/auth/index.js';
import type { HttpEvent } from '../../../src/http/index.js';
import { resourceXml } from '../../directory/open-test-directory.js';
import { type Running, run } from '../running.js';

const entry = (name: string, rest: string, token = `${name}-token`) => `  - { name: ${name}, sha256: "${digestOf(token)}", ${rest} }\n`;
const FILE = `tokens:
${entry('a', 'scopes: [/a], roles: [publisher]')}${entry('reader', 'scopes: [/a], roles: [consumer]')}${entry('f-only', 'scopes: [/a], roles: [publisher], facets: ["urn:f", "urn:g*"]')}${entry('wide', 'scopes: [/a, /b], roles: [publisher]')}${entry('ops', 'roles: [admin]')}${entry('old', 'scopes: [/a], roles: [publisher], expires: 2020-01-01')}`;

describe('http/auth: tokens', () => {
  let folder: string;
  let file: string;
  let access: Access;
  let server: Running;
  let events: HttpEvent[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-tokens-'));
    file = join(folder, 'tokens.yaml');
    writeFileSync(file, FILE, { mode: 0o600 });
    events = [];
    access = openAccess('tokens', file, { onEvent: (event) => events.push(event) });
    server = await run({ authenticate: access.authenticate });
  });
  afterEach(async () => {
    access.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const as = (name: string, more: Record<string, string> = {}) => ({
    Authorization: `Bearer ${name}-token`,
    Accept: 'application/json',
    ...more,
  });
  const put = (name: string, id: string, body: string, more: Record<string, string> = {}) =>
    server.agent
      .put(`/resources/${id}`)
      .set(as(name, { 'Content-Type': 'application/xml', ...more }))
      .send(body);

  it('lets each do what its entry says', async () => {
    const inA = resourceXml(undefined, { scopes: ['/a'] });
    expect((await put('a', 'x', inA)).status).to.equal(201);
    const below = resourceXml(undefined, { scopes: ['/a/deep'] });
    expect((await put('a', 'y', below)).body.hint, 'below its scope, where it would not see it').to.contain('Facetry-Scope: /a/deep');
    expect((await put('a', 'y', below, { 'Facetry-Scope': '/a/deep' })).status, 'below its scope').to.equal(201);
    expect((await put('a', 'z', resourceXml(undefined, { scopes: ['/b'] }))).status, 'into another').to.equal(403);
    expect((await put('reader', 'x', inA)).status, 'a consumer').to.equal(403);
    expect((await server.agent.get('/resources/x').set(as('reader'))).status).to.equal(200);
    expect((await put('old', 'x', inA)).status, 'an expired token').to.equal(401);
    expect((await put('nobody', 'x', inA)).status, 'an unknown token').to.equal(401);
    expect((await put('ops', 'z', resourceXml(undefined, { scopes: ['/anywhere'] }))).status, 'an admin').to.equal(201);
    expect((await server.agent.get('/resources/z').set(as('a'))).status, 'what is elsewhere').to.equal(404);
    expect((await server.agent.get('/metrics').set(as('a'))).status).to.equal(403);
    expect((await server.agent.get('/metrics').set(as('ops', { Accept: '*/*' }))).status).to.equal(200);
    expect((await server.agent.get('/livez')).status, 'health is for everybody').to.equal(200);
  });

  it('limits writers to namespaces of facets', async () => {
    const f = resourceXml(undefined, { scopes: ['/a'] });
    const g = resourceXml(undefined, { scopes: ['/a'], facets: '<g:net xmlns:g="urn:g:2"/><f:hw/>' });
    const h = resourceXml(undefined, { scopes: ['/a'], facets: '<h:x xmlns:h="urn:h"/>' });
    expect((await put('f-only', 'x', f)).status).to.equal(201);
    expect((await put('f-only', 'x', g)).status).to.equal(200);
    const refused = await put('f-only', 'x', h);
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'forbidden']);
    expect((await put('a', 'y', h)).status).to.equal(201);
    const facet = server.agent.put('/resources/y/facets/Q%7Burn:h%7Dx').set(as('f-only', { 'Content-Type': 'application/xml' }));
    expect((await facet.send('<h:x xmlns:h="urn:h"><h:n/></h:x>')).status).to.equal(403);
  });

  it('narrows to one scope by Facetry-Scope, never widens', async () => {
    expect((await put('wide', 'x', resourceXml(undefined, { scopes: ['/a', '/b'] }))).status).to.equal(201);
    const inB = await server.agent.get('/resources/x').set(as('wide', { 'Facetry-Scope': '/b', Accept: 'application/xml' }));
    expect(inB.text).to.contain('<scope>/b</scope>').and.not.to.contain('/a');
    expect((await server.agent.get('/resources').set(as('a', { 'Facetry-Scope': '/b' }))).status).to.equal(403);
    expect((await server.agent.get('/resources').set(as('a', { 'Facetry-Scope': 'b' }))).status).to.equal(400);
    expect((await put('wide', 'y', resourceXml(undefined, { scopes: ['/a'] }), { 'Facetry-Scope': '/b' })).status).to.equal(403);
  });

  it('overrules an owner only for an admin that forces it', async () => {
    const body = resourceXml(undefined, { scopes: ['/a'] });
    await put('a', 'x', body, { 'Facetry-Manager': 'm' });
    const other = resourceXml(undefined, { scopes: ['/a'], cpu: '9' });
    expect((await put('wide', 'x', other)).body.code).to.equal('facet-owned');
    const forced = (name: string) =>
      server.agent
        .put('/resources/x?force=true')
        .set(as(name, { 'Content-Type': 'application/xml' }))
        .send(other);
    expect((await forced('wide')).status).to.equal(403);
    expect((await forced('ops')).status).to.equal(200);
  });

  it('takes changes of the file at once; a file that cannot be used changes nothing', async () => {
    const fresh = () => server.agent.get('/resources').set(as('fresh'));
    expect((await fresh()).status).to.equal(401);
    writeFileSync(`${file}.new`, FILE + entry('fresh', 'scopes: [/a], roles: [consumer]'), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    await until(async () => (await fresh()).status === 200);
    writeFileSync(file, `${FILE}  - { name: broken }\n`, { mode: 0o600 });
    await until(() => events.some(({ kind }) => kind === 'access-refused'));
    expect((await fresh()).status).to.equal(200);
    expect(access.checks()[0]).to.include({ name: 'access', ok: false });
    writeFileSync(file, FILE, { mode: 0o600 });
    await until(async () => (await fresh()).status === 401);
  });

  it('refuses a file that everybody can write, and says what is wrong in one with its line', () => {
    chmodSync(file, 0o666);
    expect(() => openAccess('tokens', file)).to.throw(PolicyFileError, /everybody may write/);
    const secret = 'this-is-the-token-itself';
    writeFileSync(
      `${file}.bad`,
      `tokens:\n  - { name: a, sha256: "${secret}", scopes: [/a], roles: [publisher] }\n  - { name: b, sha256: "${digestOf('b')}", roles: [king] }\n`,
      { mode: 0o600 },
    );
    try {
      openAccess('tokens', `${file}.bad`);
      expect.fail('it was read');
    } catch (error) {
      const { violations } = error as PolicyFileError;
      expect(violations.map(({ line }) => line)).to.deep.equal([2, 3]);
      expect(JSON.stringify(violations)).not.to.contain(secret);
    }
  });
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
