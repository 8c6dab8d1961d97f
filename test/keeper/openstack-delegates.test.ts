/** The shipped delegates that ask an OpenStack site, with a real one. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { connect } from '../../src/client/index.js';
import { findLogin, glanceOf, type Heat, heatOf, openCloud } from '../../src/cluster/index.js';
import { discoverDelegates, type FoundDelegate, testDelegate } from '../../src/keeper/index.js';
import { createXmlPool, type XmlReader } from '../../src/xml/index.js';
import { facetry, startFacetry } from '../servers/facetry.js';
import { skipWhen } from '../servers/installed.js';
import { ensureInstalled, type OpenStack } from '../servers/openstack/index.js';
import { sharedOpenStack } from '../servers/openstack/shared.js';
import { temporaryFolder } from '../servers/process.js';
import { schemasOf } from './shipped-schemas.js';

const FOLDER = resolve(import.meta.dirname, '../../keepers/delegates');
const TEMPLATE = `heat_template_version: 2018-08-31
parameters: { broken: { type: boolean, default: false } }
resources:
  x: { type: OS::Heat::RandomString, properties: { length: 20 } }
  y: { type: OS::Heat::TestResource, properties: { value: a, fail: { get_param: broken }, wait_secs: 0 } }
outputs:
  master_ip: { value: 192.0.2.1 }
  ports: { value: [8888, { spark: 7077 }, []] }
  admin_password: { value: { get_attr: [x, value] } }
  licence: { value: { get_attr: [x, value] } }
`;

describe('Delegates that ask an OpenStack site', function () {
  this.timeout(120_000);
  let site: OpenStack;
  let heat: Heat;
  let xml: XmlReader;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let login: Record<string, unknown>;

  before(async function () {
    this.timeout(900_000);
    skipWhen(this, await ensureInstalled());
    site = await sharedOpenStack();
    folder = await temporaryFolder('site-delegates');
    heat = heatOf(openCloud(findLogin({ env: site.env, cwd: folder.path })));
    xml = await createXmlPool({ workers: 1, schemas: schemasOf(['cluster', 'imagePresence', 'siteStatus']) });
    const passwordFile = join(folder.path, 'password');
    writeFileSync(passwordFile, `${site.password}\n`, { mode: 0o600 });
    login = { authUrl: site.authUrl, region: site.region, username: site.user, passwordFile, project: site.project, siteRef: 'here' };
  });
  after(async () => {
    await xml?.close();
    await folder?.remove();
    await Promise.all((await heat.list(['facetry-test'])).map(heat.remove));
  });

  async function found(name: string): Promise<FoundDelegate> {
    const { delegates, refused } = await discoverDelegates({ folders: [FOLDER], packages: [] });
    expect(refused).to.deep.equal([]);
    return delegates.find((one) => one.name === name) as FoundDelegate;
  }

  /** The facet that a conforming run gives; '' for none. */
  async function facetOf(name: string, more: Record<string, unknown>): Promise<string> {
    const trial = { config: { ...login, ...more }, resource: 'test', timeoutMs: 20_000 };
    const { checks, facets } = await testDelegate(await found(name), trial, () => undefined);
    expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    if (facets.length === 0) return '';
    const document = `<resource xmlns="http://gcube-system.org/namespaces/resource" id="test"><scope>/a</scope>${facets.join('')}</resource>`;
    expect((await xml.read(Buffer.from(document))).notices).to.deep.equal([]);
    return facets.join('');
  }

  async function made(name: string, tags: readonly string[], parameters: Record<string, string> = {}): Promise<string> {
    const stack = await heat.create({ name, template: TEMPLATE, parameters, tags: [...tags, 'facetry-test'] });
    while ((await heat.show(stack))?.stack_status.endsWith('_IN_PROGRESS')) await delay(200);
    return stack.id;
  }

  const shared = { implementationRef: 'theirs', tag: 'course' };

  it('cluster describes each stack with a tag, outputs too, and no secret', async () => {
    const id = await made('theirs-1', ['course', 'spring']);
    await made('unmarked', ['spring']);
    await made('ours', ['course', 'facetry']);
    const text = await facetOf('cluster', { ...shared, secretOutputs: ['licence'] });
    expect(text).to.include(`<cluster:status>ready</cluster:status><cluster:stackName>theirs-1</cluster:stackName><cluster:stackId>${id}<`);
    expect(text).to.include('<cluster:name>master_ip</cluster:name><cluster:type>string</cluster:type><cluster:value>192.0.2.1<');
    expect(text).to.include(
      '<cluster:name>ports</cluster:name><cluster:type>list</cluster:type><cluster:list><cluster:item><cluster:value>8888<',
    );
    const outputs = (await heat.show({ stack_name: 'theirs-1', id }))?.outputs ?? [];
    for (const secret of ['admin_password', 'licence']) {
      const { output_value } = outputs.find(({ output_key }) => output_key === secret) ?? {};
      expect(output_value).to.match(/^\w{20}$/);
      expect(text).not.to.include(secret).and.not.include(output_value);
    }
  });

  it('cluster tells a failure with its reason, and nothing of a stack that is gone', async () => {
    const id = await made('theirs-2', ['course'], { broken: 'true' });
    const text = await facetOf('cluster', { implementationRef: 'theirs', tag: 'course', stack: id });
    expect(text)
      .to.match(/<cluster:status>failed<\/cluster:status><cluster:reason>CREATE_FAILED: .*resources\.y/)
      .and.not.include('cluster:outputs');
    await heat.remove({ stack_name: 'theirs-2', id });
    while ((await heat.show({ stack_name: 'theirs-2', id })) !== undefined) await delay(200);
    expect(await facetOf('cluster', { ...shared, stack: 'theirs-2' })).to.equal('');
  });

  it('image-presence tells which images are there', async () => {
    const glance = glanceOf(openCloud(findLogin({ env: site.env, cwd: folder.path })));
    const bytes = async function* () {
      yield new Uint8Array(1_000).fill(7);
    };
    const image = await glance.upload({ name: 'tiny', diskFormat: 'raw', containerFormat: 'bare' }, bytes());
    const text = await facetOf('image-presence', { images: ['tiny', 'none'] });
    expect(text).to.include(
      `<imagePresence:name>tiny</imagePresence:name><imagePresence:present>true</imagePresence:present><imagePresence:status>active</imagePresence:status><imagePresence:imageId>${image.id}</imagePresence:imageId><imagePresence:sizeBytes>1000<`,
    );
    expect(text).to.include(`<imagePresence:value>${image.os_hash_value}<`);
    expect(text).to.include('<imagePresence:name>none</imagePresence:name><imagePresence:present>false</imagePresence:present></');
  });

  it('site-status tells which services answer, with and without a way in', async () => {
    const text = await facetOf('site-status', {});
    expect(text).to.include('<siteStatus:siteRef>here</siteStatus:siteRef><siteStatus:reachable>true<');
    for (const kind of ['identity', 'image', 'orchestration'])
      expect(text).to.match(
        new RegExp(`<siteStatus:kind>${kind}</siteStatus:kind><siteStatus:available>true</siteStatus:available><siteStatus:version>v\\d`),
      );
    const anonymous = await facetOf('site-status', { username: undefined, passwordFile: undefined, project: undefined });
    expect(anonymous).to.include('<siteStatus:kind>identity<').and.not.include('orchestration');
    await site.halt('glance', 'SIGKILL');
    try {
      expect(await facetOf('site-status', {})).to.include('<siteStatus:kind>image</siteStatus:kind><siteStatus:available>false<');
    } finally {
      await site.resume('glance');
    }
  });

  it('are tested by the command, which lists their rows', async () => {
    const config = JSON.stringify({ ...login, ...shared, secretOutputs: ['licence'] });
    const { code, output } = await facetry(['delegate', 'test', join(FOLDER, 'cluster.mjs'), '--with', config]);
    expect([code, /^ok lists rows: 1 row$/m.test(output), /^ok gives the same when nothing changed$/m.test(output)], output).to.deep.equal([
      0,
      true,
      true,
    ]);
  });

  it('adopt stacks for a keeper: a resource for each, which goes with its stack', async () => {
    const ids = [await made('kept-1', ['autumn']), await made('kept-2', ['autumn'])];
    const config = { ...login, implementationRef: 'theirs', tag: 'autumn', secretOutputs: ['licence'] };
    const file = join(folder.path, 'keeper.yaml');
    const resource = {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the keeper fills it in
      id: 'stack-${row:name}',
      'for-each': { delegate: 'cluster', config },
      facets: [{ delegate: 'cluster', critical: 'required', timeout: '30s', config }],
    };
    writeFileSync(file, stringify({ name: 'adopter', scopes: ['/t'], delegates: { folders: [FOLDER] }, resources: [resource] }));
    const server = await startFacetry({ data: join(folder.path, 'data') });
    try {
      const client = connect(`http://127.0.0.1:${server.port}`);
      const keep = async () => {
        const { code, output } = await facetry(['keep', file, '--once', '--state', join(folder.path, 'state'), '--url', client.url]);
        expect(code, output).to.equal(0);
        const found: string[] = [];
        for await (const node of client.discover("//cluster:cluster[cluster:status='ready']/cluster:stackId/text()"))
          if (node.kind === 'text') found.push(`${node.resource} ${node.value}`);
        return found;
      };
      expect(await keep()).to.have.members([`stack-kept-1 ${ids[0]}`, `stack-kept-2 ${ids[1]}`]);
      expect((await client.get('stack-kept-1'))?.xml)
        .to.include('192.0.2.1')
        .and.not.include('licence');
      await heat.remove({ stack_name: 'kept-2', id: ids[1] as string });
      while ((await heat.show({ stack_name: 'kept-2', id: ids[1] as string })) !== undefined) await delay(200);
      expect(await keep()).to.deep.equal([`stack-kept-1 ${ids[0]}`]);
    } finally {
      await server.stop();
    }
  });

  it('say what is wrong, and show no password', async () => {
    const why = async (more: Record<string, unknown>) => {
      const config = { ...login, ...shared, ...more };
      const { checks } = await testDelegate(await found('cluster'), { config, resource: 'test', timeoutMs: 20_000 }, () => undefined);
      return checks.find(({ what }) => what === 'collects')?.note ?? '';
    };
    const wrong = { passwordFile: undefined, password: 'wrong-password-1' };
    expect(await why(wrong))
      .to.match(/log in at .*: the site answered 401$/)
      .and.not.include('wrong-password-1');
    expect(await why({ passwordFile: undefined })).to.match(/lacks password or passwordFile/);
    expect(await why({ authUrl: 'http://cloud.example.org:5000/v3' })).to.match(/is not https/);
    expect(await why({ authUrl: 'http://127.0.0.1:2/v3' })).to.match(/log in at .*127\.0\.0\.1:2/);
    expect(await why({ region: 'Elsewhere' })).to.match(/no public orchestration service in region Elsewhere/);
  });
});
