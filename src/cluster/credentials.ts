/** Ways into sites: the secret in the vault, what may be known of it in the directory. */
import { type Client, type FieldType, facetType, RESOURCE_NS, RequestProblem } from '../client/index.js';
import { Problem } from '../model/index.js';
import { escapeText } from '../xml/index.js';
import { findClusters } from './cluster-record.js';
import { MANAGER, readRecord, writeRecord } from './facet-record.js';
import { keepCredential, openCredential, readCredential, vouched } from './open-credential.js';
import type { Login } from './openstack/index.js';
import { pause } from './pause.js';
import type { Vault } from './vault/index.js';

export interface NewCredential {
  readonly id: string;
  readonly site: string;
  readonly owner: string;
  readonly login: Login;
  /** who else may use it */
  readonly grants?: readonly string[];
  readonly scope: string;
}

interface CredentialState {
  readonly owner: string;
  readonly grants?: { readonly user: readonly string[] };
}

const NS = 'urn:facetry:credential';
const field = (key: string, more: Partial<FieldType> = {}): FieldType => ({ key, ns: NS, local: key, type: 'string', ...more });
/** Fields in the order of the schema. */
const Credential = facetType<CredentialState>(
  { ns: NS, local: 'credential' },
  'credential',
  { [NS]: 'credential' },
  {
    fields: [
      ...['siteRef', 'owner', 'kind', 'vaultRef'].map((key) => field(key)),
      field('grants', { type: () => ({ fields: [field('user', { many: true })] }) }),
      ...['createdAt', 'expiresAt'].map((key) => field(key)),
    ],
  },
);

/** Rejects with `already-exists`; the secret of the one that exists stays as it is. */
export async function storeCredential(
  client: Client,
  vault: Vault,
  { id, site, owner, login, grants = [], scope }: NewCredential,
): Promise<void> {
  const taken = () =>
    new Problem('already-exists', { detail: `there is a resource "${id}"`, hint: 'remove it first, or choose another id' });
  if (vault.list().some((one) => one.id === id) || (await client.get(id)) !== undefined) throw taken();
  keepCredential(vault, { id, owner, site }, login, grants);
  const text = (name: string, value: string) => `<c:${name}>${escapeText(value)}</c:${name}>`;
  const granted = grants.length === 0 ? '' : `<c:grants>${grants.map((user) => text('user', user)).join('')}</c:grants>`;
  const about = [
    text('siteRef', site),
    text('owner', owner),
    text('kind', login.kind),
    text('vaultRef', id),
    granted,
    text('createdAt', new Date().toISOString()),
  ];
  const facet = `<c:credential xmlns:c="urn:facetry:credential">${about.join('')}</c:credential>`;
  try {
    await client.put(id, `<resource xmlns="${RESOURCE_NS}"><scope>${scope}</scope>${facet}</resource>`, {
      ifAbsent: true,
      manager: MANAGER,
    });
  } catch (error) {
    // refused, so nobody can refer to the secret; when no answer came it may be there, and the secret stays
    if (error instanceof RequestProblem) vault.remove(id);
    throw error;
  }
}

/** Rejects with `conflict` while a cluster needs it, and with `forbidden` for all but its owner, where one is named. */
export async function removeCredential(client: Client, vault: Vault, id: string, by?: string): Promise<void> {
  const record = await readCredential(client, id);
  refuseUnlessOwner(id, record.owner, by);
  const named = await findClusters(client, 'cluster:credentialRef = $id and cluster:status != "released"', { id });
  const users = await vouched(client, vault, named);
  if (users.length > 0)
    throw new Problem('conflict', {
      detail: `${id} is needed by ${users.map((one) => one.id).join(', ')}: without it they cannot be freed`,
      hint: 'release them first',
    });
  await client.remove(id, { manager: MANAGER });
  vault.remove(id);
}

/**
 * Who else may use it from now on, of those who may now; resolves to them. What they have made with it stays theirs. Rejects with
 * `forbidden` for all but its owner, where one is named.
 */
export async function changeGrants(
  client: Client,
  vault: Vault,
  id: string,
  change: (users: readonly string[]) => readonly string[],
  by?: string,
): Promise<readonly string[]> {
  refuseUnlessOwner(id, (await readCredential(client, id)).owner, by);
  const { login, grants, ...name } = await openCredential(client, vault, id);
  // nothing comes between reading and writing the vault: it is what counts
  const users = [...new Set(change(grants))];
  keepCredential(vault, { id, owner: name.owner, site: name.site }, login, users);
  for (let attempt = 0; ; attempt++) {
    const record = await readRecord(client, id, Credential);
    if (record === undefined) throw new Problem('not-found', { detail: `there is no credential "${id}"` });
    const { grants: before, ...rest } = record.state;
    const next = users.length === 0 ? rest : { ...rest, grants: { user: users } };
    if (users.join('\n') === (before?.user ?? []).join('\n') || (await writeRecord(client, Credential, record, next))) return users;
    await pause(attempt, 10, 500);
  }
}

function refuseUnlessOwner(id: string, owner: string, by: string | undefined): void {
  if (by !== undefined && owner !== by) throw new Problem('forbidden', { detail: `the credential ${id} belongs to ${owner}` });
}
