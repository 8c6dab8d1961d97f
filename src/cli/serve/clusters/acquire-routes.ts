/** `/clusters`: which there are, and getting one. */
import { z } from 'zod';
import { type AcquireRequest, acquire, clustersOf, findClusters, holdersOf, preflight, readBlueprint } from '../../../cluster/index.js';
import { type Exchange, flag, type Route, readJson, route } from '../../../http/index.js';
import type { ResourceId } from '../../../model/index.js';
import { bodyProblems, type ClusterDoors, JSON_ONLY, refuseUnlessSeen, refuseUnlessWriter, sendJson, viewedCluster } from './doors.js';

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
const findings = z.strictObject({
  ok: z.boolean(),
  findings: z.array(z.strictObject({ what: z.string(), ok: z.boolean(), detail: z.string() })),
});
const listed = z.strictObject({
  quota: z.strictObject({ used: z.number(), limit: z.number().optional() }).meta({ description: 'Clusters of the caller.' }),
  clusters: z.array(
    z.strictObject({
      id: z.string(),
      status: z.string(),
      owner: z.string().optional(),
      site: z.string(),
      implementation: z.string(),
      holders: z.number(),
      expiresAt: z.string().optional(),
      reason: z.string().optional(),
    }),
  ),
});

export function acquireRoutes({ client, vault, quota }: ClusterDoors): readonly Route[] {
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
      id: 'listClusters',
      method: 'get',
      path: '/clusters',
      tag: 'clusters',
      summary: 'Clusters that the caller sees, and how many more it may have',
      query: z.strictObject({ released: flag('Those too that are released.') }),
      produces: JSON_ONLY,
      answers: { 200: { description: 'In the order in which they were asked for.', content: { 'application/json': listed } } },
      problems: [],
      async handle(x) {
        const condition = x.query.released ? 'cluster:status' : 'cluster:status != "released"';
        const all = await findClusters(client(), condition);
        const used = await clustersOf(client(), vault(), x.caller.principal);
        x.response.setHeader('Cache-Control', 'no-cache');
        sendJson(x, {
          quota: { used, ...(quota === undefined ? {} : { limit: quota }) },
          clusters: [...new Set(all.map(({ id }) => id))].flatMap((id) => {
            const state = viewedCluster(x, id);
            if (state === undefined || (state.status === 'released' && !x.query.released)) return [];
            const { status, owner, siteRef, implementationRef, expiresAt, reason } = state;
            return {
              id,
              status,
              owner,
              site: siteRef,
              implementation: implementationRef,
              holders: holdersOf(state).length,
              expiresAt,
              reason,
            };
          }),
        });
      },
    }),
    route({
      id: 'acquireCluster',
      method: 'post',
      path: '/clusters',
      tag: 'clusters',
      summary: 'Get a cluster: one that is there and fits, or a new one',
      description: 'The answer comes before the cluster is ready; watch its resource, or read it again.',
      query: z.strictObject({ dryRun: flag('Find everything that would fail, make nothing but an empty stack, which is deleted.') }),
      headers: { 'Idempotency-Key': 'The same request again gets the same answer.' },
      body: { description: 'What it is made from, and what may be reused.', content: { 'application/json': wish } },
      produces: JSON_ONLY,
      answers: {
        200: { description: 'With dryRun: what was looked at, and what is wrong.', content: { 'application/json': findings } },
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
        for (const id of [asked.implementation, asked.credential]) refuseUnlessSeen(x, id);
        // a cluster is where its implementation is
        refuseUnlessWriter(x, (await readBlueprint(client(), asked.implementation)).scopes);
        const key = request.headers['idempotency-key'];
        const allowed = quota === undefined ? {} : { quota };
        const keyed = typeof key === 'string' ? { idempotencyKey: key } : {};
        const whole = { ...asked, ...allowed, ...keyed, owner: caller.principal } as AcquireRequest;
        if (x.query.dryRun) {
          const found = await preflight(client(), vault(), whole);
          return sendJson(x, { ok: found.every(({ ok }) => ok), findings: found });
        }
        const got = await inTurn(asked.implementation, () => acquire(client(), vault(), whole));
        // what others have is told only of those that the caller sees
        const others = got.others.filter(({ id }) => isSeen(x, id));
        response.statusCode = 202;
        response.setHeader('Location', `/clusters/${encodeURIComponent(got.id)}`);
        sendJson(x, { id: got.id, leaseId: got.leaseId, outcome: got.outcome, status: got.state.status, others });
      },
    }),
  ];
}

function isSeen({ directory, caller }: Pick<Exchange, 'directory' | 'caller'>, id: string): boolean {
  return directory.get(caller, id as ResourceId) !== undefined;
}
