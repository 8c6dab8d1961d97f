/** Who gets which cluster: one that is there and fits, or a new one; who has it holds a lease. */
import { randomUUID } from 'node:crypto';
import type { Client } from '../client/index.js';
import { Problem } from '../model/index.js';
import { admit, clustersOf, quotaProblem } from './admission.js';
import { type Blueprint, readBlueprint } from './blueprint.js';
import { type ClusterState, type Holder, holdersOf, type OnFailure, type Reuse, withHolders } from './cluster-facet.js';
import { addCluster, changeCluster, findClusters, readCluster, writeCluster } from './cluster-record.js';
import { mayUse, type OpenCredential, openCredential, sealOf, vouched } from './open-credential.js';
import { pause } from './pause.js';
import { type Parameters, parameterRefOf, sha256, stackNameOf } from './stack.js';
import { free, without } from './step.js';
import type { Vault } from './vault/index.js';

export interface AcquireRequest {
  readonly implementation: string;
  readonly credential: string;
  /** who asks */
  readonly owner: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** default: never */
  readonly reuse?: Reuse;
  /** for a new cluster: how many may hold it at once; default 1000 */
  readonly maxHolders?: number;
  /** seconds the lease lasts unless it is renewed; default a day */
  readonly leaseSeconds?: number;
  /** for a new cluster: seconds it is kept after its last lease */
  readonly idleSeconds?: number;
  readonly onFailure?: OnFailure;
  readonly retries?: number;
  readonly timeoutSeconds?: number;
  /** id of a new cluster; only where none is reused, since the ids of those keep two from being made */
  readonly id?: string;
  /** the same request again gets the same answer */
  readonly idempotencyKey?: string;
  /** clusters the owner may have at once */
  readonly quota?: number;
}

export interface Acquired {
  readonly id: string;
  readonly leaseId: string;
  readonly outcome: 'created' | 'reused';
  readonly state: ClusterState;
  /** why others did not fit */
  readonly others: readonly Unfit[];
}

export interface Unfit {
  readonly id: string;
  readonly why: string;
}

type Known = Awaited<ReturnType<typeof findClusters>>[number];

export const LEASE = { least: 10, usual: 86_400, most: 30 * 86_400 };

export interface Wish extends Parameters {
  readonly request: AcquireRequest;
  readonly blueprint: Blueprint;
  readonly credential: OpenCredential;
  readonly digest: string;
  readonly leaseId: string;
}

export async function acquire(
  client: Client,
  vault: Vault,
  request: AcquireRequest,
  now: () => Date = () => new Date(),
): Promise<Acquired> {
  const wish = await wishOf(client, vault, request);
  for (let attempt = 0; ; attempt++) {
    const before = await repeated(client, vault, wish);
    if (before !== undefined) return before;
    // One look decides both: whether one fits, and which id a new one has. Who made one meanwhile has that id.
    const known = await findClusters(client, 'cluster:implementationRef = $implementation', { implementation: request.implementation });
    const others: Unfit[] = [];
    const done =
      (await reuse(client, vault, wish, await vouched(client, vault, known, wish.credential), others, now())) ??
      (await create(client, vault, wish, idFor(wish, known), others, now()));
    if (done !== undefined) return done;
    // somebody else was faster: what they made may fit
    await pause(attempt, 20, 1_000);
  }
}

/** Everything a request means; rejects with what does not go together. */
export async function wishOf(client: Client, vault: Vault, request: AcquireRequest): Promise<Wish> {
  const { owner, parameters = {}, reuse: rule = 'never', id, leaseSeconds = LEASE.usual, idempotencyKey } = request;
  const [blueprint, credential] = await Promise.all([
    readBlueprint(client, request.implementation),
    openCredential(client, vault, request.credential),
  ]);
  if (!mayUse(credential, owner))
    throw new Problem('forbidden', {
      detail: `the credential ${credential.id} belongs to ${credential.owner} and is not granted to ${owner}`,
    });
  if (blueprint.sites.length > 0 && !blueprint.sites.includes(credential.site))
    throw new Problem('conflict', {
      detail: `${blueprint.implementation} is made for ${blueprint.sites.join(', ')}, the credential is for ${credential.site}`,
    });
  const unknown = Object.keys(parameters).filter((name) => !blueprint.understood.includes(name));
  if (unknown.length > 0)
    throw new Problem('bad-request', {
      detail: `the template has no parameter ${unknown.join(', ')}`,
      hint: `it has ${blueprint.understood.join(', ') || 'none'}`,
    });
  if (leaseSeconds < LEASE.least || leaseSeconds > LEASE.most)
    throw new Problem('bad-request', { detail: `a lease lasts ${LEASE.least} to ${LEASE.most} seconds` });
  const whole = {
    ...Object.fromEntries(Object.entries(blueprint.defaults).filter(([name]) => blueprint.understood.includes(name))),
    ...parameters,
  };
  const isSecret = ([name]: readonly [string, string]) => blueprint.secretParameters.includes(name);
  const entries = Object.entries(whole).sort(([a], [b]) => (a < b ? -1 : 1));
  const secret = Object.fromEntries(entries.filter(isSecret));
  if (rule !== 'never' && id !== undefined) throw new Problem('bad-request', { detail: 'a cluster that may be reused is given its id' });
  if (rule !== 'never' && Object.keys(secret).length > 0)
    throw new Problem('bad-request', { detail: 'a cluster with secret parameters is for its first holder alone: reuse must be never' });
  const open = entries.filter((one) => !isSecret(one));
  return {
    request,
    blueprint,
    credential,
    open: Object.fromEntries(open),
    secret,
    digest: sha256(JSON.stringify(open)),
    leaseId: idempotencyKey === undefined ? randomUUID() : sha256(JSON.stringify([owner, idempotencyKey])).slice(0, 32),
  };
}

