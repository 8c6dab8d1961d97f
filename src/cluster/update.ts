/** Changes a cluster that runs: other parameters, or another implementation of the same appliance. One change at a time. */
import { randomUUID } from 'node:crypto';
import type { Client } from '../client/index.js';
import { Problem } from '../model/index.js';
import { parametersIn, type Wish, wishOf } from './acquire.js';
import { readBlueprint } from './blueprint.js';
import { type ClusterState, isDescribed } from './cluster-facet.js';
import { readCluster, writeCluster } from './cluster-record.js';
import { credentialOf, sealOf } from './open-credential.js';
import { heatOf, openCloud, type StackChanges } from './openstack/index.js';
import { pause } from './pause.js';
import { parameterRefOf, parametersOf, stackOf } from './stack.js';
import { enter, without } from './step.js';
import type { Vault } from './vault/index.js';

export interface UpdateRequest {
  /** one of the same appliance; default: the one it was made from */
  readonly implementation?: string;
  /** those that change; the others stay */
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface Updated {
  readonly state: ClusterState;
  /** what the site will do about it */
  readonly changes: StackChanges;
  /** `unchanged`: it is so already */
  readonly outcome: 'updating' | 'unchanged';
}

export interface UpdateOptions {
  /** ask the site what it would do, and change nothing */
  readonly dryRun?: boolean;
  readonly now?: () => Date;
}

/**
 * Resolves when the change is written down, and carried out by whoever keeps clusters. What the site would refuse is refused
 * before that, so that a mistake costs nothing: rejects with `conflict`, `bad-request`, or what the site says.
 */
export async function updateCluster(
  client: Client,
  vault: Vault,
  id: string,
  request: UpdateRequest,
  { dryRun = false, now = () => new Date() }: UpdateOptions = {},
): Promise<Updated> {
  for (let attempt = 0; ; attempt++) {
    const record = await readCluster(client, id);
    if (record === undefined) throw new Problem('not-found', { detail: `there is no cluster "${id}"` });
    const { state } = record;
    refuseUnlessAtRest(id, state);
    await credentialOf(client, vault, id, state);
    const before = parametersOf(vault, state);
    const wish = await wishFor(client, vault, id, state, request, { ...before.open, ...before.secret });
    const wanted = updatedState(state, wish);
    const stack = { stack_name: state.stackName as string, id: state.stackId as string };
    const whole = stackOf(id, wanted, wish.blueprint, wish);
    const changes = await heatOf(openCloud(wish.credential.login)).previewUpdate(stack, whole, Object.values(wish.secret));
    const same =
      state.status !== 'failed' &&
      state.implementationRef === wanted.implementationRef &&
      state.parametersDigest === wanted.parametersDigest &&
      JSON.stringify(before.secret) === JSON.stringify(wish.secret);
    if (dryRun || same) return { state, changes, outcome: same ? 'unchanged' : 'updating' };
    const updateId = randomUUID();
    const kept = Object.keys(wish.secret).length > 0 ? { vaultRef: parameterRefOf(id, updateId) } : {};
    // before the cluster says so: what carries it out finds them
    if (kept.vaultRef !== undefined)
      vault.put({ id: kept.vaultRef, owner: state.owner ?? '', site: state.siteRef }, JSON.stringify(wish.secret));
    const next = enter({ ...wanted, ...kept, updateId, seal: sealOf(wish.credential, id, wanted) }, 'updating', now());
    if (await writeCluster(client, record, next)) {
      if (state.vaultRef !== undefined) vault.remove(state.vaultRef);
      return { state: next, changes, outcome: 'updating' };
    }
    if (kept.vaultRef !== undefined) vault.remove(kept.vaultRef);
    await pause(attempt, 20, 500);
  }
}

/** A stack that somebody is changing already is left to them: two updates at once end as one that was cancelled. */
function refuseUnlessAtRest(id: string, state: ClusterState): void {
  const { status, stackId, clearing, reason } = state;
  const why = isDescribed(state)
    ? 'was made by others and is only described here'
    : status === 'updating'
      ? 'is being changed already'
      : !['ready', 'checking', 'failed'].includes(status)
        ? `is ${status}`
        : stackId === undefined || clearing === true
          ? `has no stack (${reason ?? status})`
          : undefined;
  if (why !== undefined)
    throw new Problem('conflict', {
      detail: `${id} ${why}`,
      hint: 'a cluster is changed when it is ready, or has failed and kept its stack',
    });
}

async function wishFor(
  client: Client,
  vault: Vault,
  id: string,
  state: ClusterState,
  { implementation = state.implementationRef, parameters = {} }: UpdateRequest,
  before: Readonly<Record<string, string>>,
): Promise<Wish> {
  const blueprint = await readBlueprint(client, implementation);
  if (blueprint.appliance !== state.applianceRef)
    throw new Problem('conflict', {
      detail: `${implementation} makes the appliance ${blueprint.appliance}, and ${id} is ${state.applianceRef ?? 'another'}`,
    });
  const wish = await wishOf(client, vault, {
    implementation,
    credential: String(state.credentialRef),
    owner: state.owner ?? '',
    parameters: { ...Object.fromEntries(Object.entries(before).filter(([name]) => blueprint.understood.includes(name))), ...parameters },
    ...(state.reuse === undefined ? {} : { reuse: state.reuse }),
  });
  if (wish.credential.site !== state.siteRef)
    throw new Problem('conflict', { detail: `${id} is on ${state.siteRef}, and ${wish.credential.id} is for ${wish.credential.site} now` });
  return wish;
}

function updatedState(state: ClusterState, { blueprint, open, digest }: Wish): ClusterState {
  return {
    ...without(state, 'reason', 'parameters', 'vaultRef'),
    implementationRef: blueprint.implementation,
    parametersDigest: `sha256:${digest}`,
    ...parametersIn(open),
  };
}
