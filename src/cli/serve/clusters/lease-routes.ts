/** `/clusters/{id}/leases/{lease}`: for the holder. */
import { z } from 'zod';
import { holdersOf, release, renew } from '../../../cluster/index.js';
import { type Exchange, type Route, readJson, resourceId, route, sendEmpty } from '../../../http/index.js';
import { Problem } from '../../../model/index.js';
import { bodyProblems, type ClusterDoors, clusterOf, JSON_ONLY, sendJson } from './doors.js';

const lease = z.strictObject({ seconds: z.number().int() });

export function leaseRoutes({ client }: ClusterDoors): readonly Route[] {
  async function refuseUnlessHeld(x: Exchange): Promise<void> {
    const { state } = await clusterOf(x, client());
    const holder = holdersOf(state).find((one) => one.leaseId === x.part);
    if (holder === undefined) throw new Problem('not-found', { detail: `${x.key} has no such lease` });
    if (holder.owner !== x.caller.principal) throw new Problem('forbidden', { detail: 'the lease belongs to somebody else' });
  }

  return [
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
        await refuseUnlessHeld(x);
        const { seconds } = await readJson(x, lease);
        const state = await renew(client(), x.key, x.part, seconds);
        sendJson(x, { expiresAt: holdersOf(state).find((one) => one.leaseId === x.part)?.expiresAt });
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
        await refuseUnlessHeld(x);
        await release(client(), x.key, x.part, `released by ${x.caller.principal}`);
        sendEmpty(x.response, 204);
      },
    }),
  ];
}
