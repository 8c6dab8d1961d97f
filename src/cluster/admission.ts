/**
 * May its owner have this cluster too? One look and then a new cluster would let all in who look at the same time. So a new one
 * waits in the directory with the quota in it, and its place in line decides: those that were published before it only get
 * fewer, so one that is in stays in, and no more than the quota ever are. Whoever meets one that waits may decide it, always to
 * the same end: nobody has to wait for a process that died.
 */
import { type Client, RequestProblem } from '../client/index.js';
import { Problem } from '../model/index.js';
import { type ClusterState, holdersOf } from './cluster-facet.js';
import { findClusters, readCluster, writeCluster } from './cluster-record.js';
import { MANAGER } from './facet-record.js';
import { credentialOf, vouched } from './open-credential.js';
import { pause } from './pause.js';
import { without } from './step.js';
import type { Vault } from './vault/index.js';

const LIVE = 'cluster:owner = $owner and cluster:credentialRef and cluster:status != "released"';

/** The clusters somebody has, those that wait for admission too, in the order in which they were published. */
async function liveOf(client: Client, vault: Vault, owner: string) {
  // what others have written in somebody's name takes no place in line
  return await vouched(client, vault, await findClusters(client, LIVE, { owner }));
}

/** How many clusters somebody has. */
export async function clustersOf(client: Client, vault: Vault, owner: string): Promise<number> {
  return (await liveOf(client, vault, owner)).length;
}

/** Resolves to the cluster once it is in; undefined when there was no room and it is gone again, with its secrets. */
export async function admit(client: Client, vault: Vault, id: string): Promise<ClusterState | undefined> {
  for (let attempt = 0; ; attempt++) {
    const record = await readCluster(client, id);
    if (record === undefined) return undefined;
    const { quota, owner = '', vaultRef } = record.state;
    if (quota === undefined) return record.state;
    // rejects unless somebody asked for it who may
    await credentialOf(client, vault, id, record.state);
    const before = (await liveOf(client, vault, owner)).findIndex((one) => one.id === id);
    const inside = without(record.state, 'quota');
    if (before >= 0 && before < quota && (await writeCluster(client, record, inside))) return inside;
    if (before >= quota && (await withdraw(client, id, record.state))) {
      if (vaultRef !== undefined) vault.remove(vaultRef);
      return undefined;
    }
    await pause(attempt, 10, 500);
  }
}

export function quotaProblem(owner: string, quota: number, live: number): Problem {
  return new Problem('quota-exceeded', {
    detail: `${owner} has ${Math.max(live, quota)} clusters of at most ${quota}`,
    hint: 'release one first',
  });
}

/** False when it changed meanwhile. */
async function withdraw(client: Client, id: string, state: ClusterState): Promise<boolean> {
  const whole = await client.get(id);
  const now = await readCluster(client, id);
  if (whole === undefined || now === undefined) return true;
  if (now.state.quota === undefined || holdersOf(now.state)[0]?.leaseId !== holdersOf(state)[0]?.leaseId) return false;
  try {
    await client.remove(id, { ifMatch: whole.etag, manager: MANAGER });
    return true;
  } catch (error) {
    if (error instanceof RequestProblem && error.code === 'precondition-failed') return false;
    throw error;
  }
}
