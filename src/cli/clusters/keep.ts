/** Keeping clusters, as a process of its own or beside the directory. */
import type { Logger } from 'pino';
import type { Client } from '../../client/index.js';
import { type ClusterEvent, createReconciler, type Vault } from '../../cluster/index.js';

/** Resolves when the signal has ended it and what was under way is done. */
export function keepClusters(client: Client, vault: Vault, checkSeconds: number, log: Logger, signal: AbortSignal): Promise<void> {
  const observe = ({ kind, ...fields }: ClusterEvent) =>
    kind === 'trouble' ? log.warn(fields, words(kind)) : log.info(fields, words(kind));
  log.info({ url: client.url }, 'keeping clusters');
  return createReconciler({ client, vault, observe, checkSeconds }).run(signal);
}

function words(kind: ClusterEvent['kind']): string {
  return { status: 'cluster changed', action: 'asked the site', ending: 'a lease ends soon', trouble: 'a cluster waits' }[kind];
}
