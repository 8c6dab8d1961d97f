/** A directory, a site and a vault, all real, and what is put into them to make clusters. */
import { join } from 'node:path';
import { connect } from '../../src/client/index.js';
import {
  type AcquireRequest,
  acquire,
  type ClusterState,
  findLogin,
  type Heat,
  heatOf,
  makeMasterKey,
  openCloud,
  openVault,
  readCluster,
  storeCredential,
} from '../../src/cluster/index.js';
import { type Facetry, startFacetry } from '../servers/facetry.js';
import type { OpenStack } from '../servers/openstack/index.js';
import { temporaryFolder } from '../servers/process.js';

const RESOURCE = 'http://gcube-system.org/namespaces/resource';

export const TEMPLATES = {
  good: `heat_template_version: 2018-08-31
parameters:
  workers: { type: number, default: 2 }
  admin_key: { type: string, hidden: true, default: none }
resources:
  password: { type: OS::Heat::RandomString, properties: { length: 24 } }
  slow: { type: OS::Heat::TestResource, properties: { value: here, wait_secs: 1 } }
outputs:
  master_ip: { value: 192.0.2.10 }
  workers: { value: [ { get_param: workers }, "<&>" ] }
  ports: { value: { notebook: 8888, more: { spark: 7077 } } }
  admin_password: { value: { get_resource: password } }
`,
  failing: `heat_template_version: 2018-08-31
resources:
  broken: { type: OS::Heat::TestResource, properties: { fail: true, wait_secs: 0 } }
outputs:
  master_ip: { value: 192.0.2.10 }
`,
  lacking: `heat_template_version: 2018-08-31
resources:
  one: { type: OS::Heat::Value, properties: { value: x } }
`,
  endless: `heat_template_version: 2018-08-31
resources:
  never: { type: OS::Heat::TestResource, properties: { value: x, wait_secs: 10 } }
outputs:
  master_ip: { value: 192.0.2.10 }
`,
} as const;

/** Further ones: the next revision of `good`, one of another appliance, and one that a change can break. */
const LATER = {
  'good-2': `${TEMPLATES.good.replace('outputs:', '  extra: { type: OS::Heat::Value, properties: { value: more } }\noutputs:')}  revision: { value: 2 }\n`,
  'other-kind': TEMPLATES.good,
  breakable: `heat_template_version: 2018-08-31
parameters:
  break: { type: boolean, default: false }
resources:
  fragile: { type: OS::Heat::TestResource, properties: { value: { get_param: break }, fail: { get_param: break }, wait_secs: 0 } }
outputs:
  master_ip: { value: 192.0.2.10 }
`,
} as const;

/** A site that is only written down, never asked. */
export const NOWHERE = {
  authUrl: 'http://127.0.0.1:2/v3',
  env: { OS_AUTH_URL: 'http://127.0.0.1:2/v3', OS_USERNAME: 'ada', OS_PASSWORD: 'word', OS_PROJECT_NAME: 'p' },
};

export async function startAll(site: Pick<OpenStack, 'authUrl' | 'env'>) {
  const folder = await temporaryFolder('clusters');
  const facetry: Facetry = await startFacetry({ data: join(folder.path, 'data') });
  const url = `http://127.0.0.1:${facetry.port}`;
  const client = connect(url);
  const keyFile = join(folder.path, 'vault.key');
  const vault = openVault(join(folder.path, 'vault'), makeMasterKey(keyFile));
  const login = findLogin({ env: site.env, cwd: folder.path });
  const publish = (id: string, name: string, inside: string) =>
    client.put(
      id,
      `<resource xmlns="${RESOURCE}" xmlns:f="urn:facetry:${name}"><scope>/test</scope><f:${name}>${inside}</f:${name}></resource>`,
    );
  await publish('site', 'site', `<f:name>Test</f:name><f:url>${site.authUrl}</f:url><f:apiType>openstack</f:apiType>`);
  await storeCredential(client, vault, { id: 'door', site: 'site', owner: 'ada', login, scope: '/test' });
  await publish('notebook', 'appliance', '<f:name>notebook</f:name><f:outputs><f:output><f:name>master_ip</f:name></f:output></f:outputs>');
  await publish('other', 'appliance', '<f:name>other</f:name>');
  for (const [id, template] of Object.entries({ ...TEMPLATES, ...LATER }))
    await publish(
      id,
      'implementation',
      `<f:applianceRef>${id === 'other-kind' ? 'other' : 'notebook'}</f:applianceRef><f:format>HOT</f:format><f:version>1</f:version><f:secretOutputs><f:name>admin_password</f:name></f:secretOutputs><f:template>${template.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</f:template>`,
    );
  const ask = (request: Partial<AcquireRequest>) =>
    acquire(client, vault, { implementation: 'good', credential: 'door', owner: 'ada', ...request });

  async function until(id: string, wanted: (state: ClusterState) => boolean, seconds = 90): Promise<ClusterState> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const state = (await readCluster(client, id))?.state;
      if (state !== undefined && wanted(state)) return state;
      if (Date.now() > end) throw new Error(`after ${seconds} s ${id} is ${JSON.stringify(state)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  const heat = heatOf(openCloud(login));
  return {
    folder: folder.path,
    keyFile,
    url,
    client,
    vault,
    login,
    heat,
    facetry,
    acquire: ask,
    until,
    async stop() {
      await facetry.stop();
      if (site !== NOWHERE) await leaveNothing(heat);
      await folder.remove();
    },
  };
}

/** The site may be shared, and others look for what is left on it. */
async function leaveNothing(heat: Heat): Promise<void> {
  for (const end = Date.now() + 60_000; ; ) {
    const left = await heat.list(['facetry']);
    if (left.length === 0) return;
    if (Date.now() > end) throw new Error(`still there: ${left.map((one) => `${one.stack_name} ${one.stack_status}`).join(', ')}`);
    await Promise.all(left.filter((one) => one.stack_status !== 'DELETE_IN_PROGRESS').map(heat.remove));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export type Running = Awaited<ReturnType<typeof startAll>>;
