/**
 * A site, logged in: finds its services in Keystone's catalog and keeps a valid token. The token is taken when the first
 * request needs it, renewed a minute before it ends, and once more when a service refuses it.
 */
import { Problem } from '../../model/index.js';
import { identityOf, type Login, secretsOf } from './login.js';
import { ask, checkAddress, jsonOf, type SiteAnswer, type SiteRequest } from './request.js';
import { SiteProblem } from './site-problem.js';

export type ServiceType = 'orchestration' | 'image';

export interface Cloud {
  readonly login: Login;
  /** `path` begins with a slash, below the service's address in the catalog. */
  request(service: ServiceType, path: string, request: SiteRequest): Promise<SiteAnswer>;
  json<T>(service: ServiceType, path: string, request: SiteRequest): Promise<T>;
  /** kinds of the services in the catalog of the login's region */
  services(): Promise<readonly string[]>;
  /** Keystone's own word for its version, without logging in. */
  version(): Promise<string>;
}

interface Token {
  readonly value: string;
  readonly expires: number;
  readonly catalog: readonly CatalogService[];
}

interface CatalogService {
  readonly type: string;
  readonly endpoints: readonly { readonly interface: string; readonly region_id: string; readonly url: string }[];
}

const BEFORE_ITS_END = 60_000;

export function openCloud(login: Login, now: () => number = Date.now): Cloud {
  checkAddress(login.authUrl, login.insecure === true);
  const { region, face = 'public' } = login;
  const root = login.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '');
  let current: Promise<Token> | undefined;

  async function logIn(): Promise<Token> {
    const what = `log in at ${root}`;
    // it changes nothing, so a second try does no harm
    const answer = await ask(`${root}/v3/auth/tokens`, {
      method: 'POST',
      json: identityOf(login),
      harmless: true,
      what,
      secrets: secretsOf(login),
    });
    const value = answer.headers.get('x-subject-token');
    const { token } = jsonOf<{ token: { expires_at: string; catalog?: readonly CatalogService[] } }>(answer, what);
    if (value === null) throw new SiteProblem(answer.status, undefined, `${what}: the answer holds no token`);
    return { value, expires: Date.parse(token.expires_at), catalog: token.catalog ?? [] };
  }

  async function token(): Promise<Token> {
    current ??= logIn();
    const mine = current;
    try {
      const held = await mine;
      // a short-lived one is used for half its life, else every request would log in
      if (held.expires - now() > Math.min(BEFORE_ITS_END, lifeOf(held) / 2)) return held;
    } catch (error) {
      if (current === mine) current = undefined;
      throw error;
    }
    if (current === mine) current = undefined;
    return token();
  }

  const born = new WeakMap<Token, number>();
  function lifeOf(held: Token): number {
    const at = born.get(held) ?? now();
    born.set(held, at);
    return held.expires - at;
  }

  function addressOf(held: Token, service: ServiceType): string {
    const offered = held.catalog.filter(({ type }) => type === service).flatMap(({ endpoints }) => endpoints);
    const found = offered.find((one) => one.interface === face && (region === undefined || one.region_id === region));
    if (found === undefined) {
      const regions = [...new Set(offered.map((one) => one.region_id))];
      throw new Problem('site-refused', {
        detail: `the catalog of ${root} has no ${face} ${service} service${region === undefined ? '' : ` in region ${region}`}`,
        hint: regions.length > 0 ? `it has one in ${regions.join(', ')}` : 'the site offers none to this login',
      });
    }
    return found.url.replace(/\/+$/, '');
  }

  const cloud: Cloud = {
    login,
    async request(service, path, request) {
      for (let renewed = false; ; renewed = true) {
        const held = await token();
        const url = addressOf(held, service);
        checkAddress(url, login.insecure === true, login.authUrl);
        try {
          const headers = { ...request.headers, 'X-Auth-Token': held.value };
          return await ask(url + path, { ...request, headers, secrets: [...secretsOf(login), held.value, ...(request.secrets ?? [])] });
        } catch (error) {
          // A service may remember a token that is over; a body that was read once cannot be sent again.
          if (!(error instanceof SiteProblem) || error.site !== 401 || renewed || request.bytes !== undefined) throw error;
          if ((await current) === held) current = undefined;
        }
      }
    },
    async json(service, path, request) {
      return jsonOf(await cloud.request(service, path, request), request.what);
    },
    async services() {
      const { catalog } = await token();
      return catalog
        .filter(({ endpoints }) => endpoints.some((one) => region === undefined || one.region_id === region))
        .map(({ type }) => type);
    },
    async version() {
      const what = `ask ${root} for its version`;
      return jsonOf<{ version: { id: string } }>(await ask(`${root}/v3`, { what }), what).version.id;
    },
  };
  return cloud;
}