/** The schema has no empty list of them. */
export function parametersIn(open: Readonly<Record<string, string>>): Pick<ClusterState, 'parameters'> {
  const parameter = Object.entries(open).map(([name, value]) => ({ name, value }));
  return parameter.length > 0 ? { parameters: { parameter } } : {};
}

async function repeated(client: Client, vault: Vault, { request, credential, leaseId, digest }: Wish): Promise<Acquired | undefined> {
  if (request.idempotencyKey === undefined) return undefined;
  const having = await findClusters(client, 'cluster:holders/cluster:holder/cluster:leaseId = $lease', { lease: leaseId });
  const [found] = await vouched(client, vault, having, credential);
  if (found === undefined) return undefined;
  if (found.state.implementationRef !== request.implementation || found.state.parametersDigest !== `sha256:${digest}`)
    throw new Problem('key-reused', { detail: `the key was used for another request, which got ${found.id}` });
  const state = await admitted(client, vault, found.id, request, leaseId);
  return { id: found.id, state, leaseId, outcome: 'reused', others: [] };
}

/** One that was made before a crash may still wait to be let in. */
async function admitted(
  client: Client,
  vault: Vault,
  id: string,
  { owner, quota }: AcquireRequest,
  leaseId: string,
): Promise<ClusterState> {
  const state = await admit(client, vault, id);
  // under the same id there may be another by now
  if (state !== undefined && holdersOf(state).some((one) => one.leaseId === leaseId)) return state;
  throw quotaProblem(owner, quota ?? 0, await clustersOf(client, vault, owner));
}

async function reuse(
  client: Client,
  vault: Vault,
  wish: Wish,
  known: readonly Known[],
  others: Unfit[],
  now: Date,
): Promise<Acquired | undefined> {
  const { request, credential } = wish;
  if ((request.reuse ?? 'never') === 'never') return undefined;
  for (const { id } of known.filter(({ state }) => state.status !== 'released')) {
    for (let attempt = 0; ; attempt++) {
      const record = await readCluster(client, id);
      if (record === undefined) break;
      if (record.state.quota !== undefined) {
        await admit(client, vault, id);
        continue;
      }
      const own = record.state.owner === request.owner || record.state.credentialRef === credential.id;
      const why = own ? misfit(record.state, wish) : 'it belongs to somebody else';
      if (why !== undefined) {
        others.push({ id, why });
        break;
      }
      const held = without(withHolders(record.state, [...holdersOf(record.state), holderOf(wish, now)]), 'idleSince');
      if (await writeCluster(client, record, held)) return { id, leaseId: wish.leaseId, outcome: 'reused', state: held, others };
      await pause(attempt, 20, 400);
    }
  }
  return undefined;
}

function misfit(state: ClusterState, { request, credential, digest }: Wish): string | undefined {
  if (state.siteRef !== credential.site) return `it is on another site, ${state.siteRef}`;
  if (state.parametersDigest !== `sha256:${digest}`) return 'it was made with other parameters';
  if (state.reuse === undefined || state.reuse === 'never') return 'it is for its first holder alone';
  const making = state.status === 'requested' || state.status === 'creating';
  if (making ? request.reuse !== 'if-any' || state.reuse !== 'if-any' : state.status !== 'ready') return `it is ${state.status}`;
  return holdersOf(state).length >= (state.maxHolders ?? 1000) ? 'as many hold it as may' : undefined;
}

