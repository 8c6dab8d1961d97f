/** The flow of one cluster: look into the directory and at the site, step, store what was decided, then do it. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, RESOURCE_NS } from '../client/index.js';
import { Problem } from '../model/index.js';
import { escapeText } from '../xml/index.js';
import { admit } from './admission.js';
import { readBlueprint } from './blueprint.js';
import { type ClusterState, holdersOf, isDescribed } from './cluster-facet.js';
import { type ClusterRecord, findClusters, readCluster, writeCluster } from './cluster-record.js';
import { MANAGER } from './facet-record.js';
import { credentialOf } from './open-credential.js';
import { type Heat, heatOf, openCloud, SiteProblem, type Stack, type StackRef } from './openstack/index.js';
import { outputOf } from './outputs.js';
import { secretRefOf } from './secret-outputs.js';
import { parameterRefOf, parametersOf, stackOf, tagsOf, updateIn } from './stack.js';
import { type Action, enter, fail, PACE, type SeenStack, step, unable } from './step.js';
import type { Vault } from './vault/index.js';

export type ClusterEvent =
  | { readonly kind: 'status'; readonly cluster: string; readonly status: string; readonly reason?: string }
  | { readonly kind: 'action'; readonly cluster: string; readonly action: Action | 'check' }
  /** a lease ends within the next minutes unless it is renewed */
  | { readonly kind: 'ending'; readonly cluster: string; readonly owner: string; readonly expiresAt: string }
  | { readonly kind: 'trouble'; readonly cluster: string; readonly reason: string };

export interface ReconcilerOptions {
  readonly client: Client;
  readonly vault: Vault;
  readonly observe?: (event: ClusterEvent) => void;
  readonly now?: () => Date;
  /** seconds between two times that a site is asked to look after the resources of a stack; 0: never */
  readonly checkSeconds?: number;
}

export interface Reconciler {
  /** One round; resolves to the ms until the next makes sense. */
  once(id: string): Promise<number>;
  /** Goes on with all clusters until the signal; forgets nothing that is not in the directory. */
  run(signal: AbortSignal): Promise<void>;
}

/** ms between two looks at which clusters there are */
const LOOK = 1_000;
const AT_ONCE = 16;
/** ms before the end of a lease at which is warned */
const WARNING = 300_000;

