/** The users, projects, roles and catalog that Heat and Glance need, made over Keystone's REST interface. */
import { addressesOf, type Passwords, type Ports } from './configuration.js';

interface Entity {
  readonly id: string;
}

export async function makeAccounts(ports: Ports, passwords: Passwords): Promise<void> {
  const { keystone, heat, glance } = addressesOf(ports);
  const token = await adminToken(keystone, passwords.admin);

  async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${keystone}/v3${path}`, {
      method,
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`Keystone answers ${response.status} to ${method} ${path}: ${text.slice(0, 300)}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  /** Finds by name, else makes. */
  async function ensure(plural: string, singular: string, entity: Readonly<Record<string, string>>): Promise<string> {
    const found = (await call('GET', `/${plural}?name=${entity.name}`))[plural] as readonly Entity[];
    const one = found[0] ?? ((await call('POST', `/${plural}`, { [singular]: entity }))[singular] as Entity);
    return one.id;
  }

  const role = (name: string) => ensure('roles', 'role', { name });
  const user = (name: string, password: string, domain: string) => ensure('users', 'user', { name, password, domain_id: domain });
  const project = (name: string) => ensure('projects', 'project', { name, domain_id: 'default' });

  const [admin, member, service, owner] = [
    await role('admin'),
    await role('member'),
    await role('service'),
    await role('heat_stack_owner'),
  ];
  await role('heat_stack_user');
  const [services, demo] = [await project('service'), await project('demo')];
  const domain = await ensure('domains', 'domain', { name: 'heat', description: 'stack users and projects' });
  for (const id of [await user('heat', passwords.heat, 'default'), await user('glance', passwords.glance, 'default')])
    for (const granted of [admin, service]) await call('PUT', `/projects/${services}/users/${id}/roles/${granted}`);
  const person = await user('demo', passwords.demo, 'default');
  for (const granted of [member, owner]) await call('PUT', `/projects/${demo}/users/${person}/roles/${granted}`);
  const domainAdmin = await user('heat_domain_admin', passwords.domain, domain);
  await call('PUT', `/domains/${domain}/users/${domainAdmin}/roles/${admin}`);

  for (const [type, name, url] of [
    ['orchestration', 'heat', `${heat}/v1/%(project_id)s`],
    ['image', 'glance', glance],
  ] as const) {
    const id = await ensure('services', 'service', { name, type });
    for (const face of ['public', 'internal', 'admin'])
      await call('POST', '/endpoints', { endpoint: { service_id: id, interface: face, region_id: 'RegionOne', url } });
  }
}

async function adminToken(keystone: string, password: string): Promise<string> {
  const domain = { id: 'default' };
  const response = await fetch(`${keystone}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: 'admin', domain, password } } },
        scope: { project: { name: 'admin', domain } },
      },
    }),
    signal: AbortSignal.timeout(30_000),
  });
  const token = response.headers.get('x-subject-token');
  if (token === null) throw new Error(`Keystone gives the administrator no token: ${response.status} ${await response.text()}`);
  return token;
}
