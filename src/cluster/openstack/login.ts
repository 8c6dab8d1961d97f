import { Problem } from '../../model/index.js';

/** How somebody comes into a site, as the vault keeps it. */
export type Login = PasswordLogin | ApplicationCredentialLogin;

interface Door {
  /** Keystone's address, with or without /v3 */
  readonly authUrl: string;
  readonly region?: string;
  /** which of a service's addresses is used; default `public` */
  readonly face?: 'public' | 'internal' | 'admin';
  /** allows http:// beyond this machine */
  readonly insecure?: boolean;
}

export interface PasswordLogin extends Door {
  readonly kind: 'v3password';
  readonly username: string;
  readonly password: string;
  readonly project: string;
  /** id or name; default: the domain with the id `default` */
  readonly userDomain?: Domain;
  readonly projectDomain?: Domain;
}

export interface ApplicationCredentialLogin extends Door {
  readonly kind: 'v3applicationcredential';
  readonly id: string;
  readonly secret: string;
}

export type Domain = { readonly id: string } | { readonly name: string };

export function secretsOf(login: Login): readonly string[] {
  return [login.kind === 'v3password' ? login.password : login.secret];
}

/** Reads what was kept or sent as JSON; says which field is wrong, and nothing of what is in it. */
export function readLogin(value: unknown): Login {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const wanted: Readonly<Record<string, readonly string[]>> = {
    v3password: ['authUrl', 'username', 'password', 'project'],
    v3applicationcredential: ['authUrl', 'id', 'secret'],
  };
  const needed = wanted[String(fields.kind)];
  if (needed === undefined) throw new Problem('bad-request', { detail: 'kind of the login must be v3password or v3applicationcredential' });
  const missing = needed.filter((name) => typeof fields[name] !== 'string' || fields[name] === '');
  if (missing.length > 0) throw new Problem('bad-request', { detail: `the login lacks ${missing.join(', ')}` });
  return fields as unknown as Login;
}

/** Keystone's request for a token. The scope of an application credential is its own and must not be said. */
export function identityOf(login: Login): unknown {
  if (login.kind === 'v3applicationcredential')
    return { auth: { identity: { methods: ['application_credential'], application_credential: { id: login.id, secret: login.secret } } } };
  const { username, password, project, userDomain = { id: 'default' }, projectDomain = userDomain } = login;
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name: username, domain: userDomain, password } } },
      scope: { project: { name: project, domain: projectDomain } },
    },
  };
}
