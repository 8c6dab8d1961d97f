/** Secret outputs of clusters: kept in the vault, and shown to those who use the cluster. */
import type { Client } from '../client/index.js';
import { Problem } from '../model/index.js';
import { type ClusterState, holdersOf } from './cluster-facet.js';
import type { Vault } from './vault/index.js';

export function secretRefOf(cluster: string, output: string): string {
  return `${cluster}/secret/${output}`;
}

/**
 * Name → value. For its owner, and for those who hold it now: the grant of its credential let them in, and what they hold is
 * of no use without. Rejects with `forbidden` for everybody else.
 */
export async function secretOutputs(
  client: Client,
  vault: Vault,
  { id, state }: { readonly id: string; readonly state: ClusterState },
  user: string,
  now = new Date(),
): Promise<Readonly<Record<string, string>>> {
  const holds = holdersOf(state).some((one) => one.owner === user && one.expiresAt > now);
  if (state.owner !== user && !holds)
    throw new Problem('forbidden', { detail: `the secrets of ${id} are for ${state.owner ?? 'nobody'} and those who hold it` });
  const found: Record<string, string> = {};
  const named = '//clusterCredential:clusterCredential[clusterCredential:clusterRef = $id]/clusterCredential:outputName/text()';
  const namespaces = { clusterCredential: 'urn:facetry:clusterCredential' };
  for await (const node of client.discover(named, { namespaces, variables: { id } })) {
    if (node.kind !== 'text') continue;
    const name = node.value;
    const value = vault.get({ id: secretRefOf(id, name), owner: state.owner ?? '', site: state.siteRef });
    if (value !== undefined) found[name] = value;
  }
  return found;
}
