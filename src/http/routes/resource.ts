/** One resource under its address: read, replace, remove. */
import { z } from 'zod';
import { resourceJson } from '../../directory/resource-json.js';
import { Problem, type ResourceId } from '../../model/index.js';
import { documentShape } from '../answers/shapes.js';
import { audited } from '../audit.js';
import { readCondition } from '../conditional.js';
import { DOCUMENT_TYPES, withDocument } from '../json-body.js';
import { mediaTypeOf } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format } from '../query.js';
import { readBody } from '../read-body.js';
import { route } from '../route.js';
import { sendEmpty, sendWhole, utf8 } from '../write-answer.js';
import {
  answerPublished,
  DOCUMENT,
  dryRun,
  force,
  inBody,
  inWrites,
  PUBLISHED_HEADERS,
  published,
  requireBody,
  resourceId,
  rules,
  WRITE_HEADERS,
  writeOptions,
} from './writing.js';

export const getResource = route({
  id: 'getResource',
  method: 'get',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Read a resource as it was published',
  key: resourceId,
  query: z.strictObject({ format }),
  headers: {
    'If-None-Match': 'Entity tags that the reader has; 304 when one is current.',
    'If-Modified-Since': 'As If-None-Match, for those who keep no tags.',
    'If-Match': 'Read only this state.',
    'If-Unmodified-Since': 'Read only if not changed since.',
  },
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'The document.',
      content: { 'application/xml': DOCUMENT, 'application/json': documentShape },
      headers: { ETag: 'Entity tag', 'Last-Modified': 'When this state was stored' },
    },
    304: { description: 'The reader has the current state.', headers: { ETag: 'Entity tag' } },
  },
  problems: ['not-found', 'precondition-failed'],
  handle({ request, response, directory, caller, key, type }) {
    const found = directory.get(caller, key as ResourceId);
    if (found === undefined) throw new Problem('not-found', { detail: `there is no resource "${key}"` });
    const condition = readCondition(request.headers, found);
    response.setHeader('ETag', found.etag);
    // A change that the caller does not see must not show in the date either.
    if (caller.scopes === undefined) response.setHeader('Last-Modified', new Date(found.modifiedAt).toUTCString());
    // Kept by caches, but never used without asking: descriptions change.
    response.setHeader('Cache-Control', 'no-cache');
    if (condition === 'not-modified') return sendEmpty(response, 304);
    if (!isJson(type)) return sendWhole(response, utf8(type), found.xml);
    const xml = Buffer.from(found.xml.buffer, found.xml.byteOffset, found.xml.byteLength).toString('utf8');
    sendWhole(response, utf8(type), JSON.stringify(resourceJson(xml)));
  },
});

export const putResource = route({
  id: 'putResource',
  method: 'put',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Create or replace a resource',
  key: resourceId,
  query: z.strictObject({ dryRun, force, format }),
  headers: WRITE_HEADERS,
  body: {
    description: 'A resource document; its id may be left out, but must not be another.',
    content: { 'application/xml': DOCUMENT, 'text/xml': DOCUMENT, 'application/json': documentShape },
  },
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'Replaced, or unchanged.', content: published, headers: PUBLISHED_HEADERS },
    201: { description: 'Created.', content: published, headers: { Location: 'Address of the resource', ...PUBLISHED_HEADERS } },
  },
  problems: [...inBody, ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    const { request, response, context, directory, caller, key, query } = x;
    requireBody(request);
    const { type, charset } = mediaTypeOf(request.headers['content-type'], DOCUMENT_TYPES);
    const options = writeOptions(x, charset);
    const body = await readBody(request, response, rules(context));
    const done = await withDocument(type, body, directory.prefixes, (document) =>
      directory.put(caller, key as ResourceId, document, options),
    );
    const created = done.outcome === 'created' && !query.dryRun;
    if (created) response.setHeader('Location', `/resources/${encodeURIComponent(done.id)}`);
    answerPublished(x, created ? 201 : 200, done);
  },
});

export const removeResource = route({
  id: 'removeResource',
  method: 'delete',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Remove a resource',
  key: resourceId,
  query: z.strictObject({ dryRun, force, format }),
  headers: {
    'If-Match': WRITE_HEADERS['If-Match'],
    'If-Unmodified-Since': WRITE_HEADERS['If-Unmodified-Since'],
    'Facetry-Manager': WRITE_HEADERS['Facetry-Manager'],
  },
  produces: ANSWER_TYPES,
  answers: { 204: { description: 'Removed.', headers: { 'Facetry-Revision': PUBLISHED_HEADERS['Facetry-Revision'] } } },
  problems: ['not-found', ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    const { revision } = await x.directory.remove(x.caller, x.key as ResourceId, writeOptions(x));
    audited(x.request, { resource: x.key, outcome: 'removed', ...(x.query.dryRun ? { dryRun: true } : {}) });
    if (revision !== undefined) x.response.setHeader('Facetry-Revision', revision);
    sendEmpty(x.response, 204);
  },
});
