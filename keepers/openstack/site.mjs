/**
 * An OpenStack site for delegates: logs in at Keystone, finds services in its catalog. Imported by the delegates that ask one.
 *
 *     const site = await openSite(config, signal);
 *     const { stacks } = await site.get('orchestration', '/stacks?tags=mine');
 */
import { readFileSync } from 'node:fs';

/** JSON Schema of what a configuration says of the way into a site; a secret may be in a file instead. */
export const LOGIN = {
  authUrl: { type: 'string', description: 'address of Keystone' },
  region: { type: 'string' },
  interface: { enum: ['public', 'internal', 'admin'], description: 'which address of a service is used; default public' },
  username: { type: 'string' },
  password: { type: 'string' },
  passwordFile: { type: 'string', description: 'file that holds the password' },
  project: { type: 'string' },
  userDomain: { type: 'string', description: 'name; default: the domain whose id is default' },
  projectDomain: { type: 'string' },
  applicationCredentialId: { type: 'string' },
  applicationCredentialSecret: { type: 'string' },
  applicationCredentialSecretFile: { type: 'string', description: 'file that holds the secret' },
  insecure: { type: 'boolean', description: 'allows http:// beyond this machine' },
};

/** Logs in. Rejects with what is wrong, without any secret. */
export async function openSite(config, signal) {
  const root = addressOf(config.authUrl, config).replace(/\/v3$/, '');
  const answer = await ask(`log in at ${root}`, `${root}/v3/auth/tokens`, {
    signal,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: identityOf(config) }),
  });
  const token = answer.headers.get('x-subject-token') ?? '';
  const { catalog = [] } = (await answer.json()).token;
  return {
    /** What the catalog offers: `[{ kind: 'orchestration', url }]`, each kind once. */
    services() {
      const kinds = [...new Set(catalog.map(({ type }) => type))];
      return kinds.map((kind) => ({ kind, url: serviceUrl(catalog, kind, config, root) }));
    },
    /** The JSON that a service answers; undefined: there is no such thing. */
    async get(service, path) {
      const url = serviceUrl(catalog, service, config, root) + path;
      const found = await ask(`ask for ${path.split('?')[0]} of ${service}`, url, { signal, headers: { 'X-Auth-Token': token } }, [404]);
      return found.status === 404 ? undefined : await found.json();
    },
  };
}

/** A password crosses the network in the open only where that was allowed by name. */
function addressOf(text, { insecure }) {
  if (!URL.canParse(text)) throw new Error(`"${text}" is no address`);
  const { protocol, hostname } = new URL(text);
  const near = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && (near || insecure === true)))
    throw new Error(`${text} is not https://: the password would cross the network in the open`);
  return text.replace(/\/+$/, '');
}

function identityOf(config) {
  const { applicationCredentialId: id, username, project, userDomain, projectDomain = userDomain } = config;
  const domain = (name) => (name === undefined ? { id: 'default' } : { name });
  if (id !== undefined) {
    const secret = secretOf(config, 'applicationCredentialSecret');
    return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  }
  if (username === undefined || project === undefined)
    throw new Error('the configuration names neither username and project nor applicationCredentialId');
  const user = { name: username, domain: domain(userDomain), password: secretOf(config, 'password') };
  return { identity: { methods: ['password'], password: { user } }, scope: { project: { name: project, domain: domain(projectDomain) } } };
}

function secretOf(config, name) {
  const secret = config[name] ?? (config[`${name}File`] && readFileSync(config[`${name}File`], 'utf8').trimEnd());
  if (!secret) throw new Error(`the configuration lacks ${name} or ${name}File`);
  return secret;
}

function serviceUrl(catalog, service, config, root) {
  const { region, interface: face = 'public' } = config;
  const offered = catalog.filter(({ type }) => type === service).flatMap(({ endpoints }) => endpoints);
  const found = offered.find((one) => one.interface === face && (region === undefined || one.region_id === region));
  if (found === undefined)
    throw new Error(`the catalog of ${root} has no ${face} ${service} service${region === undefined ? '' : ` in region ${region}`}`);
  return addressOf(found.url, config);
}

/** What a site answers to a login may quote it, so no words of an answer are passed on. */
async function ask(what, url, request, also = []) {
  let answer;
  try {
    answer = await fetch(url, { redirect: 'error', ...request, headers: { Accept: 'application/json', ...request.headers } });
  } catch (error) {
    throw new Error(`${what}: ${error.cause?.code ?? error.message}`);
  }
  if (!answer.ok && !also.includes(answer.status)) throw new Error(`${what}: the site answered ${answer.status}`);
  return answer;
}
