/** Clusters and credentials over HTTP: who asks is who holds. What is asked for is carried out by whoever keeps clusters. */
import { z } from 'zod';
import type { Client } from '../../client/index.js';
import {
  type AcquireRequest,
  acquire,
  type ClusterState,
  holdersOf,
  outputValues,
  readBlueprint,
  readCluster,
  readLogin,
  release,
  removeCredential,
  renew,
  storeCredential,
  type Vault,
} from '../../cluster/index.js';
import { publishesIn } from '../../directory/index.js';
import { type Exchange, type Route, readJson, resourceId, route, sendEmpty, sendWhole } from '../../http/index.js';
import { isScope, Problem, type ResourceId } from '../../model/index.js';

export interface ClusterDoors {
  /** acts for the directory itself */
  readonly client: () => Client;
  readonly vault: () => Vault;
  /** clusters that an owner may have at once */
  readonly quota?: number | undefined;
}

const JSON_ONLY = ['application/json'];
const seconds = z.number().int();
const wish = z.strictObject({
  implementation: z.string(),
  credential: z.string(),
  id: z.string().optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  reuse: z.enum(['never', 'if-ready', 'if-any']).optional(),
  maxHolders: z.number().int().min(1).optional(),
  leaseSeconds: seconds.optional(),
  idleSeconds: seconds.min(0).optional(),
  onFailure: z.enum(['keep', 'delete', 'retry']).optional(),
  retries: z.number().int().min(0).optional(),
  timeoutSeconds: seconds.min(1).optional(),
});
const acquired = z.strictObject({
  id: z.string(),
  leaseId: z.string(),
  outcome: z.enum(['created', 'reused']),
  status: z.string(),
  others: z.array(z.strictObject({ id: z.string(), why: z.string() })),
});
const newCredential = z.strictObject({
  id: z.string().min(1),
  site: z.string().min(1),
  scope: z.string().refine(isScope, { error: 'must be a scope such as /a/b' }),
  grants: z.array(z.string()).optional(),
  login: z.record(z.string(), z.unknown()),
});
const lease = z.strictObject({ seconds });
const bodyProblems = ['bad-request', 'empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type'] as const;