async function create(
  client: Client,
  vault: Vault,
  wish: Wish,
  id: string,
  others: readonly Unfit[],
  now: Date,
): Promise<Acquired | undefined> {
  const { request, blueprint, credential, open, secret, digest, leaseId } = wish;
  const { owner, quota, reuse: rule = 'never' } = request;
  // one that may be shared is looked for again where its id is taken: only then is it known that this would be one more
  if (quota !== undefined && rule === 'never') {
    const live = await clustersOf(client, vault, owner);
    if (live >= quota) throw quotaProblem(owner, quota, live);
  }
  const names = Object.keys(secret);
  const secrets = parameterRefOf(id, leaseId);
  // before the cluster: one that is there has all it needs
  if (names.length > 0) vault.put({ id: secrets, owner, site: credential.site }, JSON.stringify(secret));
  const { maxHolders, idleSeconds, onFailure, retries, timeoutSeconds } = request;
  const given = { maxHolders, idleSeconds, onFailure, retries, timeoutSeconds };
  const base: ClusterState = {
    implementationRef: blueprint.implementation,
    siteRef: credential.site,
    applianceRef: blueprint.appliance,
    owner,
    status: 'requested',
    stackName: stackNameOf(id, now),
    createdAt: now,
    updatedAt: now,
    statusSince: now,
    credentialRef: credential.id,
    reuse: rule,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(names.length > 0 ? { vaultRef: secrets } : {}),
    ...(quota === undefined ? {} : { quota }),
    parametersDigest: `sha256:${digest}`,
    ...parametersIn(open),
  };
  const state = withHolders({ ...base, seal: sealOf(credential, id, base) }, [holderOf(wish, now)]);
  if (await addCluster(client, id, blueprint.scopes, state))
    return { id, leaseId, outcome: 'created', state: await admitted(client, vault, id, request, leaseId), others };
  if (names.length > 0) vault.remove(secrets);
  if (request.id === undefined) return undefined;
  throw new Problem('already-exists', { detail: `there is a resource "${id}"`, hint: 'choose another id' });
}

/** Those who want the same at the same time choose the same id, and the directory lets one of them have it. */
function idFor({ request, blueprint, credential, digest, leaseId }: Wish, known: readonly Known[]): string {
  if (request.id !== undefined) return request.id;
  if ((request.reuse ?? 'never') === 'never') return `${blueprint.implementation}-${leaseId.slice(0, 12)}`;
  const kind = sha256(JSON.stringify([blueprint.implementation, credential.site, credential.id, digest])).slice(0, 12);
  const start = `${blueprint.implementation}-${kind}-`;
  const taken = known.filter(({ id }) => id.startsWith(start)).map(({ id }) => Number(id.slice(start.length)));
  return `${start}${Math.max(0, ...taken.filter(Number.isInteger)) + 1}`;
}

function holderOf({ request, leaseId }: Wish, now: Date): Holder {
  return { leaseId, owner: request.owner, expiresAt: new Date(now.getTime() + (request.leaseSeconds ?? LEASE.usual) * 1000) };
}

/** Ends one lease, or with `leaseId` undefined all of them. What nobody holds is freed after its idle time. */
export function release(client: Client, id: string, leaseId: string | undefined, why: string, now = new Date()): Promise<ClusterState> {
  return changeCluster(client, id, (state) => {
    if (state.status === 'released' || state.status === 'releasing') return undefined;
    if (leaseId === undefined) return state.status === 'free-failed' ? undefined : free(withHolders(state, []), why, now);
    const left = holdersOf(state).filter((one) => one.leaseId !== leaseId);
    if (left.length === holdersOf(state).length) throw new Problem('not-found', { detail: `${id} has no lease "${leaseId}"` });
    return { ...withHolders(state, left), ...(left.length === 0 ? { idleSince: now, freeReason: why } : {}) };
  });
}

/** The lease lasts so many seconds from now. */
export function renew(client: Client, id: string, leaseId: string, seconds: number, now = new Date()): Promise<ClusterState> {
  if (seconds < LEASE.least || seconds > LEASE.most)
    throw new Problem('bad-request', { detail: `a lease lasts ${LEASE.least} to ${LEASE.most} seconds` });
  return changeCluster(client, id, (state) => {
    if (!holdersOf(state).some((one) => one.leaseId === leaseId))
      throw new Problem('not-found', { detail: `${id} has no lease "${leaseId}"` });
    const expiresAt = new Date(now.getTime() + seconds * 1000);
    return withHolders(
      state,
      holdersOf(state).map((one) => (one.leaseId === leaseId ? { ...one, expiresAt } : one)),
    );
  });
}
