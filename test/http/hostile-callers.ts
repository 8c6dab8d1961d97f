/** Entries of the hostile list that are about who asks: tokens and scopes that are not theirs, and too much of one caller at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UnsecuredJWT } from 'jose';
import { digestOf, openAccess } from '../../src/http/auth/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { startIssuer } from './auth/issuer.js';
import { type Running, run } from './running.js';

/** A server of its own with tokens for what `entries` says; each is `<name>-token`. */
async function withTokens(entries: Readonly<Record<string, string>>, act: (server: Running) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'facetry-callers-'));
  const lines = Object.entries(entries).map(([name, rest]) => `  - { name: ${name}, sha256: "${digestOf(`${name}-token`)}", ${rest} }\n`);
  const file = join(folder, 'tokens.yaml');
  writeFileSync(file, `tokens:\n${lines.join('')}`, { mode: 0o600 });
  const access = openAccess('tokens', file, {});
  const server = await run({ authenticate: access.authenticate });
  try {
    await act(server);
  } finally {
    access.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const bearer = (name: string, more: Readonly<Record<string, string>> = {}) => ({ Authorization: `Bearer ${name}-token`, ...more });

/** The token says what one may see, the header narrows it, and the query has no say: a parameter that nobody knows is refused. */
export function scopesAtOnce(): Promise<void> {
  return withTokens({ ab: 'scopes: [/a, /b], roles: [publisher]' }, async ({ agent }) => {
    for (const [id, scope] of [
      ['in-a', '/a'],
      ['in-b', '/b'],
    ] as const) {
      const put = agent.put(`/resources/${id}`).set(bearer('ab', { 'Content-Type': 'application/xml' }));
      await put.send(resourceXml(undefined, { scopes: [scope] })).expect(201);
    }
    for (const path of ['/resources?scope=/c', '/resources/in-b?scope=/c', '/discover?xpath=/*&scope=/c'])
      await agent
        .get(path)
        .set(bearer('ab', { 'Facetry-Scope': '/b' }))
        .expect(400);
    const { text } = await agent
      .get('/discover?xpath=/*')
      .set(bearer('ab', { 'Facetry-Scope': '/b' }))
      .buffer(true)
      .expect(200);
    expect(text).to.include('in-b').and.not.include('in-a');
    await agent
      .get('/resources')
      .set(bearer('ab', { 'Facetry-Scope': '/c' }))
      .expect(403);
  });
}

/** `/infra/vo1` is that scope and no other: not in other letters, not one that begins like it; with other slashes it is none at all. */
export function scopesLikeOurs(): Promise<void> {
  return withTokens({ one: 'scopes: [/infra/vo1], roles: [publisher]', ops: 'roles: [admin]' }, async ({ agent }) => {
    for (const scope of ['/infra/VO1', '/infra/vo10']) {
      const put = agent.put(`/resources/${scope.slice(7)}`).set(bearer('ops', { 'Content-Type': 'application/xml' }));
      await put.send(resourceXml(undefined, { scopes: [scope] })).expect(201);
    }
    for (const [scope, asked, published] of [
      ['/infra/VO1', 403, 403],
      ['/infra/vo10', 403, 403],
      ['/infra', 403, 403],
      ['/infra/vo1/', 400, 422],
      ['/infra//vo1', 400, 422],
    ] as const) {
      await agent
        .get('/resources')
        .set(bearer('one', { 'Facetry-Scope': scope }))
        .expect(asked);
      const put = agent.put('/resources/mine').set(bearer('one', { 'Content-Type': 'application/xml' }));
      await put.send(resourceXml(undefined, { scopes: [scope] })).expect(published);
    }
    for (const id of ['VO1', 'vo10', 'mine']) await agent.get(`/resources/${id}`).set(bearer('one')).expect(404);
    const { text } = await agent.get('/discover?xpath=count(/*)').set(bearer('one')).buffer(true).expect(200);
    expect(text).to.match(/>0<\/results>/);
  });
}

/**
 * Whatever is wrong with a token, the answer has the same status, code and headers. Its words say what it is: that stands in the token
 * and can be read there by whoever holds it, and people who set up an issuer must know.
 */
export async function wrongTokens(): Promise<void> {
  const issuer = await startIssuer();
  const folder = mkdtempSync(join(tmpdir(), 'facetry-callers-'));
  const file = join(folder, 'oidc.yaml');
  writeFileSync(
    file,
    `issuer: ${issuer.url}\naudience: facetry\nscopesClaim: groups\nscopes: { a: [/a] }\nrolesClaim: roles\nroles: { reader: [consumer] }\n`,
    { mode: 0o600 },
  );
  const access = openAccess('oidc', file, {});
  const server = await run({ authenticate: access.authenticate });
  try {
    const claims = { sub: 'ann', groups: ['a'], roles: ['reader'] };
    const soon = Math.floor(Date.now() / 1000) + 600;
    const none = new UnsecuredJWT(claims).setIssuer(issuer.url).setAudience('facetry').setExpirationTime(soon).encode();
    const ask = (token: string) => server.agent.get('/resources').set({ Authorization: `Bearer ${token}`, Accept: 'application/json' });
    await ask(await issuer.token(claims)).expect(200);
    const fetches = issuer.fetches();
    const wrong = {
      expired: await issuer.token(claims, { expires: -600 }),
      'not yet valid': await issuer.token({ ...claims, nbf: soon }),
      'alg none': none,
      'another audience': await issuer.token(claims, { aud: 'others' }),
      'another issuer': await issuer.token(claims, { iss: 'http://127.0.0.1:1' }),
      'a path for a key': await issuer.token(claims, { kid: '../../../../etc/passwd' }),
      'an address for a key': await issuer.token(claims, { kid: `${issuer.url}/elsewhere` }),
      'no token at all': 'x',
    };
    for (const [name, token] of Object.entries(wrong)) {
      const { status, body, headers } = await ask(token);
      expect([status, body.code, headers['www-authenticate']?.split(' ')[0]], name).to.deep.equal([401, 'unauthorized', 'Bearer']);
      expect(JSON.stringify(body), name).to.not.match(/passwd|elsewhere|root:/);
    }
    // a key that nobody has published is asked for once, of the issuer, at the address that it names
    expect(issuer.fetches() - fetches).to.be.at.most(1);
  } finally {
    access.close();
    await server.stop();
    await issuer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nine hundred long polls of one caller, which is what there are connections for: as many as one may have go on waiting, the others are told to come again. */
export async function watchFlood(): Promise<void> {
  const ALL = 900;
  const MOST = 40;
  const server = await run({
    load: { maxWatches: MOST },
    authenticate: ({ headers }) => ({ principal: String(headers.authorization) }),
  });
  const over = new AbortController();
  try {
    const ask = (path: string, who: string) =>
      fetch(`${server.url}${path}`, { headers: { Authorization: who, Accept: 'application/json' }, signal: over.signal });
    const { next } = (await (await ask('/changes', 'flooder')).json()) as { next: string };
    const statuses: number[] = [];
    let retry = 0;
    const polls = Array.from({ length: ALL }, async () => {
      const answer = await ask(`/changes?wait=30&cursor=${encodeURIComponent(next)}`, 'flooder').catch(() => undefined);
      if (answer === undefined) return;
      statuses.push(answer.status);
      if (Number(answer.headers.get('retry-after')) > 0) retry++;
      await answer.text();
    });
    while (statuses.length < ALL - MOST) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(new Set(statuses)).to.deep.equal(new Set([429]));
    expect(retry).to.equal(ALL - MOST);
    expect((await ask('/resources', 'somebody else')).status).to.equal(200);
    // what the others wait for comes, and then there is room again
    const put = server.agent.put('/resources/news').set('Authorization', 'somebody else').type('application/xml');
    await put.send(resourceXml(undefined)).expect(201);
    await Promise.all(polls);
    expect(statuses.filter((status) => status === 200)).to.have.length(MOST);
    expect((await ask('/resources', 'flooder')).status).to.equal(200);
  } finally {
    over.abort();
    await server.stop();
  }
}
