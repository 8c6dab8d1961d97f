/** The registry over HTTP: forms, conditions, rights, and schemas that mean harm. */
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import type { Caller } from '../../src/directory/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { hostileBytes, hostileFiles, hostileMissing } from '../hostile/corpus.js';
import { skipWhen } from '../servers/installed.js';
import { type Running, run } from './running.js';

const XML = 'application/xml';
const INTERFACE = readFileSync(new URL('../../facets/interface/interface.xsd', import.meta.url), 'utf8');
const schemaOf = (ns: string, type = 'xs:string', said = 'What a host has.') =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${ns}" elementFormDefault="qualified"><xs:annotation><xs:documentation>${said}</xs:documentation></xs:annotation><xs:element name="hw"><xs:complexType><xs:sequence><xs:element name="cpu" type="${type}"/></xs:sequence></xs:complexType></xs:element></xs:schema>`;
const at = (ns: string, more = '') => `/interfaces/${encodeURIComponent(ns)}${more}`;

/** Who asks says so in a header of its own. */
const CALLERS: Readonly<Record<string, Caller>> = {
  admin: { principal: 'admin' },
  publisher: { principal: 'p', scopes: ['/infra'], publishes: ['/infra'], admin: false, registrar: false },
  registrar: { principal: 'r', scopes: ['/infra'], publishes: ['/infra'], admin: false, registrar: true },
  stranger: { principal: 's', scopes: ['/elsewhere'], publishes: [], admin: false, registrar: false },
};

