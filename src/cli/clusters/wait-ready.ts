/** Waiting until a cluster has come to rest, with the events of its stack. */
import { type ClusterState, type Heat, heatOfCluster, readCluster } from '../../cluster/index.js';
import { Problem } from '../../model/index.js';
import type { Session } from '../session.js';
import { type Waiting, waitFor } from './progress.js';
import { vaultOf } from './vault-folder.js';

/** seconds that a command waits for a site */
export const PATIENCE = 3_600;

/** Resolves when it is ready; rejects with why it is not when it has come to rest otherwise. */
export async function ready(session: Session, id: string, quiet = false): Promise<ClusterState> {
  const state = await waitFor(id, settled, PATIENCE, await waiting(session, id));
  if (state.status !== 'ready')
    throw new Problem('conflict', { detail: `${id} is ${state.status}: ${state.reason ?? state.freeReason ?? 'no reason is known'}` });
  if (!quiet) await session.print(`${id} is ready\n`);
  return state;
}

const settled = ({ status, clearing }: ClusterState) =>
  status === 'ready' || (/^(?:failed|released|free-failed)$/.test(status) && clearing !== true);

export async function waiting(session: Session, id: string): Promise<Waiting> {
  return { client: session.client, heat: await heatForEvents(session, id), say: session.note, signal: session.terminal.interrupted };
}

/** Without the vault there are no events, and one waits all the same. */
async function heatForEvents(session: Session, id: string): Promise<Heat | undefined> {
  try {
    return await heatFor(session, id, await clusterOf(session, id));
  } catch {
    return undefined;
  }
}

export function heatFor(session: Session, id: string, state: ClusterState): Promise<Heat> {
  return heatOfCluster(session.client, vaultOf(session, false), id, state);
}

export async function clusterOf({ client }: Session, id: string): Promise<ClusterState> {
  const found = await readCluster(client, id);
  if (found === undefined) throw new Problem('not-found', { detail: `there is no cluster "${id}"` });
  return found.state;
}
