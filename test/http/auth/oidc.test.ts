/** Mode `oidc`, with a real issuer: what is accepted, what is refused and how that is said, keys that rotate and an issuer that is away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import { type Access, openAccess, PolicyFileError } from '../../../src/http/auth/index.js';
import type { HttpEvent } from '../../../src/http/index.js';
import { resourceXml } from '../../directory/open-test-directory.js';
import { type Running, run } from '../running.js';
import { type Issuer, startIssuer } from './issuer.js';

const staff = { sub: 'ann', groups: ['site-a-staff'], realm_access: { roles: ['directory-writer'] } };

describe('http/auth: OpenID Connect', () => {
  let folder: string;
  let issuer: Issuer;
  let access: Access;
  let server: Running;
  let events: HttpEvent[];
  let shift = 0;
  const policy = (more = '') => `issuer: ${issuer.url}
audience: facetry
scopesClaim: groups
scopes: { site-a-staff: [/a], operators: "*" }
rolesClaim: realm_access.roles
roles: { directory-writer: [publisher], directory-admin: [admin], directory-reader: [consumer] }
${more}`;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'facetry-oidc-'));
    issuer = await startIssuer();
    events = [];
    shift = 0;
    writeFileSync(join(folder, 'oidc.yaml'), policy(), { mode: 0o600 });
    access = openAccess('oidc', join(folder, 'oidc.yaml'), { onEvent: (event) => events.push(event), now: () => Date.now() + shift });
    server = await run({ authenticate: access.authenticate });
  });
  afterEach(async () => {
    access.close();
    await server.stop();
    await issuer.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (token: string, scope = '/a') =>
    server.agent
      .put('/resources/x')
      .set({ Authorization: `Bearer ${token}`, 'Content-Type': 'application/xml', Accept: 'application/json' })
      .send(resourceXml('x', { scopes: [scope] }));

  it('makes a caller of claims: scopes, roles and the principal that owns what it writes', async () => {
    const token = await issuer.token(staff);
    expect((await put(token)).status).to.equal(201);
    expect((await put(token, '/b')).status).to.equal(403);
    const { body } = await server.agent.get('/resources/x/meta').set({ Authorization: `Bearer ${token}`, Accept: 'application/json' });
    expect(body.facets[0].owner.principal).to.equal('ann');
    const reader = await issuer.token({ ...staff, realm_access: { roles: ['directory-reader'] } });
    expect((await put(reader)).status).to.equal(403);
    const admin = await issuer.token({ sub: 'ops', groups: ['operators'], realm_access: { roles: ['directory-admin'] } });
    expect((await put(admin, '/anywhere')).status).to.equal(200);
  });

  it('refuses what is not valid, says why, and never says the token', async () => {
    const now = Math.floor(Date.now() / 1000);
    const good = await issuer.token(staff);
    const [head, body] = good.split('.') as [string, string];
    const shared = new SignJWT(staff)
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .setIssuer(issuer.url)
      .setAudience('facetry')
      .setExpirationTime(now + 60);
    const wrong: readonly (readonly [string, number, RegExp])[] = [
      [await issuer.token(staff, { expires: -120 }), 401, /expired/],
      [await issuer.token(staff, { aud: 'somebody-else' }), 401, /aud/],
      [await issuer.token(staff, { iss: 'http://127.0.0.1:1' }), 401, /iss/],
      [await issuer.token(staff, { exp: false }), 401, /exp/],
      [await issuer.token(staff, { kid: 'unknown' }), 401, /does not publish/],
      [
        new UnsecuredJWT(staff)
          .setIssuer(issuer.url)
          .setAudience('facetry')
          .setExpirationTime(now + 60)
          .encode(),
        401,
        /./,
      ],
      [await shared.sign(new TextEncoder().encode('x'.repeat(32))), 401, /algorithm/],
      [
        `${head}.${Buffer.from(Buffer.from(body, 'base64url').toString().replace('ann', 'eve')).toString('base64url')}.${good.split('.')[2]}`,
        401,
        /signature/,
      ],
      ['not.a.jwt', 401, /JWT/],
      [await issuer.token({ ...staff, groups: ['others'] }), 403, /no scope/],
      [await issuer.token({ ...staff, realm_access: { roles: [] } }), 403, /no role/],
      [await issuer.token({ groups: staff.groups, realm_access: staff.realm_access }), 401, /sub/],
    ];
    for (const [token, status, words] of wrong) {
      const answer = await put(token);
      expect(answer.status, answer.text).to.equal(status);
      expect(answer.body.detail).to.match(words);
      expect(answer.text).not.to.contain(token.split('.')[2] || token);
      if (status === 401) expect(answer.headers['www-authenticate']).to.match(/^Bearer/);
    }
    expect((await server.agent.get('/resources')).status).to.equal(401);
    expect((await server.agent.get(`/resources?access_token=${good}`)).status).to.be.oneOf([400, 401]);
    expect(JSON.stringify(events)).not.to.contain(good);
  });

  it('takes a new key of the issuer, and asks for keys it does not know only now and then', async () => {
    expect((await put(await issuer.token(staff))).status).to.equal(201);
    expect(issuer.fetches()).to.equal(1);
    shift += 20_000;
    await issuer.rotate();
    expect((await put(await issuer.token(staff))).status).to.equal(200);
    expect(issuer.fetches()).to.equal(2);
    for (let k = 0; k < 5; k++) expect((await put(await issuer.token(staff, { kid: `invented${k}` }))).status).to.equal(401);
    expect(issuer.fetches()).to.equal(2);
  });

  it('goes on with the keys it knows while the issuer is away, and says so', async () => {
    const token = await issuer.token(staff);
    expect((await put(token)).status).to.equal(201);
    shift += 20_000;
    issuer.broken = true;
    expect((await put(await issuer.token(staff))).status).to.equal(200);
    await issuer.rotate();
    const answer = await put(await issuer.token(staff));
    expect([answer.status, answer.body.code]).to.deep.equal([503, 'issuer-unavailable']);
    expect(answer.headers['retry-after']).to.equal('10');
    expect(access.checks().find(({ name }) => name === 'issuer')).to.include({ ok: false });
    shift += 20_000;
    issuer.broken = false;
    expect((await put(await issuer.token(staff))).status).to.equal(200);
    expect(events.map(({ kind }) => kind)).to.include.members(['issuer-away', 'issuer-back']);
  });

  it('reads the file again when it changes; one that cannot be used is reported and the older one holds', async () => {
    const token = await issuer.token({ ...staff, groups: ['site-b-staff'] });
    expect((await put(token)).status).to.equal(403);
    writeFileSync(join(folder, 'oidc.yaml'), policy().replace('site-a-staff', 'site-b-staff'), { mode: 0o600 });
    access.reload();
    expect((await put(token)).status).to.equal(201);
    writeFileSync(join(folder, 'oidc.yaml'), policy('auudience: x'), { mode: 0o600 });
    access.reload();
    expect(access.checks()[0]).to.include({ ok: false });
    expect((await put(token)).status).to.equal(200);
  });

  it('refuses a file with its lines', () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'issuer: http://id.example.org\naudience: facetry\nscopesclaim: groups\n', { mode: 0o600 });
    try {
      openAccess('oidc', bad);
      expect.fail('it was read');
    } catch (error) {
      expect(error).to.be.instanceOf(PolicyFileError);
      const said = (error as PolicyFileError).violations.map(({ line, message, hint }) => `${line} ${message} ${hint ?? ''}`.trim());
      expect(said.join('\n'))
        .to.match(/1 .*https/)
        .and.to.match(/3 there is no key "scopesclaim" here did you mean "scopesClaim"\?/);
    }
  });
});