describe('http/interfaces', function () {
  this.timeout(30_000);
  let server: Running;
  before(async () => {
    server = await run({
      schemas: [{ ns: 'urn:facetry:interface', xsd: INTERFACE }],
      authenticate: (request) => CALLERS[String(request.headers['x-caller'] ?? 'admin')] as Caller,
    });
    await server.agent
      .put('/resources/a')
      .type(XML)
      .send(resourceXml('a', { cpu: 'many' }))
      .expect(201);
  });
  after(() => server.stop());
  const put = (ns: string, body: string, caller = 'admin', query = '') =>
    server.agent.put(at(ns, query)).set('X-Caller', caller).set('Accept', 'application/json').type(XML).send(body);

  it('registers, tells and removes, by the entity tag of the schema', async () => {
    await put('urn:n', schemaOf('urn:n')).set('If-Match', '"x"').expect(412);
    const created = await put('urn:n', schemaOf('urn:n')).set('If-None-Match', '*').expect(201);
    expect(created.headers.location).to.equal(at('urn:n'));
    const got = await server.agent.get(at('urn:n')).expect(200);
    expect(got.headers.etag).to.equal(created.headers.etag);
    await server.agent
      .get(at('urn:n'))
      .set('If-None-Match', got.headers.etag as string)
      .expect(304);
    await put('urn:n', schemaOf('urn:n', 'xs:int')).set('If-None-Match', '*').expect(412);
    await put('urn:n', schemaOf('urn:n', 'xs:int'))
      .set('If-Match', got.headers.etag as string)
      .expect(200);
    await server.agent
      .delete(at('urn:n'))
      .set('If-Match', got.headers.etag as string)
      .expect(412);
    await server.agent.delete(at('urn:n')).expect(204);
    await server.agent.get(at('urn:n')).expect(404);
    await server.agent.delete(at('urn:n')).expect(404);
    await server.agent.delete(at('urn:facetry:interface')).expect(409);
  });

  it('takes a facet that says more, and tells what each caller may know', async () => {
    const facet = `<i:interface xmlns:i="urn:facetry:interface"><i:namespace>urn:said</i:namespace><i:prefix>said</i:prefix><i:kind>class</i:kind><i:appliesTo>host</i:appliesTo><i:status>agreed</i:status><i:version>2.1</i:version><i:agreement><i:party>a</i:party><i:party>b</i:party></i:agreement><i:schema>${schemaOf('urn:said').replaceAll('<', '&lt;')}</i:schema></i:interface>`;
    await put('urn:said', facet.replace('>class<', '>classy<')).expect(422);
    await put('urn:other', facet).expect(400);
    await put('urn:said', facet, 'admin', '?scope=/infra').expect(201);
    const seen = await server.agent.get(at('urn:said')).set('Accept', 'application/json').set('X-Caller', 'publisher').expect(200);
    expect(seen.body).to.deep.include({ prefix: 'said', kind: 'class', status: 'agreed', version: '2.1', appliesTo: ['host'] });
    expect(seen.body.content[0]).to.deep.include({ name: 'hw', occurs: '1' });
    const hidden = await server.agent.get(at('urn:said')).set('Accept', 'application/json').set('X-Caller', 'stranger').expect(200);
    expect(hidden.body).to.include({ prefix: 'said', origin: 'registered' }).and.to.not.have.any.keys('status', 'resource', 'agreement');
    // a schema alone leaves the rest as it was said
    await put('urn:said', schemaOf('urn:said', 'xs:token')).expect(200);
    const after = await server.agent.get(at('urn:said')).set('Accept', 'application/json').expect(200);
    expect(after.body).to.include({ status: 'agreed', version: '2.1' });
  });

  it('answers people with a page that brings nothing from elsewhere and runs nothing', async () => {
    await put('urn:page', schemaOf('urn:page', 'xs:string', 'A &lt;script>alert(1)&lt;/script> host.')).expect(201);
    for (const path of ['/interfaces', at('urn:page')]) {
      const { headers, text } = await server.agent.get(path).set('Accept', 'text/html').expect(200);
      expect(headers['content-security-policy']).to.match(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; frame-ancestors 'none'/);
      expect(text)
        .to.include('A &lt;script&gt;alert(1)&lt;/script&gt; host.')
        .and.not.match(/<script|src=|style=|onload/);
    }
  });

  it('registering is for registrars, and what they register holds for everybody', async () => {
    await put('urn:f', schemaOf('urn:f'), 'publisher').expect(403);
    await put('urn:f', schemaOf('urn:f'), 'stranger').expect(403);
    await put('urn:facetry:interface', INTERFACE, 'registrar').expect(403);
    await put('urn:f', schemaOf('urn:f', 'xs:int'), 'registrar').expect(201);
    await server.agent
      .put('/resources/b')
      .type(XML)
      .send(resourceXml('b', { cpu: 'many', scopes: ['/elsewhere'] }))
      .expect(422);
    const violations = (caller: string) => server.agent.get(at('urn:f', '/violations?format=json')).set('X-Caller', caller).expect(200);
    expect((await violations('registrar')).body).to.include({ resources: 1, invalid: 1 });
    expect((await violations('stranger')).body).to.deep.include({ resources: 0, invalid: 0, listed: [] });
    const check = await server.agent
      .post(at('urn:f', '/check'))
      .set('X-Caller', 'stranger')
      .type(XML)
      .send(schemaOf('urn:f', 'xs:token'))
      .expect(200);
    expect(check.text).to.include('kind="incompatible"').and.include('resources="0" invalid="0"');
    await server.agent.delete(at('urn:f')).set('X-Caller', 'publisher').expect(403);
    await server.agent.delete(at('urn:f')).set('X-Caller', 'registrar').expect(204);
  });

  it('schemas that mean harm are refused or registered within bounds, and nobody else waits for them', async function () {
    skipWhen(this, hostileMissing());
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const answers: string[] = [];
    for (const one of hostileFiles().filter(({ channel }) => /schema|as above/.test(channel))) {
      const body = hostileBytes(one.file);
      const ns = /targetNamespace\s*=\s*["']([^"']+)/.exec(body.toString('latin1'))?.[1] ?? 'urn:h';
      for (const [method, path] of [
        ['post', at(ns, '/check')],
        ['put', at(ns)],
      ] as const) {
        const began = performance.now();
        const { status } = await server.agent[method](path).type(XML).send(body);
        const ms = Math.round(performance.now() - began);
        answers.push(`${method} ${one.file} ${status} ${ms} ms`);
        expect(status, one.file).to.be.oneOf([200, 201, 400, 422]);
        expect(ms, `${one.file}: ms`).to.be.below(5000);
        // publishing goes on under what was in force before
        await server.agent
          .put('/resources/a')
          .type(XML)
          .send(resourceXml('a', { cpu: String(ms) }))
          .expect(200);
      }
      await server.agent.delete(at(ns));
    }
    delay.disable();
    expect(delay.percentile(99) / 1e6, `ms of the event loop, p99; ${answers.join('; ')}`).to.be.below(500);
  });
});
