/** One facet of a resource: each is published by itself, by whoever keeps it. */
import { z } from 'zod';
import { type ExpandedName, Problem, type ResourceId } from '../../model/index.js';
import { audited } from '../audit.js';
import { readCondition } from '../conditional.js';
import { facetName } from '../facet-name.js';
import { managerOf } from '../manager.js';
import { mediaTypeOf, XML_TYPES } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format } from '../query.js';
import { readBody } from '../read-body.js';
import { type Exchange, route } from '../route.js';
import { sendEmpty, sendWhole, utf8 } from '../write-answer.js';
import {
  answerPublished,
  dryRun,
  FACET_HEADERS,
  force,
  inBody,
  inWrites,
  PUBLISHED_HEADERS,
  partOptions,
  published,
  requireBody,
  resourceId,
  rules,
} from './writing.js';

const PATH = '/resources/{id}/facets/{name}';
const FACET = '<f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>';
const NAME = z
  .string()
  .max(4096, { error: 'a name has at most 4096 characters' })
  .meta({ description: '`prefix:local` with the prefix of a registered interface, or `Q{namespace}local`, percent-encoded.' });

export function nameOf({ directory, part }: Pick<Exchange, 'directory' | 'part'>): ExpandedName {
  return facetName(part, directory.prefixes);
}

export const getFacet = route({
  id: 'getFacet',
  method: 'get',
  path: PATH,
  tag: 'resources',
  summary: 'Read one facet',
  key: resourceId,
  part: NAME,
  query: z.strictObject({ format }),
  headers: { 'If-None-Match': 'Entity tags that the reader has; 304 when one is current.', 'If-Match': 'Read only this state.' },
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'The facet by itself.',
      content: { 'application/xml': FACET, 'application/json': z.strictObject({ id: z.string(), etag: z.string(), xml: z.string() }) },
      headers: { ETag: 'Entity tag of the facet' },
    },
    304: { description: 'The reader has the current state.', headers: { ETag: 'Entity tag' } },
  },
  problems: ['not-found', 'precondition-failed'],
  handle(x) {
    const { request, response, directory, caller, key, part, type } = x;
    const found = directory.facet(caller, key as ResourceId, nameOf(x));
    if (found === undefined) throw new Problem('not-found', { detail: `there is no facet "${part}" of a resource "${key}"` });
    // A facet has no date of its own that every caller may know: its tag decides.
    const { 'if-modified-since': _, 'if-unmodified-since': __, ...headers } = request.headers;
    const condition = readCondition(headers, found);
    response.setHeader('ETag', found.etag);
    response.setHeader('Cache-Control', 'no-cache');
    if (condition === 'not-modified') return sendEmpty(response, 304);
    if (!isJson(type)) return sendWhole(response, utf8(type), found.xml);
    sendWhole(response, utf8(type), JSON.stringify({ id: found.id, etag: found.etag, xml: Buffer.from(found.xml).toString('utf8') }));
  },
});

export const putFacet = route({
  id: 'putFacet',
  method: 'put',
  path: PATH,
  tag: 'resources',
  summary: 'Create or replace one facet; the others stay as they are',
  description:
    'The facet becomes the writer’s (its principal, and the program of `Facetry-Manager`). Whoever else wants to write it is refused, unless the owner hands it over, its lease lapses, or an admin sends `force=true`.',
  key: resourceId,
  part: NAME,
  query: z.strictObject({ dryRun, force, format }),
  headers: FACET_HEADERS,
  body: { description: 'The facet’s element.', content: { 'application/xml': FACET, 'text/xml': FACET } },
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'Replaced, or unchanged.', content: published, headers: PUBLISHED_HEADERS },
    201: { description: 'Created.', content: published, headers: PUBLISHED_HEADERS },
  },
  problems: [...inBody, ...inWrites, 'not-found', 'facet-owned', 'forbidden'],
  async handle(x) {
    const { request, response, context, directory, caller, key, part, query } = x;
    requireBody(request);
    const name = nameOf(x);
    audited(request, { facets: [part] });
    const { charset } = mediaTypeOf(request.headers['content-type'], XML_TYPES);
    const options = partOptions(x, charset);
    const body = await readBody(request, response, rules(context));
    const done = await directory.edit(caller, key as ResourceId, { kind: 'put-facet', name, body }, options);
    answerPublished(x, done.outcome === 'created' && !query.dryRun ? 201 : 200, done);
  },
});

