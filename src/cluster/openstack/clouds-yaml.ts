/** Logins as OpenStack's own tools find them: `clouds.yaml` with `secure.yaml` beside it, or variables `OS_*`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Problem } from '../../model/index.js';
import { type Domain, type Login, readLogin } from './login.js';

type Env = Readonly<Record<string, string | undefined>>;
type Fields = Readonly<Record<string, unknown>>;

/** From the variables, or of the cloud that `name` or OS_CLOUD names. */
export function findLogin({ env, cwd, name = env.OS_CLOUD }: { readonly env: Env; readonly cwd: string; readonly name?: string }): Login {
  return name === undefined ? ofVariables(env) : ofCloud(name, env, cwd);
}

function ofVariables(env: Env): Login {
  if (env.OS_AUTH_URL === undefined)
    throw new Problem('bad-request', {
      detail: 'there are no OS_* variables, and no cloud was named',
      hint: 'source an openrc file, or name an entry of clouds.yaml with --cloud',
    });
  const auth = Object.fromEntries(
    Object.entries(env)
      .filter(([key]) => key.startsWith('OS_'))
      .map(([key, value]) => [key.slice(3).toLowerCase(), value]),
  );
  return loginOf(auth, env.OS_REGION_NAME, env.OS_INTERFACE, 'the OS_* variables');
}

function ofCloud(name: string, env: Env, cwd: string): Login {
  const home = env.XDG_CONFIG_HOME ?? join(env.HOME ?? '/', '.config');
  const places = [cwd, join(home, 'openstack'), '/etc/openstack'];
  const paths = env.OS_CLIENT_CONFIG_FILE === undefined ? places.map((place) => join(place, 'clouds.yaml')) : [env.OS_CLIENT_CONFIG_FILE];
  const secure = places.map((place) => cloudIn(join(place, 'secure.yaml'), name)).find((found) => found !== undefined);
  for (const path of paths) {
    const found = cloudIn(path, name);
    if (found === undefined) continue;
    const auth = { ...(found.auth as Fields), ...(secure?.auth as Fields) };
    return loginOf(auth, found.region_name as string | undefined, found.interface as string | undefined, `cloud ${name} of ${path}`);
  }
  throw new Problem('not-found', { detail: `no cloud "${name}" in ${paths.join(', ')}` });
}

function cloudIn(path: string, name: string): Fields | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return (parse(text) as { clouds?: Record<string, Fields> } | null)?.clouds?.[name];
  } catch {
    // what the parser says quotes the file, and the file holds passwords
    throw new Problem('bad-request', { detail: `${path} is not YAML` });
  }
}

function loginOf(auth: Fields, region: string | undefined, face: string | undefined, from: string): Login {
  const domain = (kind: string): Domain | undefined => {
    const id = auth[`${kind}_domain_id`] ?? auth.default_domain_id ?? auth.domain_id;
    const domainName = auth[`${kind}_domain_name`] ?? auth.default_domain ?? auth.domain_name;
    return typeof id === 'string' ? { id } : typeof domainName === 'string' ? { name: domainName } : undefined;
  };
  const [userDomain, projectDomain] = [domain('user'), domain('project')];
  const door = { authUrl: auth.auth_url, ...(region === undefined ? {} : { region }), ...(face === undefined ? {} : { face }) };
  const whole =
    auth.application_credential_id === undefined
      ? {
          kind: 'v3password',
          ...door,
          username: auth.username,
          password: auth.password,
          project: auth.project_name ?? auth.tenant_name,
          ...(userDomain === undefined ? {} : { userDomain }),
          ...(projectDomain === undefined ? {} : { projectDomain }),
        }
      : { kind: 'v3applicationcredential', ...door, id: auth.application_credential_id, secret: auth.application_credential_secret };
  try {
    return readLogin(whole);
  } catch (error) {
    throw error instanceof Problem ? new Problem('bad-request', { detail: `${from}: ${error.message}` }) : error;
  }
}
