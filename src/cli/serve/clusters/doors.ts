/** What the routes of clusters have in common: whom they act for, and what a caller may see and do. */
import type { Client } from '../../../client/index.js';
import { type ClusterRecord, type ClusterState, clusterIn, type Login, readCluster, type Vault } from '../../../cluster/index.js';
import { publishesIn } from '../../../directory/index.js';
import { type Exchange, sendWhole } from '../../../http/index.js';
import { Problem, type ResourceId } from '../../../model/index.js';

export interface ClusterDoors {
  /** acts for the directory itself */
  readonly client: () => Client;
  readonly vault: () => Vault;
  /** clusters that an owner may have at once */
  readonly quota?: number | undefined;
  /** origins without TLS that credentials may be for; undefined: any */
  readonly plainSites?: readonly string[];
}

export const JSON_ONLY = ['application/json'];
export const bodyProblems = ['bad-request', 'empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type'] as const;
/** of routes that ask a site */
export const siteProblems = ['site-refused', 'site-unreachable'] as const;

/**
 * The server asks a site in the caller's name and tells what it answered: without this, callers could look behind a firewall, at
 * services that trust whoever is near. Those that speak TLS prove who they are.
 */
export function refuseUnlessReachable({ authUrl }: Login, plainSites: readonly string[] | undefined): void {
  if (plainSites === undefined || !URL.canParse(authUrl) || !authUrl.startsWith('http:')) return;
  const { origin } = new URL(authUrl);
  if (!plainSites.includes(origin))
    throw new Problem('forbidden', {
      detail: `the site at ${origin} has no https:// address`,
      hint: `the operator of the directory may allow it: --plain-sites ${origin}`,
    });
}

/** What a caller does not see does not exist. */
export function refuseUnlessSeen({ directory, caller }: Exchange, id: string): void {
  if (directory.get(caller, id as ResourceId) === undefined) throw new Problem('not-found', { detail: `there is no resource "${id}"` });
}

export function refuseUnlessWriter({ caller }: Exchange, scopes: readonly string[]): void {
  const closed = scopes.find((scope) => !publishesIn(caller, scope));
  if (closed !== undefined) throw new Problem('forbidden', { detail: `${caller.principal} may not write in ${closed}` });
}

/** The cluster as this caller sees it. */
export function viewedCluster({ directory, caller }: Exchange, id: string): ClusterState | undefined {
  const found = directory.get(caller, id as ResourceId);
  return found && clusterIn(Buffer.from(found.xml).toString('utf8'));
}

/** Where scopes that do not see each other use one id, the caller's resource may be another than the one that is kept. */
export async function clusterOf(x: Exchange, client: Client): Promise<ClusterRecord> {
  const viewed = viewedCluster(x, x.key);
  const found = viewed && (await readCluster(client, x.key));
  if (viewed === undefined || found === undefined || found.state.seal !== viewed.seal)
    throw new Problem('not-found', { detail: `there is no cluster "${x.key}"` });
  return found.state.seal === undefined ? { ...found, state: viewed } : found;
}

export async function ownClusterOf(x: Exchange, client: Client): Promise<ClusterRecord> {
  const found = await clusterOf(x, client);
  if (found.state.owner !== x.caller.principal)
    throw new Problem('forbidden', { detail: `${x.key} belongs to ${found.state.owner ?? 'nobody'}` });
  return found;
}

export function sendJson({ response }: Exchange, data: unknown): void {
  sendWhole(response, 'application/json; charset=utf-8', JSON.stringify(data));
}
