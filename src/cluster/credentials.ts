/** Ways into sites: the secret in the vault, what may be known of it in the directory. */
import { type Client, RESOURCE_NS, RequestProblem } from '../client/index.js';
import { Problem } from '../model/index.js';
import { escapeText } from '../xml/index.js';
import { readCredential } from './blueprint.js';
import { findClusters } from './cluster-record.js';
import type { Login } from './openstack/index.js';
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

/** Rejects with `already-exists`; the secret of the one that exists stays as it is. */
export async function storeCredential(
  client: Client,
  vault: Vault,
  { id, site, owner, login, grants = [], scope }: NewCredential,
): Promise<void> {
  const taken = () =>
    new Problem('already-exists', { detail: `there is a resource "${id}"`, hint: 'remove it first, or choose another id' });
  if (vault.list().some((one) => one.id === id) || (await client.get(id)) !== undefined) throw taken();
  vault.put({ id, owner, site }, JSON.stringify(login));
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
      manager: 'clusters',
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
  if (by !== undefined && record.owner !== by)
    throw new Problem('forbidden', { detail: `the credential ${id} belongs to ${record.owner}` });
  const users = await findClusters(client, 'cluster:credentialRef = $id and cluster:status != "released"', { id });
  if (users.length > 0)
    throw new Problem('conflict', {
      detail: `${id} is needed by ${users.map((one) => one.id).join(', ')}: without it they cannot be freed`,
      hint: 'release them first',
    });
  await client.remove(id, { manager: 'clusters' });
  vault.remove(record.vaultRef);
}
