/** The account of writes: who did what to which resource, with what outcome; and nothing of what was written. */
import { expect } from 'chai';
import { type Caller, OPEN_CALLER } from '../../src/directory/index.js';
import { auditLine } from '../../src/http/index.js';
import { Problem } from '../../src/model/index.js';
import { resourceXml } from '../directory/open-test-directory.js';
import { type Running, run } from './running.js';

const SECRET = 'c0ffee-is-a-secret';
const XML = { 'Content-Type': 'application/xml' };

describe('http: the audit log', () => {
  let server: Running;
  before(async () => {
    server = await run({
      authenticate({ headers }): Caller {
        if (headers.authorization === undefined) throw new Problem('unauthorized', {});
        return headers['x-as'] === 'reader' ? { principal: 'reader', scopes: ['/a'], publishes: [] } : { ...OPEN_CALLER, principal: 'ann' };
      },
    });
  });
  after(() => server.stop());
  beforeEach(() => void server.events.splice(0));

  const lines = () =>
    server.events.flatMap((event) => {
      const line = auditLine(event, new Date(0));
      return line === undefined ? [] : [JSON.parse(line)];
    });
  const as = (more: Record<string, string> = {}) => ({ Authorization: `Bearer ${SECRET}`, ...more });
  const document = resourceXml('x', { facets: `<f:hw><f:note>${SECRET}</f:note></f:hw>` });

  it('has a line for each write, with its outcome', async () => {
    await server.agent
      .put('/resources/x')
      .set(as({ ...XML, 'Facetry-Manager': 'keeper' }))
      .send(document)
      .expect(201);
    await server.agent
      .put('/resources/x')
      .set(as({ ...XML, 'Facetry-Manager': 'keeper' }))
      .send(document)
      .expect(200);
    await server.agent.put('/resources/x/scopes/%2Fb').set(as()).expect(200);
    await server.agent.put('/resources/x/facets/Q%7Burn:f%7Dhw').set(as(XML)).send('<f:hw xmlns:f="urn:f"/>').expect(409);
    await server.agent
      .delete('/resources/x?dryRun=true')
      .set(as({ 'Facetry-Manager': 'keeper' }))
      .expect(204);
    await server.agent.delete('/resources/x?force=true').set(as()).expect(204);
    const said = lines();
    expect(said.map(({ action, status, outcome }) => [action, status, outcome])).to.deep.equal([
      ['putResource', 201, 'created'],
      ['putResource', 200, 'unchanged'],
      ['addScope', 200, 'replaced'],
      ['putFacet', 409, undefined],
      ['removeResource', 204, 'removed'],
      ['removeResource', 204, 'removed'],
    ]);
    expect(said[0]).to.include({ time: '1970-01-01T00:00:00.000Z', principal: 'ann', manager: 'keeper', method: 'PUT', resource: 'x' });
    expect(said.map(({ dryRun }) => dryRun === true)).to.deep.equal([false, false, false, false, true, false]);
    expect(said[2].scopes).to.deep.equal(['/b']);
    expect(said[3].facets).to.deep.equal(['Q{urn:f}hw']);
  });

  it('has one for each document of a bulk', async () => {
    const body = [resourceXml('b1'), '<broken', resourceXml('b2')].join('\n');
    await server.agent
      .post('/resources?atomic=false')
      .set(as({ 'Content-Type': 'application/xml-seq' }))
      .send(body);
    const documents = lines().filter(({ resource, status }) => resource !== undefined || status === 400);
    expect(documents.filter(({ outcome }) => outcome === 'created').map(({ resource }) => resource)).to.deep.equal(['b1', 'b2']);
    expect(lines().at(-1)).to.include({ action: 'createResources', stored: 2, refused: 1 });
  });

  it('has one for who was refused, also on reads; and none for other reads', async () => {
    await server.agent.get('/resources').expect(401);
    await server.agent
      .put('/resources/y')
      .set(as({ ...XML, 'X-As': 'reader' }))
      .send(document)
      .expect(403);
    await server.agent.get('/resources').set(as()).expect(200);
    expect(lines().map(({ status, principal }) => [status, principal])).to.deep.equal([
      [401, undefined],
      [403, 'reader'],
    ]);
  });

  it('never has what was written, nor a token', () => {
    expect(JSON.stringify(server.events)).not.to.contain(SECRET);
  });
});
