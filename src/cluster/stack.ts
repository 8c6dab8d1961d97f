/** The stack that a cluster should be: its names, its tags, and what it is made with. */
import { createHash } from 'node:crypto';
import type { Blueprint } from './blueprint.js';
import type { ClusterState } from './cluster-facet.js';
import type { NewStack } from './openstack/index.js';
import { DEFAULT_TIMEOUT } from './step.js';
import type { Vault } from './vault/index.js';

export interface Parameters {
  readonly open: Readonly<Record<string, string>>;
  readonly secret: Readonly<Record<string, string>>;
}

const UPDATE = 'facetry-update-';

/** A tag cannot hold a comma or be long; the digest of the id can be neither. */
export function tagsOf(id: string): readonly string[] {
  return ['facetry', `facetry-${sha256(id).slice(0, 32)}`];
}

/** Which of our updates a stack has taken on last: its tags say so from the moment it has. */
export function updateIn(tags: readonly string[] | null | undefined): string | undefined {
  return tags?.find((tag) => tag.startsWith(UPDATE))?.slice(UPDATE.length);
}

export function stackNameOf(id: string, now: Date): string {
  return `facetry-${id.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 100)}-${sha256(`${id} ${now.toISOString()}`).slice(0, 8)}`;
}

export function stackOf(id: string, state: ClusterState, { template, files }: Blueprint, { open, secret }: Parameters): NewStack {
  return {
    name: state.stackName as string,
    template,
    files,
    parameters: { ...open, ...secret },
    tags: [...tagsOf(id), ...(state.updateId === undefined ? [] : [UPDATE + state.updateId])],
    timeoutMinutes: Math.ceil((state.timeoutSeconds ?? DEFAULT_TIMEOUT) / 60),
  };
}

/** What it was made with: from the directory, and what is secret from the vault. */
export function parametersOf(vault: Vault, { vaultRef, owner = '', siteRef, parameters }: ClusterState): Parameters {
  const hidden = vaultRef === undefined ? undefined : vault.get({ id: vaultRef, owner, site: siteRef });
  return {
    open: Object.fromEntries((parameters?.parameter ?? []).map(({ name, value }) => [name, value])),
    secret: hidden === undefined ? {} : (JSON.parse(hidden) as Record<string, string>),
  };
}

/** The record in the vault with the secret parameters of a cluster, as one request has given them. */
export function parameterRefOf(cluster: string, request: string): string {
  return `${cluster}/parameters/${request}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