export function clusterRoutes({ client, vault, quota }: ClusterDoors): readonly Route[] {
  /** Those of one implementation one after the other: together they would only be in each other's way. Right without it too. */
  const turns = new Map<string, Promise<unknown>>();
  function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(key) ?? Promise.resolve()).then(work, work);
    const over = () => (turns.get(key) === mine ? void turns.delete(key) : undefined);
    turns.set(key, mine);
    mine.then(over, over);
    return mine;
  }

  return [
    route({
      id: 'acquireCluster',
      method: 'post',
      path: '/clusters',
      tag: 'clusters',
      summary: 'Get a cluster: one that is there and fits, or a new one',
      description: 'The answer comes before the cluster is ready; watch its resource, or read it again.',
      headers: { 'Idempotency-Key': 'The same request again gets the same answer.' },
      body: { description: 'What it is made from, and what may be reused.', content: { 'application/json': wish } },
      produces: JSON_ONLY,
      answers: {
        202: {
          description: 'The cluster and the lease.',
          content: { 'application/json': acquired },
          headers: { Location: 'Of the cluster' },
        },
      },
      problems: [...bodyProblems, 'not-found', 'forbidden', 'conflict', 'already-exists', 'key-reused', 'quota-exceeded'],
      async handle(x) {
        const { request, response, caller } = x;
        const asked = await readJson(x, wish);
        for (const id of [asked.implementation, asked.credential]) seen(x, id);
        // a cluster is where its implementation is
        mayWrite(x, (await readBlueprint(client(), asked.implementation)).scopes);
        const key = request.headers['idempotency-key'];
        const allowed = quota === undefined ? {} : { quota };
        const whole = {
          ...asked,
          ...allowed,
          owner: caller.principal,
          ...(typeof key === 'string' ? { idempotencyKey: key } : {}),
        } as AcquireRequest;
        const got = await inTurn(asked.implementation, () => acquire(client(), vault(), whole));
        // what others have is told only of those that the caller sees
        const others = got.others.filter(({ id }) => x.directory.get(caller, id as ResourceId) !== undefined);
        response.statusCode = 202;
        response.setHeader('Location', `/clusters/${encodeURIComponent(got.id)}`);
        json(x, { id: got.id, leaseId: got.leaseId, outcome: got.outcome, status: got.state.status, others });
      },
    }),
    route({
      id: 'getCluster',
      method: 'get',
      path: '/clusters/{id}',
      tag: 'clusters',
      summary: 'How a cluster is, with its outputs as values',
      key: resourceId,
      produces: JSON_ONLY,
      answers: {
        200: { description: 'The facet cluster.', content: { 'application/json': z.looseObject({ id: z.string(), status: z.string() }) } },
      },
      problems: ['not-found'],
      async handle(x) {
        const whole = await stateOf(x);
        const { holders: _, ...state } = whole;
        x.response.setHeader('Cache-Control', 'no-cache');
        json(x, { id: x.key, ...state, parameters: undefined, outputs: outputValues(state), holders: holdersOf(whole).length });
      },
    }),
    route({
      id: 'releaseCluster',
      method: 'delete',
      path: '/clusters/{id}',
      tag: 'clusters',
      summary: 'End all leases of a cluster and free it; for its owner',
      key: resourceId,
      produces: JSON_ONLY,
      answers: { 204: { description: 'It is being freed.' } },
      problems: ['not-found', 'forbidden'],
      async handle(x) {
        const { owner } = await stateOf(x);
        if (owner !== x.caller.principal) throw new Problem('forbidden', { detail: `${x.key} belongs to ${owner ?? 'nobody'}` });
        await release(client(), x.key, undefined, `released by ${x.caller.principal}`);
        sendEmpty(x.response, 204);
      },
    }),
    route({
      id: 'renewClusterLease',
      method: 'put',
      path: '/clusters/{id}/leases/{lease}',
      tag: 'clusters',
      summary: 'Hold a cluster for so many seconds from now; for the holder',
      key: resourceId,
      part: z.string().min(1),
      body: { description: 'How long.', content: { 'application/json': lease } },
      produces: JSON_ONLY,
      answers: { 200: { description: 'When it ends.', content: { 'application/json': z.strictObject({ expiresAt: z.string() }) } } },
      problems: [...bodyProblems, 'not-found', 'forbidden'],
      async handle(x) {
        await held(x);
        const { seconds: howLong } = await readJson(x, lease);
        const state = await renew(client(), x.key, x.part, howLong);
        json(x, { expiresAt: holdersOf(state).find((one) => one.leaseId === x.part)?.expiresAt });
      },
    }),
    route({
      id: 'endClusterLease',
      method: 'delete',
      path: '/clusters/{id}/leases/{lease}',
      tag: 'clusters',
      summary: 'End a lease; a cluster that nobody holds is freed after its idle time',
      key: resourceId,
      part: z.string().min(1),
      produces: JSON_ONLY,
      answers: { 204: { description: 'It has ended.' } },
      problems: ['not-found', 'forbidden'],
      async handle(x) {
        await held(x);
        await release(client(), x.key, x.part, `released by ${x.caller.principal}`);
        sendEmpty(x.response, 204);
      },
    }),
    route({
      id: 'createCredential',
      method: 'post',
      path: '/credentials',
      tag: 'clusters',
      summary: 'Store a way into a site; the secret can be used and never read',
      body: {
        description:
          'login: {kind: v3password, authUrl, username, password, project} or {kind: v3applicationcredential, authUrl, id, secret}.',
        content: { 'application/json': newCredential },
      },
      produces: JSON_ONLY,
      answers: {
        201: {
          description: 'Stored.',
          content: { 'application/json': z.strictObject({ id: z.string() }) },
          headers: { Location: 'Of its resource' },
        },
      },
      problems: [...bodyProblems, 'forbidden', 'already-exists'],
      async handle(x) {
        const { login, ...asked } = await readJson(x, newCredential);
        mayWrite(x, [asked.scope]);
        await storeCredential(client(), vault(), { ...asked, login: readLogin(login), owner: x.caller.principal } as Parameters<
          typeof storeCredential
        >[2]);
        x.response.statusCode = 201;
        x.response.setHeader('Location', `/resources/${encodeURIComponent(asked.id)}`);
        json(x, { id: asked.id });
      },
    }),
    route({
      id: 'removeCredential',
      method: 'delete',
      path: '/credentials/{id}',
      tag: 'clusters',
      summary: 'Forget a credential and its secret; for its owner, and not while a cluster needs it',
      key: resourceId,
      produces: JSON_ONLY,
      answers: { 204: { description: 'It is gone.' } },
      problems: ['not-found', 'forbidden', 'conflict'],
      async handle(x) {
        seen(x, x.key);
        await removeCredential(client(), vault(), x.key, x.caller.principal);
        sendEmpty(x.response, 204);
      },
    }),
  ];

  async function stateOf(x: Exchange): Promise<ClusterState> {
    seen(x, x.key);
    const found = await readCluster(client(), x.key);
    if (found === undefined) throw new Problem('not-found', { detail: `there is no cluster "${x.key}"` });
    return found.state;
  }

  async function held(x: Exchange): Promise<void> {
    const state = await stateOf(x);
    const holder = holdersOf(state).find((one) => one.leaseId === x.part);
    if (holder === undefined) throw new Problem('not-found', { detail: `${x.key} has no such lease` });
    if (holder.owner !== x.caller.principal) throw new Problem('forbidden', { detail: 'the lease belongs to somebody else' });
  }
}

/** What a caller does not see does not exist. */
function seen({ directory, caller }: Exchange, id: string): void {
  if (directory.get(caller, id as ResourceId) === undefined) throw new Problem('not-found', { detail: `there is no resource "${id}"` });
}

function mayWrite({ caller }: Exchange, scopes: readonly string[]): void {
  const closed = scopes.find((scope) => !publishesIn(caller, scope));
  if (closed !== undefined) throw new Problem('forbidden', { detail: `${caller.principal} may not write in ${closed}` });
}

function json({ response }: Exchange, data: unknown): void {
  sendWhole(response, 'application/json; charset=utf-8', JSON.stringify(data));
}
