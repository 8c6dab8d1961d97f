/** What becomes of a resource when its keeper goes, or keeps it no longer. */
import { type Client, RequestProblem } from '../../client/index.js';
import type { NameKey } from '../../model/index.js';
import type { ResourceState } from '../state.js';
import { removeFacet } from './publish-resource.js';

/** Takes away every facet of the keeper; the resource too, when nobody else has one in it. */
export async function withdraw(client: Client, manager: string, id: string): Promise<void> {
  for (const facet of await ownFacets(client, manager, id)) {
    const { what } = await removeFacet(client, manager, id, facet);
    if (what === 'removed') return;
  }
}

/** Its facets hold from now on without a sign of life. */
export async function stay(client: Client, manager: string, resource: ResourceState): Promise<void> {
  for (const { good } of resource.tasks.values())
    for (const { key, xml } of good?.facets ?? [])
      if (resource.held?.facets.has(key) === true) await client.putFacet(resource.plan.id, key, xml, { manager, ttl: 'none' });
}

/** The directory knows which are the keeper's, also of earlier runs: those whose leases it may renew. */
async function ownFacets(client: Client, manager: string, id: string): Promise<readonly NameKey[]> {
  const [renewal] = await client.renew([{ id }], { manager });
  if (renewal === undefined || 'leases' in renewal) return (renewal?.leases ?? []).map(({ facet }) => facet);
  if (renewal.code === 'not-found') return [];
  throw new RequestProblem('conflict', { detail: renewal.detail ?? renewal.code }, { status: 409, code: renewal.code });
}
