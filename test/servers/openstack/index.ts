/** A real OpenStack site for tests: Debian's Keystone, Heat and Glance on free ports of loopback, with a state folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureInstalled as ensure } from '../installed.js';
import { endWithParent, freePort, hasEnded, ready, stop, tail, temporaryFolder } from '../process.js';
import { makeAccounts } from './accounts.js';
import { addressesOf, glanceConf, HOST, heatConf, keystoneConf, type Passwords, type Ports, type SiteOptions } from './configuration.js';
import { CLEAN_ENV, freshDatabases, PYTHON } from './databases.js';

const run = promisify(execFile);

export type ServiceName = 'keystone' | 'heat' | 'glance';

const PACKAGES = [
  'python3-keystone',
  'heat-common',
  'python3-heat',
  'uwsgi-core',
  'uwsgi-plugin-python3',
  'sqlite3',
  'glance-common',
  'python3-glance',
];
const PROGRAMS = ['/usr/bin/keystone-wsgi-public', '/usr/bin/heat-all', '/usr/bin/glance-wsgi-api', '/usr/bin/uwsgi', '/usr/bin/sqlite3'];

/** Keystone, Heat and Glance: undefined when they can be started, else the reason why not. Installing takes about four minutes. */
export function ensureInstalled(): Promise<string | undefined> {
  return ensure({
    name: 'OpenStack (Keystone, Heat, Glance)',
    found: () => PROGRAMS.every((path) => existsSync(path)),
    packages: PACKAGES,
  });
}

export interface OpenStack {
  readonly authUrl: string;
  readonly heatUrl: string;
  readonly region: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  /** what OpenStack's own tools read */
  readonly env: Readonly<Record<string, string>>;
  /** Ends one of its processes, as a crash (SIGKILL) or politely. */
  halt(service: ServiceName, signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on its port, and waits until it answers. */
  resume(service: ServiceName): Promise<void>;
  log(service: ServiceName): string;
  stop(): Promise<void>;
}

export async function startOpenStack(options: SiteOptions = {}): Promise<OpenStack> {
  const folder = await temporaryFolder('openstack');
  const state = folder.path;
  const ports: Ports = { keystone: await freePort(), heat: await freePort(), glance: await freePort() };
  const passwords = newPasswords();
  const addresses = addressesOf(ports);
  const running = new Map<ServiceName, ChildProcess>();
  for (const name of ['etc', 'etc/glance', 'db', 'log', 'fernet', 'credential', 'lock', 'images', 'images/staging', 'images/tasks'])
    await mkdir(join(state, name));
  await writeFile(join(state, 'etc/keystone.conf'), keystoneConf(state, ports, options));
  await writeFile(join(state, 'etc/heat.conf'), heatConf(state, ports, passwords, options));
  await writeFile(join(state, 'etc/glance/glance-api.conf'), glanceConf(state, ports, passwords));
  await copyFile('/usr/share/glance-common/glance-api-paste.ini', join(state, 'etc/glance/glance-api-paste.ini'));

  const uwsgi = (port: number, program: string): readonly string[] => [
    ...'uwsgi --plugins python3 --enable-threads --need-app --die-on-term --disable-logging --buffer-size 65535 --lazy-apps'.split(' '),
    // fetch would use a connection again that uwsgi is about to close
    ...['--add-header', 'Connection:close', '--threads', '4', '--http-socket', `${HOST}:${port}`, '--wsgi-file', program],
  ];
  const commands: Readonly<
    Record<ServiceName, { readonly line: readonly string[]; readonly env: NodeJS.ProcessEnv; readonly probe: string }>
  > = {
    keystone: {
      line: uwsgi(ports.keystone, '/usr/bin/keystone-wsgi-public'),
      env: { OS_KEYSTONE_CONFIG_FILES: join(state, 'etc/keystone.conf') },
      probe: `${addresses.keystone}/v3`,
    },
    heat: { line: [PYTHON, '/usr/bin/heat-all', '--config-file', join(state, 'etc/heat.conf')], env: {}, probe: `${addresses.heat}/` },
    glance: {
      line: uwsgi(ports.glance, '/usr/bin/glance-wsgi-api'),
      env: { OS_GLANCE_CONFIG_DIR: join(state, 'etc/glance') },
      probe: `${addresses.glance}/versions`,
    },
  };

  async function resume(name: ServiceName): Promise<void> {
    const { line, env, probe } = commands[name];
    const [program, ...args] = line as [string, ...string[]];
    const child = spawn(program, args, { cwd: state, env: { ...CLEAN_ENV, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithParent(child);
    running.set(name, child);
    const answers = async () => {
      const { status } = await fetch(probe, { signal: AbortSignal.timeout(5_000) });
      if (status !== 200 && status !== 300) throw new Error(`${probe} answers ${status}`);
    };
    await ready(child, answers, 120_000, tail(child));
  }

  async function halt(name: ServiceName, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = running.get(name);
    if (child !== undefined && !hasEnded(child)) await stop(child, 15_000, signal);
    running.delete(name);
  }

  const end = async () => {
    await Promise.all((['heat', 'glance', 'keystone'] as const).map((name) => halt(name)));
    await folder.remove();
  };
  try {
    await freshDatabases(join(state, 'db'));
    await bootstrap(state, addresses.keystone, passwords.admin);
    await resume('keystone');
    await makeAccounts(ports, passwords);
    await Promise.all([resume('heat'), resume('glance')]);
  } catch (error) {
    await end();
    throw error;
  }
  const authUrl = `${addresses.keystone}/v3`;
  return {
    authUrl,
    heatUrl: addresses.heat,
    region: 'RegionOne',
    user: 'demo',
    password: passwords.demo,
    project: 'demo',
    env: {
      OS_AUTH_URL: authUrl,
      OS_IDENTITY_API_VERSION: '3',
      OS_REGION_NAME: 'RegionOne',
      OS_USERNAME: 'demo',
      OS_PASSWORD: passwords.demo,
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_NAME: 'demo',
      OS_PROJECT_DOMAIN_ID: 'default',
    },
    halt,
    resume,
    log: (name) => readFileSync(join(state, 'log', `${name}.log`), 'utf8'),
    stop: end,
  };
}

async function bootstrap(state: string, keystone: string, password: string): Promise<void> {
  const manage = (...args: string[]) =>
    run(PYTHON, ['/usr/bin/keystone-manage', '--config-file', join(state, 'etc/keystone.conf'), ...args], {
      env: { ...CLEAN_ENV, OS_BOOTSTRAP_PASSWORD: password },
    });
  const user = (await run('id', ['-un'])).stdout.trim();
  const group = (await run('id', ['-gn'])).stdout.trim();
  const urls = ['public', 'internal', 'admin'].flatMap((face) => [`--bootstrap-${face}-url`, `${keystone}/v3/`]);
  await manage('fernet_setup', '--keystone-user', user, '--keystone-group', group);
  await manage('credential_setup', '--keystone-user', user, '--keystone-group', group);
  await manage('bootstrap', ...urls, '--bootstrap-region-id', 'RegionOne');
}

function newPasswords(): Passwords {
  const secret = () => randomBytes(16).toString('hex');
  return { admin: secret(), heat: secret(), glance: secret(), domain: secret(), demo: secret(), encryption: secret() };
}