export function createReconciler({
  client,
  vault,
  observe = () => {},
  now = () => new Date(),
  checkSeconds = 0,
}: ReconcilerOptions): Reconciler {
  const heats = new Map<string, { readonly secret: string; readonly heat: Heat }>();

  /** When the site was last asked to check, and leases that were warned of: forgotten with the process, which does no harm. */
  const checked = new Map<string, number>();
  const warned = new Set<string>();

  /** One login per credential, for as long as its secret stays the same. */
  async function heatFor({ id, state }: ClusterRecord): Promise<Heat> {
    const credential = await credentialOf(client, vault, id, state);
    const { login } = credential;
    const secret = JSON.stringify(login);
    const known = heats.get(credential.id);
    if (known?.secret === secret) return known.heat;
    const heat = heatOf(openCloud(login));
    heats.set(credential.id, { secret, heat });
    return heat;
  }

  async function once(id: string): Promise<number> {
    const record = await readCluster(client, id);
    if (record === undefined || record.state.status === 'released' || isDescribed(record.state)) return PACE.quiet;
    if (record.state.quota !== undefined) {
      await admit(client, vault, id);
      return PACE.now;
    }
    const heat = await heatFor(record);
    const stack = await look(heat, id, record.state);
    const { next, action, again } = step(record.state, seenOf(stack), now());
    if (next.status === 'released') await forget(record);
    warn(record);
    const stored = next === record.state ? record : await store(record, next);
    if (stored === undefined) return PACE.now;
    if (action === undefined) {
      if (stack !== undefined && isDue(record)) await check(heat, id, stack);
      return again;
    }
    observe({ kind: 'action', cluster: id, action });
    await act(heat, stored, action, stack);
    return again;
  }

  function isDue({ id, state }: ClusterRecord): boolean {
    if (checkSeconds === 0 || state.status !== 'ready') return false;
    const before = checked.get(id) ?? Date.now();
    checked.set(id, before);
    return Date.now() - before >= checkSeconds * 1000;
  }

  async function check(heat: Heat, id: string, stack: StackRef): Promise<void> {
    checked.set(id, Date.now());
    observe({ kind: 'action', cluster: id, action: 'check' });
    await heat.act(stack, 'check');
  }

  function warn({ id, state }: ClusterRecord): void {
    for (const { leaseId, owner, expiresAt } of holdersOf(state)) {
      const key = `${leaseId} ${expiresAt.toISOString()}`;
      if (expiresAt.getTime() - now().getTime() > WARNING || warned.has(key)) continue;
      warned.add(key);
      observe({ kind: 'ending', cluster: id, owner, expiresAt: expiresAt.toISOString() });
    }
  }

  /** The secrets of a cluster that is gone open nothing any more. */
  async function forget({ id, state }: ClusterRecord): Promise<void> {
    // also those of an update that ended before it could say so
    for (const { id: secret, owner } of vault.list()) {
      if (owner !== (state.owner ?? '')) continue;
      const isOutput = secret.startsWith(secretRefOf(id, ''));
      if (!isOutput && !secret.startsWith(parameterRefOf(id, ''))) continue;
      if (isOutput) await client.remove(secret, { manager: MANAGER });
      vault.remove(secret);
    }
  }

  async function store(record: ClusterRecord, next: ClusterState): Promise<ClusterRecord | undefined> {
    if (!(await writeCluster(client, record, next))) return undefined;
    if (next.status !== record.state.status || next.reason !== record.state.reason)
      observe({ kind: 'status', cluster: record.id, status: next.status, ...(next.reason === undefined ? {} : { reason: next.reason }) });
    return await readCluster(client, record.id);
  }

  async function look(heat: Heat, id: string, { stackName = '', stackId }: ClusterState): Promise<Stack | undefined> {
    if (stackId !== undefined) {
      const known = await heat.show({ stack_name: stackName, id: stackId });
      if (known !== undefined) return known;
      // What is let go of is never looked for again: that it is gone must be said twice, by the list of what is tagged too.
      const [left] = await heat.list(tagsOf(id));
      return left === undefined ? undefined : await heat.show(left);
    }
    const found = await heat.find(stackName);
    if (found === undefined) return undefined;
    const stack = await heat.show(found);
    // The name has a digest in it that no other has. A site that is killed while it takes a stack on may have stored it without
    // its tags; with other tags it is another's.
    if (stack?.tags?.length && !tagsOf(id).every((tag) => stack.tags?.includes(tag)))
      throw new Problem('conflict', { detail: `the site has a stack ${stackName} that was not made for ${id}` });
    return stack;
  }

  async function act(heat: Heat, record: ClusterRecord, action: Action, stack: Stack | undefined): Promise<void> {
    if (action === 'create') return await create(heat, record);
    const at = stack as StackRef;
    if (action === 'update') return await update(heat, record, at);
    if (action === 'publish') return await publish(record, stack as Stack);
    if (action === 'cancel') return await heat.act(at, 'cancel_without_rollback');
    if (action === 'remove') return await heat.remove(at);
    await heat.abandon(at);
  }

  async function create(heat: Heat, record: ClusterRecord): Promise<void> {
    const { state, id } = record;
    const parameters = parametersOf(vault, state);
    try {
      const stack = stackOf(id, state, await readBlueprint(client, state.implementationRef), parameters);
      const made = await heat.create(stack, Object.values(parameters.secret));
      await store(record, { ...state, stackId: made.id });
    } catch (error) {
      // made before, by a process that ended before it could say so: the next look finds it
      if (error instanceof SiteProblem && error.type === 'StackExists') return;
      if (isFinal(error)) return void (await store(record, fail(state, wordsOf(error), now())));
      throw error;
    }
  }

  async function update(heat: Heat, record: ClusterRecord, at: StackRef): Promise<void> {
    const { state, id } = record;
    const parameters = parametersOf(vault, state);
    try {
      const stack = stackOf(id, state, await readBlueprint(client, state.implementationRef), parameters);
      await heat.update(at, stack, Object.values(parameters.secret));
    } catch (error) {
      // 409: somebody has begun another change; 404: the stack is gone, as the next look shows
      if (isFinal(error) && ![404, 409].includes(error.site)) return void (await store(record, unable(state, wordsOf(error), now())));
      throw error;
    }
  }

  async function publish(record: ClusterRecord, { outputs = [], ...stack }: Stack): Promise<void> {
    const { state } = record;
    const { declared, secretOutputs } = await readBlueprint(client, state.implementationRef);
    const lacking = declared.filter((name) => !outputs.some((one) => one.output_key === name && one.output_value !== null));
    if (lacking.length > 0) {
      const verdict = state.status === 'creating' ? fail : unable;
      return void (await store(record, verdict(state, `output missing: ${lacking.join(', ')}`, now())));
    }
    for (const { output_key: name, output_value: value } of outputs.filter((one) => secretOutputs.includes(one.output_key)))
      await keepSecret(record, name, typeof value === 'string' ? value : JSON.stringify(value));
    const open = outputs.filter((one) => !secretOutputs.includes(one.output_key)).map(outputOf);
    const published = { ...state, stackId: stack.id, ...(open.length > 0 ? { outputs: { output: open } } : {}) };
    const same = state.status === 'ready' && JSON.stringify(state.outputs) === JSON.stringify(published.outputs);
    if (!same) await store(record, { ...enter(without(published), 'ready', now()) });
  }

  async function keepSecret({ id, state }: ClusterRecord, name: string, value: string): Promise<void> {
    const owner = state.owner ?? '';
    const vaultRef = secretRefOf(id, name);
    vault.put({ id: vaultRef, owner, site: state.siteRef }, value);
    const resource = await client.get(id);
    const scopes = resource?.read().scopes.map((scope) => `<scope>${scope}</scope>`) ?? [];
    const fields = { clusterRef: id, owner, outputName: name, vaultRef };
    const inside = Object.entries(fields).map(([local, text]) => `<c:${local}>${escapeText(text)}</c:${local}>`);
    const facet = `<c:clusterCredential xmlns:c="urn:facetry:clusterCredential">${inside.join('')}</c:clusterCredential>`;
    await client.put(vaultRef, `<resource xmlns="${RESOURCE_NS}">${scopes.join('')}${facet}</resource>`, { manager: MANAGER });
  }

  return {
    once,
    async run(signal) {
      const due = new Map<string, number>();
      const working = new Set<string>();
      const work = async (id: string) => {
        working.add(id);
        try {
          due.set(id, Date.now() + (await once(id)));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          if (!signal.aborted) observe({ kind: 'trouble', cluster: id, reason });
          due.set(id, Date.now() + PACE.retry);
        } finally {
          working.delete(id);
        }
      };
      while (!signal.aborted) {
        const live = await findClusters(client, 'cluster:credentialRef and cluster:status != "released"').catch((error: Error) => {
          observe({ kind: 'trouble', cluster: '', reason: error.message });
          return [];
        });
        const clock = Date.now();
        for (const { id, state } of live) {
          const urgent = isUrgent(state);
          if (working.size >= AT_ONCE || working.has(id)) continue;
          if (clock >= (due.get(id) ?? 0) || (urgent && clock >= (due.get(id) ?? 0) - PACE.quiet + LOOK)) void work(id);
        }
        await delay(LOOK, undefined, { signal }).catch(() => undefined);
      }
      while (working.size > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}

/** Somebody waits for it. */
function isUrgent({ status, idleSince, updateId }: ClusterState): boolean {
  return status === 'requested' || status === 'releasing' || (status === 'ready' && idleSince !== undefined) || updateId !== undefined;
}

/** What was wrong before is so no more. */
function without({ reason: _, clearing: __, updateId: ___, ...rest }: ClusterState): ClusterState {
  return rest;
}

function seenOf(stack: Stack | undefined): SeenStack | undefined {
  if (stack === undefined) return undefined;
  const { id, stack_status: status, stack_status_reason: reason, updated_time: changed } = stack;
  const update = updateIn(stack.tags);
  return {
    id,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(changed ? { changed } : {}),
    ...(update === undefined ? {} : { update }),
  };
}

/** A refusal that a second try would meet again. */
function isFinal(error: unknown): error is SiteProblem {
  return error instanceof SiteProblem && error.site >= 400 && error.site < 500 && ![401, 408, 429].includes(error.site);
}

function wordsOf({ message, hint }: SiteProblem): string {
  return [message, hint].filter(Boolean).join('; ');
}
