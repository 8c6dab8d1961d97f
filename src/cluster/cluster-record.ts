/** Clusters in the directory: read with the entity tag of the facet, written only over what was read. */
import { type Client, facet, RESOURCE_NS, RequestProblem, readResource, writeFacet } from '../client/index.js';
import { Problem } from '../model/index.js';
import { Cluster, type ClusterState, isDescribed } from './cluster-facet.js';
import { type FacetRecord, MANAGER, readRecord, writeRecord } from './facet-record.js';
import { pause } from './pause.js';

export type ClusterRecord = FacetRecord<ClusterState>;

export const NAMESPACES = { cluster: 'urn:facetry:cluster', r: RESOURCE_NS };

export function readCluster(client: Client, id: string): Promise<ClusterRecord | undefined> {
  return readRecord(client, id, Cluster);
}

/** Of a whole document. */
export function clusterIn(xml: string): ClusterState | undefined {
  return facet(readResource(xml), Cluster);
}

/** False when somebody else was faster: read again. */
export function writeCluster(client: Client, record: ClusterRecord, state: ClusterState): Promise<boolean> {
  return writeRecord(client, Cluster, record, state);
}

/** False when there is one of that id. */
export async function addCluster(client: Client, id: string, scopes: readonly string[], state: ClusterState): Promise<boolean> {
  const inside = scopes.map((scope) => `<scope>${scope}</scope>`).join('');
  const document = `<resource xmlns="${RESOURCE_NS}">${inside}${writeFacet(Cluster, state)}</resource>`;
  try {
    await client.put(id, document, { ifAbsent: true, manager: MANAGER });
    return true;
  } catch (error) {
    if (error instanceof RequestProblem && ['already-exists', 'precondition-failed'].includes(error.code)) return false;
    throw error;
  }
}

/** Changes a cluster until nobody else was faster. `change` returns undefined for: leave it. */
export async function changeCluster(
  client: Client,
  id: string,
  change: (state: ClusterState) => ClusterState | undefined,
): Promise<ClusterState> {
  for (let attempt = 0; ; attempt++) {
    const record = await readCluster(client, id);
    if (record === undefined) throw new Problem('not-found', { detail: `there is no cluster "${id}"` });
    if (isDescribed(record.state))
      throw new Problem('conflict', { detail: `${id} was made by others and is only described here: they change it and free it` });
    const next = change(record.state);
    if (next === undefined || (await writeCluster(client, record, next))) return next ?? record.state;
    await pause(attempt, 10, 500);
  }
}

/** Clusters that an expression on `cluster:cluster` selects. */
export async function findClusters(
  client: Client,
  condition: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly { readonly id: string; readonly state: ClusterState }[]> {
  const found: { id: string; state: ClusterState }[] = [];
  const asked = client.discover(`/r:resource[cluster:cluster[${condition}]]`, { namespaces: NAMESPACES, variables });
  for await (const node of asked) {
    if (node.kind !== 'element') continue;
    const state = clusterIn(node.xml);
    if (state !== undefined) found.push({ id: node.resource, state });
  }
  return found;
}
