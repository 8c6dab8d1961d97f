import type { Client } from '../client/index.js';
import { findClusters } from './cluster-record.js';
import { openCredential } from './open-credential.js';
import { heatOf, openCloud } from './openstack/index.js';
import { tagsOf } from './stack.js';
import type { Vault } from './vault/index.js';

export interface Swept {
  readonly what: 'stack without cluster' | 'stack of a released cluster' | 'cluster without stack';
  readonly name: string;
  readonly detail: string;
}

/** What one side knows and the other does not, of the project that the credential opens. Reports only: the stack may be another directory's. */
export async function sweep(client: Client, vault: Vault, credentialId: string): Promise<readonly Swept[]> {
  const credential = await openCredential(client, vault, credentialId);
  const stacks = await heatOf(openCloud(credential.login)).list(['facetry']);
  const clusters = await findClusters(client, 'cluster:siteRef = $site', { site: credential.site });
  const byTag = new Map(clusters.map((one) => [tagsOf(one.id)[1] as string, one]));
  const odd: Swept[] = [];
  for (const stack of stacks) {
    const owner = (stack.tags ?? []).map((tag) => byTag.get(tag)).find((one) => one !== undefined);
    if (owner === undefined) odd.push({ what: 'stack without cluster', name: stack.stack_name, detail: stack.stack_status });
    else if (owner.state.status === 'released') odd.push({ what: 'stack of a released cluster', name: stack.stack_name, detail: owner.id });
  }
  const ids = new Set(stacks.map(({ id }) => id));
  for (const { id, state } of clusters)
    if (state.credentialRef === credentialId && state.stackId !== undefined && !ids.has(state.stackId))
      odd.push({ what: 'cluster without stack', name: id, detail: `${state.status}, ${state.stackName}` });
  return odd;
}
