/** The client against a real Keystone, Heat and Glance. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type Cloud,
  findLogin,
  glanceOf,
  type Heat,
  heatOf,
  openCloud,
  SiteProblem,
  type Stack,
  type StackRef,
} from '../../../src/cluster/openstack/index.js';
import { checkAddress } from '../../../src/cluster/openstack/request.js';
import { Problem } from '../../../src/model/index.js';
import { skipWhen } from '../../servers/installed.js';
import { ensureInstalled, type OpenStack, startOpenStack } from '../../servers/openstack/index.js';

const TEMPLATE = `heat_template_version: 2021-04-16
parameters:
  word: { type: string, default: hello }
  secret: { type: string, hidden: true, default: none }
resources:
  one: { type: OS::Heat::Value, properties: { value: { get_param: word } } }
outputs:
  word: { value: { get_attr: [one, value] } }
  list: { value: [a, b] }
`;
const FAILING = `heat_template_version: 2021-04-16
resources:
  broken: { type: OS::Heat::TestResource, properties: { fail: true } }
`;

describe('OpenStack', function () {
  this.timeout(240_000);
  let site: OpenStack;
  let cloud: Cloud;
  let heat: Heat;

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    // shorter than a minute, so that tokens are renewed while the tests run
    site = await startOpenStack({ tokenTtl: 20 });
    cloud = openCloud(findLogin({ env: site.env, cwd: '/nonexistent' }));
    heat = heatOf(cloud);
  });
  after(() => site?.stop());

  const newStack = (name: string, template = TEMPLATE) => ({ name, template, parameters: {}, tags: ['facetry-test', name] });

  async function settled(stack: StackRef): Promise<Stack | undefined> {
    for (;;) {
      const seen = await heat.show(stack);
      // DELETE_COMPLETE is said before the stack is gone, and is not the end of it
      if (seen === undefined || !/IN_PROGRESS$|^DELETE_COMPLETE$/.test(seen.stack_status)) return seen;
      await delay(300);
    }
  }

  it('finds the services in the catalog', async () => {
    expect(await cloud.version()).to.match(/^v3\./);
    expect(await cloud.services()).to.include.members(['orchestration', 'image']);
    expect(await heat.resourceTypes())
      .to.include('OS::Heat::Value')
      .and.not.include('OS::Nova::Server');
  });

  it('makes, shows, finds, changes and deletes a stack', async () => {
    expect(Object.keys(await heat.validate(TEMPLATE))).to.have.members(['word', 'secret']);
    expect((await heat.preview(newStack('p'))).map((one) => one.resource_name)).to.deep.equal(['one']);
    const made = await heat.create(newStack('made'));
    const seen = (await settled(made)) as Stack;
    expect(seen.stack_status).to.equal('CREATE_COMPLETE');
    expect(seen.outputs?.map((one) => [one.output_key, one.output_value])).to.deep.include.members([
      ['word', 'hello'],
      ['list', ['a', 'b']],
    ]);
    expect((await heat.find('made'))?.id).to.equal(made.id);
    expect((await heat.list(['facetry-test', 'made'])).map((one) => one.id)).to.deep.equal([made.id]);
    expect((await heat.events(made)).map((one) => one.resource_status)).to.include('CREATE_COMPLETE');
    const wanted = { ...newStack('made'), parameters: { word: 'bye' } };
    expect(await heat.previewUpdate(made, wanted)).to.deep.equal({ added: [], updated: ['one'], replaced: [], deleted: [] });
    const wrong = await heat.previewUpdate(made, { ...wanted, parameters: { wrong: 'x' } }).catch((error) => error);
    expect(wrong).to.include({ code: 'site-refused', site: 400 });
    await heat.update(made, wanted);
    const changed = (await settled(made)) as Stack;
    expect(changed.stack_status).to.equal('UPDATE_COMPLETE');
    expect(changed.tags).to.include('made');
    expect(changed.outputs?.find((one) => one.output_key === 'word')?.output_value).to.equal('bye');
    await heat.remove(made);
    expect(await settled(made)).to.equal(undefined);
    await heat.remove(made);
    expect(await heat.find('made')).to.equal(undefined);
  });

  it('says what Heat says: a name that is taken, a template that is wrong, a resource that failed', async () => {
    const made = await heat.create(newStack('twice'));
    const again = await heat.create(newStack('twice')).catch((error) => error);
    expect(again).to.be.instanceOf(SiteProblem).and.include({ site: 409, type: 'StackExists' });
    const wrong = await heat.validate('heat_template_version: 1999-01-01').catch((error) => error);
    expect(wrong.message).to.match(/template version/i);
    const broken = await heat.create(newStack('broken', FAILING));
    expect(await settled(broken)).to.include({ stack_status: 'CREATE_FAILED' });
    expect((await heat.resources(broken))[0]).to.include({ resource_name: 'broken', resource_status: 'CREATE_FAILED' });
    await Promise.all([made, broken].map(heat.remove));
    await Promise.all([made, broken].map(settled));
  });

  it('abandons a stack and adopts it again, outputs kept', async () => {
    const made = await heat.create(newStack('left'));
    await settled(made);
    const text = await heat.abandon(made);
    // Heat answers before it has forgotten the stack
    while ((await heat.find('left')) !== undefined) await delay(300);
    expect(await heat.show(made)).to.equal(undefined);
    const adopted = await heat.create({ ...newStack('left'), adopt: text });
    const seen = await settled(adopted);
    expect(seen?.stack_status).to.equal('ADOPT_COMPLETE');
    await heat.remove(adopted);
    await settled(adopted);
  });

  it('survives the end of tokens, and a restart of Heat', async () => {
    const end = Date.now() + 25_000;
    let asked = 0;
    for (; Date.now() < end; asked++) {
      await heat.list(['facetry-test']);
      await delay(500);
    }
    expect(asked).to.be.greaterThan(10);
    await site.halt('heat', 'SIGKILL');
    const refused = await heat.list(['x']).catch((error) => error);
    expect(refused).to.include({ code: 'site-unreachable', site: 0 });
    await site.resume('heat');
    expect(await heat.list(['nothing'])).to.deep.equal([]);
  });

  it('refuses a wrong password without showing it', async () => {
    const login = findLogin({ env: { ...site.env, OS_PASSWORD: 'wrong-password-1' }, cwd: '/nonexistent' });
    const error = await heatOf(openCloud(login))
      .list([])
      .catch((refused) => refused);
    expect(error).to.include({ code: 'site-refused', site: 401 });
    expect(JSON.stringify([error, error.message, error.stack])).not.to.include('wrong-password-1');
  });

  it('does not send a password in the open beyond this machine', () => {
    const login = findLogin({ env: { ...site.env, OS_AUTH_URL: 'http://cloud.example.org:5000/v3' }, cwd: '/nonexistent' });
    expect(() => openCloud(login)).to.throw(Problem, /not https/);
  });

  it('asks nothing of this machine for a site that is elsewhere, whatever its catalog says', () => {
    expect(() => checkAddress('http://127.0.0.1:8004/v1', false, 'https://cloud.example.org:5000/v3')).to.throw(Problem, /not https/);
    expect(() => checkAddress('http://127.0.0.1:8004/v1', false, 'http://localhost:5000/v3')).not.to.throw();
    expect(() => checkAddress('https://cloud.example.org:8004/v1', false, 'https://cloud.example.org:5000/v3')).not.to.throw();
  });

  it('uploads an image, counts its bytes, and finds it', async () => {
    const glance = glanceOf(cloud);
    const pieces = async function* () {
      for (let k = 0; k < 4; k++) yield new Uint8Array(65_536).fill(k);
    };
    const sent: number[] = [];
    const image = await glance.upload({ name: 'tiny', diskFormat: 'raw', containerFormat: 'bare' }, pieces(), (bytes) => sent.push(bytes));
    expect(image).to.include({ status: 'active', size: 262_144 });
    expect(sent.at(-1)).to.equal(262_144);
    expect((await glance.find('tiny')).map((one) => one.id)).to.deep.equal([image.id]);
    await glance.remove(image.id);
    expect(await glance.find('tiny')).to.deep.equal([]);
  });
});
