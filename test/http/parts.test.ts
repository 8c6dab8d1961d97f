/** Facets, scopes, name and description by themselves, over HTTP. */
import { expect } from 'chai';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run } from './running.js';

const HW = 'Q{urn:f}hw';
const facet = (name: string) => `/resources/n1/facets/${encodeURIComponent(name)}`;
const XML = { 'Content-Type': 'application/xml' };

describe('Parts of a resource over HTTP', () => {
  let running: Running;
  let agent: Running['agent'];
  before(async () => {
    running = await run();
    agent = running.agent;
  });
  after(() => running.stop());
  beforeEach(async () => {
    await agent.delete('/resources/n1?force=true');
    await agent
      .put('/resources/n1')
      .set(XML)
      .send(resourceXml('n1', { cpu: '4', scopes: ['/a'] }));
  });

  const put = (name: string, body: string, headers: Record<string, string> = {}) =>
    agent
      .put(facet(name))
      .set({ ...XML, Accept: 'application/json', ...headers })
      .send(body);
  const whole = async () => (await agent.get('/resources/n1')).text;

  it('a dry run of taking something away tells what would be, and takes nothing', async () => {
    await agent.put('/resources/n1/description').set('Content-Type', 'text/plain').send('a node').expect(200);
    const before = await whole();
    const { body } = await agent.delete('/resources/n1/description?dryRun=true').set('Accept', 'application/json').expect(200);
    expect(body.diff).to.match(/^-.*a node/m);
    await agent
      .delete(`${facet(HW)}/owner?dryRun=true`)
      .set('Accept', 'application/json')
      .expect(200);
    expect(await whole()).to.equal(before);
  });

  it('a patch that rebinds a prefix goes on in the new namespace', async () => {
    const patch = (inside: string) =>
      agent
        .patch('/resources/n1')
        .set({ 'Content-Type': 'application/xml-patch+xml', Accept: 'application/json' })
        .send(`<diff xmlns:f="urn:f" xmlns:n="urn:new">${inside}</diff>`);
    const rebind = '<replace sel="*/namespace::f">urn:new</replace>';
    expect((await patch(`${rebind}<replace sel="*/f:hw/f:cpu/text()">8</replace>`)).body.violations[0].rule).to.equal('unlocated-node');
    expect((await patch(`${rebind}<replace sel="*/n:hw/n:cpu/text()">8</replace>`)).body.outcome).to.equal('replaced');
    expect(await whole())
      .to.contain('urn:new')
      .and.to.contain('<f:cpu>8</f:cpu>');
    const refused = await patch('<add sel="*/n:hw" type="@xmlns">urn:q</add>');
    expect([refused.status, refused.body.violations[0].rule]).to.deep.equal([422, 'invalid-namespace-prefix']);
  });

  describe('a facet', () => {
    it('is read by itself, with its own entity tag', async () => {
      const { status, text, headers } = await agent.get(facet(HW));
      expect([status, text]).to.deep.equal([200, '<f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>']);
      expect((await agent.get(facet(HW)).set('If-None-Match', headers.etag as string)).status).to.equal(304);
      expect((await agent.get(facet('Q{urn:f}none'))).status).to.equal(404);
      expect((await agent.get('/resources/none/facets/Q%7Burn:f%7Dhw')).status).to.equal(404);
    });

    it('is added, replaced and removed; the others stay', async () => {
      const added = await put('Q{urn:g}net', '<net xmlns="urn:g"><if>eth0</if></net>');
      expect([added.status, added.body.outcome]).to.deep.equal([201, 'created']);
      expect(added.headers.etag).to.equal((await agent.get(facet('Q{urn:g}net'))).headers.etag);
      expect((await put('Q{urn:g}net', '<net xmlns="urn:g"><if>eth0</if></net>')).body.outcome).to.equal('unchanged');
      const replaced = await put(
        'Q{urn:g}net',
        '<?xml version="1.0"?>\n<!-- two -->\n<g:net xmlns:g="urn:g"><g:if>eth1</g:if><none xmlns=""/></g:net>',
      );
      expect([replaced.status, replaced.body.outcome]).to.deep.equal([200, 'replaced']);
      expect(await whole())
        .to.contain('<f:cpu>4</f:cpu>')
        .and.to.contain('<g:if>eth1</g:if><none xmlns=""/>');
      expect((await agent.delete(facet('Q{urn:g}net'))).status).to.equal(204);
      expect(await whole()).not.to.contain('urn:g');
    });

    it('is not the last one that goes', async () => {
      const { status, body } = await agent.delete(facet(HW)).set('Accept', 'application/json');
      expect([status, body.code]).to.deep.equal([409, 'conflict']);
      expect(body.hint).to.contain('DELETE the resource');
    });

    it('does not take the default namespace of what it is put into', async () => {
      await put('Q{urn:g}net', '<g:net xmlns:g="urn:g"><if>eth0</if></g:net>');
      const { body } = await agent
        .get(`/discover?xpath=${encodeURIComponent("namespace-uri(//*[local-name()='if'])")}`)
        .set('Accept', 'application/json');
      expect(body.value).to.equal('');
    });

    it('has preconditions of its own', async () => {
      const { etag } = (await agent.get(facet(HW))).headers;
      const other = (await agent.get('/resources/n1')).headers.etag as string;
      const body = '<f:hw xmlns:f="urn:f"><f:cpu>5</f:cpu></f:hw>';
      expect((await put(HW, body, { 'If-Match': other })).status).to.equal(412);
      expect((await put(HW, body, { 'If-None-Match': '*' })).status).to.equal(412);
      expect((await put('Q{urn:g}new', '<new xmlns="urn:g"/>', { 'If-Match': '*' })).status).to.equal(412);
      expect((await put(HW, body, { 'If-Match': etag as string })).status).to.equal(200);
      expect((await put(HW, body, { 'If-Match': etag as string })).status).to.equal(412);
    });

    const wrong: readonly (readonly [what: string, name: string, body: string, status: number, where: string])[] = [
      ['another facet', HW, '<f:other xmlns:f="urn:f"/>', 400, ''],
      ['two elements', HW, '<f:hw xmlns:f="urn:f"/><f:hw xmlns:f="urn:f"/>', 400, ''],
      ['an end tag too many', HW, '<f:hw xmlns:f="urn:f"></f:hw></resource>', 400, ''],
      ['a DOCTYPE', HW, '<!DOCTYPE hw><f:hw xmlns:f="urn:f"/>', 400, ''],
      ['no XML', HW, 'four', 400, ''],
      ['an attribute', HW, '<f:hw xmlns:f="urn:f">\n  <f:cpu n="1">4</f:cpu>\n</f:hw>', 422, '2:10'],
      ['an attribute on its first line', HW, '<f:hw xmlns:f="urn:f" n="1"/>', 422, '1:23'],
      ['mixed text', HW, '<f:hw xmlns:f="urn:f">\n\n  x<f:cpu>4</f:cpu></f:hw>', 422, '3:3'],
      ['no known prefix', 'zz:hw', '<f:hw xmlns:f="urn:f"/>', 400, ''],
      ['no name', 'hw', '<f:hw xmlns:f="urn:f"/>', 400, ''],
    ];
    for (const [what, name, body, status, where] of wrong) {
      it(`with ${what} is refused, with its place in the body`, async () => {
        const before = await whole();
        const answer = await put(name, body);
        expect(answer.status).to.equal(status);
        const [first] = answer.body.violations ?? [];
        if (where !== '') expect(`${first?.line}:${first?.column}`).to.equal(where);
        expect(await whole()).to.equal(before);
      });
    }

    it('shows in a dry run what would change, and does not change it', async () => {
      const before = await whole();
      const { status, body } = await agent
        .put(`${facet(HW)}?dryRun=true`)
        .set({ ...XML, Accept: 'application/json' })
        .send('<f:hw xmlns:f="urn:f"><f:cpu>8</f:cpu></f:hw>');
      expect(status).to.equal(200);
      expect(body.diff).to.contain('-    <f:cpu>4</f:cpu>\n+    <f:cpu>8</f:cpu>');
      expect(await whole()).to.equal(before);
    });

    it('of one producer never takes that of another along, however they meet', async () => {
      const producers = Array.from({ length: 6 }, (_, k) => `Q{urn:p${k}}f`);
      for (let round = 0; round < 5; round++) {
        await Promise.all(
          producers.map((name, k) =>
            put(name, `<f xmlns="urn:p${k}"><v>${round}</v></f>`).expect((r) => expect(r.status).to.be.oneOf([200, 201])),
          ),
        );
      }
      const text = await whole();
      for (const k of producers.keys()) expect(text).to.match(new RegExp(`urn:p${k}"`));
      expect(text.match(/<v>4</g) ?? text.match(/:v>4</g)).to.have.length(6);
    });
  });

  describe('an owner', () => {
    const cpu = (value: number) => `<f:hw xmlns:f="urn:f"><f:cpu>${value}</f:cpu></f:hw>`;
    const as = (manager: string) => ({ 'Facetry-Manager': manager });

    it('keeps its facet: another one’s write names it and the ways out', async () => {
      await put(HW, cpu(1), as('keeper'));
      const refused = await put(HW, cpu(2), as('other'));
      expect([refused.status, refused.body.code]).to.deep.equal([409, 'facet-owned']);
      expect(refused.body.detail).to.contain('"keeper"');
      expect(refused.body.hint).to.match(/hand it over.*lease.*force/);
      expect((await put(HW, cpu(2))).status, 'nobody in particular').to.equal(409);
      expect(
        (
          await agent
            .put('/resources/n1')
            .set({ ...XML, ...as('other') })
            .send(resourceXml('n1', { cpu: '9', scopes: ['/a'] }))
        ).status,
      ).to.equal(409);
      expect((await agent.delete('/resources/n1').set(as('other'))).status).to.equal(409);
      expect((await put(HW, cpu(1), as('other'))).body.outcome, 'the same content').to.equal('unchanged');
      expect((await put(HW, cpu(2), as('keeper'))).status).to.equal(200);
      expect((await put('Q{urn:g}net', '<net xmlns="urn:g"/>', as('other'))).status, 'another facet').to.equal(201);
    });

    it('is overruled by force', async () => {
      await put(HW, cpu(1), as('keeper'));
      expect(
        (
          await agent
            .put(`${facet(HW)}?force=true`)
            .set({ ...XML, ...as('other') })
            .send(cpu(3))
        ).status,
      ).to.equal(200);
      expect((await put(HW, cpu(4), as('keeper'))).status).to.equal(409);
      expect((await put(HW, cpu(4), as('other'))).status).to.equal(200);
    });

    it('hands it over, or gives it up', async () => {
      await put(HW, cpu(1), as('keeper'));
      const owner = `${facet(HW)}/owner`;
      const to = { principal: 'anyone', manager: 'other' };
      expect((await agent.put(owner).set(as('thief')).send(to)).status).to.equal(409);
      expect((await agent.put(owner).set(as('keeper')).send(to)).status).to.equal(200);
      expect((await put(HW, cpu(2), as('keeper'))).status).to.equal(409);
      expect((await put(HW, cpu(2), as('other'))).status).to.equal(200);
      expect((await agent.delete(owner).set(as('other'))).status).to.equal(204);
      expect((await put(HW, cpu(5), as('keeper'))).status).to.equal(200);
    });
  });

  it('scopes are added and removed, but not the last one', async () => {
    const scope = (name: string) => `/resources/n1/scopes/${encodeURIComponent(name)}`;
    expect((await agent.put(scope('/b/c'))).status).to.equal(200);
    expect((await agent.put(scope('/b/c')).set('Accept', 'application/json')).body.outcome).to.equal('unchanged');
    expect(await whole()).to.contain('<scope>/a</scope><scope>/b/c</scope>');
    expect((await agent.delete(scope('/a'))).status).to.equal(200);
    expect((await agent.delete(scope('/b/c'))).status).to.equal(409);
    expect((await agent.put(scope('b'))).status).to.equal(400);
  });

  it('name and description are set and left out', async () => {
    const text = (path: string, body: string) => agent.put(`/resources/n1/${path}`).set('Content-Type', 'text/plain').send(body);
    expect((await text('name', 'node24')).status).to.equal(200);
    expect((await text('description', ' <b> & so on ')).status).to.equal(200);
    expect(await whole()).to.contain('<name>node24</name><description>&lt;b&gt; &amp; so on</description>');
    expect((await text('name', 'my node')).status).to.equal(422);
    expect((await text('name', 'zz:node')).status).to.equal(422);
    expect((await agent.delete('/resources/n1/description')).status).to.equal(204);
    expect(await whole()).not.to.contain('description');
  });

  describe('a key that makes POST safe to repeat', () => {
    const post = (key: string, body: string) =>
      agent
        .post('/resources')
        .set({ ...XML, Accept: 'application/json', 'Idempotency-Key': key })
        .send(body);
    it('creates once, also without an id in the document', async () => {
      const first = await post('"k1"', resourceXml(undefined, { cpu: '1' }));
      const again = await post('"k1"', resourceXml(undefined, { cpu: '1' }));
      expect([first.status, again.status]).to.deep.equal([201, 201]);
      expect(again.body.id)
        .to.equal(first.body.id)
        .and.to.match(/^urn:uuid:[0-9a-f-]{36}$/);
      expect(again.headers.etag).to.equal(first.headers.etag);
      expect((await post('"k2"', resourceXml(undefined, { cpu: '1' }))).body.id).not.to.equal(first.body.id);
    });
    it('is refused with another body', async () => {
      await post('"k3"', resourceXml('once', { cpu: '1' }));
      expect((await post('"k3"', resourceXml('once', { cpu: '1' }))).status).to.equal(201);
      const { status, body } = await post('"k3"', resourceXml('once', { cpu: '2' }));
      expect([status, body.code]).to.deep.equal([422, 'key-reused']);
      expect((await post('"k4"', resourceXml('once', { cpu: '1' }))).body.code).to.equal('already-exists');
    });
  });
});
