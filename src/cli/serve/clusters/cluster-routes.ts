/** `/clusters/{id}`: how one is, changing it, freeing it, what its site says of it, and its secrets. */
import { z } from 'zod';
import {
  type ClusterState,
  heatOfCluster,
  holdersOf,
  outputValues,
  readBlueprint,
  release,
  secretOutputs,
  updateCluster,
} from '../../../cluster/index.js';
import { flag, type Route, readJson, resourceId, route, sendEmpty } from '../../../http/index.js';
import { Problem } from '../../../model/index.js';
import {
  bodyProblems,
  type ClusterDoors,
  clusterOf,
  JSON_ONLY,
  ownClusterOf,
  refuseUnlessSeen,
  refuseUnlessWriter,
  sendJson,
  siteProblems,
} from './doors.js';

const names = z.array(z.string());
const revision = z.strictObject({ implementation: z.string().optional(), parameters: z.record(z.string(), z.string()).optional() });
const revised = z.strictObject({
  id: z.string(),
  outcome: z.enum(['updating', 'unchanged']),
  status: z.string(),
  changes: z.strictObject({ added: names, updated: names, replaced: names, deleted: names }),
});
const events = z.strictObject({
  events: z.array(
    z.strictObject({ id: z.string(), time: z.string(), resource: z.string(), status: z.string(), reason: z.string().optional() }),
  ),
});

export function clusterRoutes({ client, vault }: ClusterDoors): readonly Route[] {
  return [
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
        const { state: whole } = await clusterOf(x, client());
        const { holders: _, ...state } = whole;
        x.response.setHeader('Cache-Control', 'no-cache');
        sendJson(x, { id: x.key, ...state, parameters: undefined, outputs: outputValues(state), holders: holdersOf(whole).length });
      },
    }),
    route({
      id: 'updateCluster',
      method: 'patch',
      path: '/clusters/{id}',
      tag: 'clusters',
      summary: 'Change parameters of a cluster, or the implementation it is made from; for its owner',
      description:
        'What the site would refuse is refused, and nothing is changed. The answer comes before the site has carried it out: the cluster is updating, then ready or failed.',
      key: resourceId,
      query: z.strictObject({ dryRun: flag('Ask the site what it would do, and change nothing.') }),
      body: { description: 'What changes; other parameters stay.', content: { 'application/json': revision } },
      produces: JSON_ONLY,
      answers: {
        200: { description: 'With dryRun, or when it is so already.', content: { 'application/json': revised } },
        202: { description: 'It is being changed.', content: { 'application/json': revised } },
      },
      problems: [...bodyProblems, ...siteProblems, 'not-found', 'forbidden', 'conflict'],
      async handle(x) {
        const asked = await readJson(x, revision);
        await ownClusterOf(x, client());
        if (asked.implementation !== undefined) {
          refuseUnlessSeen(x, asked.implementation);
          // as for a new cluster; one that only looks like what the caller sees is in scopes it does not write in
          refuseUnlessWriter(x, (await readBlueprint(client(), asked.implementation)).scopes);
        }
        const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
        const { state, outcome, changes } = await updateCluster(client(), vault(), x.key, given, { dryRun: x.query.dryRun });
        x.response.statusCode = x.query.dryRun || outcome === 'unchanged' ? 200 : 202;
        sendJson(x, { id: x.key, outcome, status: state.status, changes });
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
        await ownClusterOf(x, client());
        await release(client(), x.key, undefined, `released by ${x.caller.principal}`);
        sendEmpty(x.response, 204);
      },
    }),
    route({
      id: 'getClusterEvents',
      method: 'get',
      path: '/clusters/{id}/events',
      tag: 'clusters',
      summary: 'What the site has said of the stack, resource by resource; for its owner and those who hold it',
      key: resourceId,
      query: z.strictObject({ after: z.string().min(1).optional().meta({ description: 'Id of the last event that is known.' }) }),
      produces: JSON_ONLY,
      answers: { 200: { description: 'The oldest first.', content: { 'application/json': events } } },
      problems: [...siteProblems, 'not-found', 'forbidden'],
      async handle(x) {
        const { state } = await clusterOf(x, client());
        refuseUnlessUser(x.key, state, x.caller.principal);
        x.response.setHeader('Cache-Control', 'no-store');
        const { stackId: id, stackName } = state;
        if (id === undefined || stackName === undefined) return sendJson(x, { events: [] });
        const heat = await heatOfCluster(client(), vault(), x.key, state);
        const said = await heat.events({ stack_name: stackName, id }, x.query.after);
        sendJson(x, {
          events: said.map((one) => ({
            id: one.id,
            time: one.event_time,
            resource: one.resource_name,
            status: one.resource_status,
            reason: one.resource_status_reason,
          })),
        });
      },
    }),
    route({
      id: 'getClusterSecrets',
      method: 'get',
      path: '/clusters/{id}/secrets',
      tag: 'clusters',
      summary: 'The secret outputs of a cluster; for its owner and those who hold it',
      description: 'Never cached, and noted in the audit file.',
      accounted: true,
      key: resourceId,
      produces: JSON_ONLY,
      answers: { 200: { description: 'Name → value.', content: { 'application/json': z.record(z.string(), z.string()) } } },
      problems: ['not-found', 'forbidden'],
      async handle(x) {
        const found = await clusterOf(x, client());
        const secrets = await secretOutputs(client(), vault(), found, x.caller.principal);
        x.response.setHeader('Cache-Control', 'no-store');
        sendJson(x, secrets);
      },
    }),
  ];
}

function refuseUnlessUser(id: string, state: ClusterState, user: string): void {
  if (state.owner !== user && !holdersOf(state).some((one) => one.owner === user))
    throw new Problem('forbidden', { detail: `${id} belongs to ${state.owner ?? 'nobody'}, and ${user} does not hold it` });
}
