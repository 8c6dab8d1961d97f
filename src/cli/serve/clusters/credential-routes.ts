/** `/credentials`: ways into sites, whose secrets go in and never out. */
import { z } from 'zod';
import { changeGrants, readLogin, removeCredential, storeCredential } from '../../../cluster/index.js';
import { type Exchange, type Route, readJson, resourceId, route, sendEmpty } from '../../../http/index.js';
import { isScope } from '../../../model/index.js';
import {
  bodyProblems,
  type ClusterDoors,
  JSON_ONLY,
  refuseUnlessReachable,
  refuseUnlessSeen,
  refuseUnlessWriter,
  sendJson,
} from './doors.js';

const newCredential = z.strictObject({
  id: z.string().min(1),
  site: z.string().min(1),
  scope: z.string().refine(isScope, { error: 'must be a scope such as /a/b' }),
  grants: z.array(z.string()).optional(),
  login: z.record(z.string(), z.unknown()),
});

export function credentialRoutes({ client, vault, plainSites }: ClusterDoors): readonly Route[] {
  async function grant(x: Exchange, change: (users: readonly string[]) => readonly string[]): Promise<void> {
    refuseUnlessSeen(x, x.key);
    await changeGrants(client(), vault(), x.key, change, x.caller.principal);
    sendEmpty(x.response, 204);
  }
  const grants = {
    path: '/credentials/{id}/grants/{user}',
    tag: 'clusters',
    key: resourceId,
    part: z.string().trim().min(1),
    produces: JSON_ONLY,
    problems: ['not-found', 'forbidden'],
  } as const;

  return [
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
        refuseUnlessWriter(x, [asked.scope]);
        const way = readLogin(login);
        refuseUnlessReachable(way, plainSites);
        await storeCredential(client(), vault(), { ...asked, login: way, owner: x.caller.principal } as Parameters<
          typeof storeCredential
        >[2]);
        x.response.statusCode = 201;
        x.response.setHeader('Location', `/resources/${encodeURIComponent(asked.id)}`);
        sendJson(x, { id: asked.id });
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
        refuseUnlessSeen(x, x.key);
        await removeCredential(client(), vault(), x.key, x.caller.principal);
        sendEmpty(x.response, 204);
      },
    }),
    route({
      ...grants,
      id: 'grantCredential',
      method: 'put',
      summary: 'Let somebody else use a credential; for its owner',
      answers: { 204: { description: 'That user may.' } },
      handle: (x) => grant(x, (users) => [...users, x.part]),
    }),
    route({
      ...grants,
      id: 'revokeCredential',
      method: 'delete',
      summary: 'Let somebody use a credential no more; what was made with it stays',
      answers: { 204: { description: 'That user may not.' } },
      handle: (x) => grant(x, (users) => users.filter((user) => user !== x.part)),
    }),
  ];
}