export const removeFacet = route({
  id: 'removeFacet',
  method: 'delete',
  path: PATH,
  tag: 'resources',
  summary: 'Remove one facet; not the last one',
  key: resourceId,
  part: NAME,
  query: z.strictObject({ dryRun, force, format }),
  headers: { 'If-Match': FACET_HEADERS['If-Match'], 'Facetry-Manager': FACET_HEADERS['Facetry-Manager'] },
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'A dry run: what would be.', content: published },
    204: { description: 'Removed.', headers: { 'Facetry-Revision': PUBLISHED_HEADERS['Facetry-Revision'] } },
  },
  problems: ['not-found', ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    const name = nameOf(x);
    audited(x.request, { facets: [x.part] });
    const done = await x.directory.edit(x.caller, x.key as ResourceId, { kind: 'remove-facet', name }, partOptions(x));
    if (x.query.dryRun) return answerPublished(x, 200, done);
    audited(x.request, { resource: x.key, outcome: 'removed' });
    if (done.revision !== undefined) x.response.setHeader('Facetry-Revision', done.revision);
    sendEmpty(x.response, 204);
  },
});

const ownerShape = z
  .strictObject({ principal: z.string().min(1).max(256), manager: z.string().max(128).default('') })
  .meta({ id: 'Owner', description: 'who may write the facet from now on' });

/** RFC 9110 leaves PUT and DELETE of a part of the meta as plain as that of a document. */
export const giveFacet = route({
  id: 'giveFacet',
  method: 'put',
  path: `${PATH}/owner`,
  tag: 'resources',
  summary: 'Hand a facet of one’s own to another owner',
  key: resourceId,
  part: NAME,
  query: z.strictObject({ dryRun, force, format }),
  headers: { 'Facetry-Manager': FACET_HEADERS['Facetry-Manager'] },
  body: { description: 'The new owner.', content: { 'application/json': ownerShape } },
  produces: ANSWER_TYPES,
  answers: { 200: { description: 'Handed over.', content: published, headers: PUBLISHED_HEADERS } },
  problems: ['not-found', ...inBody, ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    const { request, response, context, directory, caller, key } = x;
    requireBody(request);
    mediaTypeOf(request.headers['content-type'], ['application/json']);
    const to = readOwner(await readBody(request, response, rules(context)));
    audited(request, { facets: [x.part] });
    managerOf(to.manager === '' ? undefined : to.manager);
    answerPublished(x, 200, await directory.edit(caller, key as ResourceId, { kind: 'give-facet', name: nameOf(x), to }, partOptions(x)));
  },
});

function readOwner(body: Uint8Array): z.output<typeof ownerShape> {
  try {
    return ownerShape.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (error) {
    if (error instanceof z.ZodError) throw error;
    throw new Problem('bad-request', { detail: 'the body is not JSON', hint: 'send {"principal": "…", "manager": "…"}' });
  }
}

export const releaseFacet = route({
  id: 'releaseFacet',
  method: 'delete',
  path: `${PATH}/owner`,
  tag: 'resources',
  summary: 'Give up a facet: the next who writes it owns it',
  key: resourceId,
  part: NAME,
  query: z.strictObject({ dryRun, force, format }),
  headers: { 'Facetry-Manager': FACET_HEADERS['Facetry-Manager'] },
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'A dry run: what would be.', content: published },
    204: { description: 'It belongs to nobody in particular.' },
  },
  problems: ['not-found', ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    audited(x.request, { resource: x.key, facets: [x.part] });
    const done = await x.directory.edit(
      x.caller,
      x.key as ResourceId,
      { kind: 'give-facet', name: nameOf(x), to: undefined },
      partOptions(x),
    );
    if (x.query.dryRun) return answerPublished(x, 200, done);
    audited(x.request, { outcome: 'released' });
    sendEmpty(x.response, 204);
  },
});
