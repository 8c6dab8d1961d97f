/**
 * A credential with its secret. What is said of it in the directory may be written by many; what counts is in the vault, bound to
 * its id, owner and site: the login, who else may use it, and the key with which clusters made with it are vouched for.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Client, FacetObject } from '../client/index.js';
import { Problem } from '../model/index.js';
import { facetOf, need } from './blueprint.js';
import type { ClusterState } from './cluster-facet.js';
import { changeCluster, readCluster } from './cluster-record.js';
import { type Heat, heatOf, type Login, openCloud, readLogin } from './openstack/index.js';
import type { RecordName, Vault } from './vault/index.js';

interface Secret {
  readonly login: Login;
  /** who may use it, besides its owner */
  readonly grants: readonly string[];
  /** hexadecimal digits */
  readonly sealKey: string;
}

export interface OpenCredential extends RecordName, Secret {}

/** Which secret it is, as the directory says. */
export async function readCredential(client: Client, id: string): Promise<RecordName> {
  const { siteRef, owner, vaultRef }: FacetObject = facetOf(await need(client, id), 'credential', id);
  // else whoever may publish a credential could name the secret of another
  if (vaultRef !== id) throw new Problem('forbidden', { detail: `the credential ${id} refers to a secret that is not its own` });
  return { id, site: String(siteRef), owner: String(owner) };
}

export async function openCredential(client: Client, vault: Vault, id: string): Promise<OpenCredential> {
  const name = await readCredential(client, id);
  const secret = secretIn(vault, name);
  if (secret === undefined)
    throw new Problem('not-found', {
      detail: `the vault holds no secret for the credential ${id}`,
      hint: `facetry credential create ${id} stores one`,
    });
  return { ...name, ...secret };
}

export function mayUse({ owner, grants }: OpenCredential, user: string): boolean {
  return owner === user || grants.includes(user);
}

/** Where a login goes is kept with its password: a changed site facet cannot send it elsewhere. */
export function keepCredential(vault: Vault, name: RecordName, login: Login, grants: readonly string[]): void {
  const sealKey = secretIn(vault, name)?.sealKey ?? randomBytes(32).toString('hex');
  vault.put(name, JSON.stringify({ login, grants, sealKey } satisfies Secret));
}

function secretIn(vault: Vault, name: RecordName): Secret | undefined {
  const text = vault.get(name);
  if (text === undefined) return undefined;
  const { login, grants, sealKey } = JSON.parse(text) as Secret;
  return { login: readLogin(login), grants, sealKey };
}

/**
 * What only those can make who may open the credential, so that nobody else gets a cluster made, or a stack looked at, changed or
 * freed with it by writing a facet.
 */
export function sealOf({ sealKey }: OpenCredential, id: string, state: ClusterState): string {
  const { owner, credentialRef, siteRef, implementationRef, stackName, parametersDigest, parameters } = state;
  const made = [implementationRef, parametersDigest, parameters?.parameter.map(({ name, value }) => [name, value])];
  const said = JSON.stringify(['facetry cluster 1', id, owner, credentialRef, siteRef, stackName, ...made]);
  return createHmac('sha256', Buffer.from(sealKey, 'hex')).update(said).digest('base64url');
}

interface Known {
  readonly id: string;
  readonly state: ClusterState;
}

/** Those of several clusters that were asked for by somebody who may use their credential; `known`: one that is opened already. */
export async function vouched<C extends Known>(
  client: Client,
  vault: Vault,
  clusters: readonly C[],
  known?: OpenCredential,
): Promise<readonly C[]> {
  const opened = new Map<string, Promise<OpenCredential | undefined>>(known && [[known.id, Promise.resolve(known)]]);
  const open = (id: string) => {
    const credential = opened.get(id) ?? openCredential(client, vault, id).catch(() => undefined);
    opened.set(id, credential);
    return credential;
  };
  const credentials = await Promise.all(clusters.map(({ state }) => open(String(state.credentialRef))));
  return clusters.filter(({ id, state }, k) => {
    const credential = credentials[k];
    return credential !== undefined && isSealed(credential, id, state);
  });
}

/** The credential of a cluster. Rejects with `forbidden` when nobody who may use it has asked for the cluster as it is written. */
export async function credentialOf(client: Client, vault: Vault, id: string, state: ClusterState): Promise<OpenCredential> {
  const credential = await openCredential(client, vault, String(state.credentialRef));
  if (!isSealed(credential, id, state))
    throw new Problem('forbidden', {
      detail: `${id} names the credential ${credential.id}, and was not written by anybody who may use it`,
      hint: `clusters are asked for with facetry cluster, or POST /clusters; if its credential was stored anew: facetry cluster vouch ${id}`,
    });
  return credential;
}

function isSealed(credential: OpenCredential, id: string, state: ClusterState): boolean {
  const [given, right] = [Buffer.from(state.seal ?? ''), Buffer.from(sealOf(credential, id, state))];
  return given.length === right.length && timingSafeEqual(given, right);
}

/** Whoever has directory and vault says that a cluster is as it should be: after its credential was stored anew, say. */
export async function vouchFor(client: Client, vault: Vault, id: string): Promise<void> {
  const known = await readCluster(client, id);
  if (known === undefined) throw new Problem('not-found', { detail: `there is no cluster "${id}"` });
  const credential = await openCredential(client, vault, String(known.state.credentialRef));
  await changeCluster(client, id, (state) => ({ ...state, seal: sealOf(credential, id, state) }));
}

/** Heat, as the cluster's credential opens it. */
export async function heatOfCluster(client: Client, vault: Vault, id: string, state: ClusterState): Promise<Heat> {
  return heatOf(openCloud((await credentialOf(client, vault, id, state)).login));
}
