/** Publishing, reading, removing, listing. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Published, WriteOptions } from '../../directory/index.js';
import { Problem, type ResourceId } from '../../model/index.js';
import { bulkJson, bulkXml, type Explain } from '../answers/bulk.js';
import { listJson, listXml } from '../answers/listing.js';
import { publishedJson, publishedXml } from '../answers/published.js';
import { bulkShape, documentShape, listShape, publishedShape } from '../answers/shapes.js';
import { readCondition, writeCondition } from '../conditional.js';
import { type HttpContext, stateOf } from '../context.js';
import { LINES_TYPES, mediaTypeOf, XML_TYPES } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { toProblem } from '../problem-response.js';
import { flag, format, parametersOf, whole } from '../query.js';
import { type Body, type BodyRules, ClientGone, openBody, readBody } from '../read-body.js';
import { revisionCursor } from '../revision.js';
import { isBulk } from '../root-name.js';
import { type Exchange, route } from '../route.js';
import { sendEmpty, sendWhole, streamText, utf8 } from '../write-answer.js';

/** Bounds of what a path may name; whether such a resource exists is the directory's to say. */
export const resourceId = z
  .string()
  .refine((id) => id.length <= 2048 && [...id].length <= 1024, { error: 'an id has at most 1024 characters' })
  .refine((id) => /\S/.test(id), { error: 'an id must not be blank' })
  .refine((id) => !/\p{Cc}/u.test(id), { error: 'an id has no control characters' })
  .meta({ description: 'The id, percent-encoded once.', minLength: 1, maxLength: 1024 });

const DOCUMENT =
  '<resource xmlns="http://gcube-system.org/namespaces/resource" id="ghn-1">\n  <scope>/gcube</scope>\n  <f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>\n</resource>';
const PUBLISHED = '<published xmlns="urn:facetry:answer" id="ghn-1" outcome="created" etag="&quot;tAg&quot;" revision="MS4w"/>';
const WRITE_HEADERS = {
  'If-Match': 'Entity tags, one of which the current state must have; * for any.',
  'If-None-Match': '* only: the resource must not exist.',
  'If-Unmodified-Since': 'Weaker than If-Match, for those who keep no tags.',
};
const PUBLISHED_HEADERS = { ETag: 'Entity tag of what is stored now', 'Facetry-Revision': 'Opaque cursor of the state that has it' };
const dryRun = flag('Check everything, store nothing.');

const published = { 'application/xml': PUBLISHED, 'application/json': publishedShape };
const inDocument = ['not-well-formed', 'doctype-refused', 'encoding-refused', 'invalid-resource', 'limit-exceeded'] as const;
const inBody = ['empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type', ...inDocument] as const;
const inWrites = ['conflict', 'precondition-failed', 'store-unavailable', 'disk-full'] as const;

function rules({ settings, intake }: HttpContext): BodyRules {
  return { limit: settings.limits.documentBytes, limits: settings.limits, times: settings.times, intake };
}

function answerPublished({ response, type }: Exchange, status: number, done: Published): void {
  response.statusCode = status;
  response.setHeader('ETag', done.etag);
  response.setHeader('Facetry-Revision', revisionCursor(done.revision));
  sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(publishedJson(done)) : publishedXml(done));
}

function writeOptions({ request, directory, caller, key, query }: Exchange, charset?: string): WriteOptions {
  return {
    ...writeCondition(request.headers, () => (key === '' ? undefined : directory.get(caller, key))),
    ...(query.dryRun === true ? { dryRun: true } : {}),
    ...(charset === undefined ? {} : { charset }),
  };
}

export const createResources = route({
  id: 'createResources',
  method: 'post',
  path: '/resources',
  tag: 'resources',
  summary: 'Publish a new resource, or many',
  description:
    'One document is created: an id that exists is refused. Many come as `<resources>…</resources>` or one document a line (application/xml-seq); they are stored all or none, or, with `atomic=false`, each by itself with one result per document.',
  query: z.strictObject({
    atomic: flag('Bulk: all or nothing.', true),
    upsert: flag('Bulk: replace what exists, as PUT does.'),
    dryRun,
    format,
  }),
  headers: WRITE_HEADERS,
  body: {
    description: 'A resource document, `<resources>` with many, or one document a line.',
    content: {
      'application/xml': DOCUMENT,
      'text/xml': DOCUMENT,
      ...Object.fromEntries(LINES_TYPES.map((type) => [type, DOCUMENT.replaceAll(/\n */g, '')])),
    },
  },
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'Bulk, all stored; or a dry run.',
      content: { 'application/xml': '<bulk xmlns="urn:facetry:answer"/>', 'application/json': z.union([bulkShape, publishedShape]) },
    },
    201: { description: 'Created.', content: published, headers: { Location: 'Address of the resource', ...PUBLISHED_HEADERS } },
    207: {
      description: 'Bulk with atomic=false: one result per document.',
      content: { 'application/xml': '<bulk xmlns="urn:facetry:answer"/>', 'application/json': bulkShape },
    },
  },
  problems: [...inBody, ...inWrites, 'already-exists'],
  async handle(x) {
    const { request, response, context, directory, caller, query } = x;
    const lines = isLines(request);
    const { limits } = context.settings;
    const body = await openBody(request, response, {
      ...rules(context),
      streamLimit: limits.bulkBytes,
      streams: lines ? () => true : isBulk,
    });
    if (body.kind === 'stream') return await answerBulk(x, body, lines ? 'lines' : 'resources');
    for (const name of ['atomic', 'upsert']) {
      if (parametersOf(request.url).has(name)) {
        throw new Problem('bad-request', {
          detail: `${name} is for bulk bodies`,
          hint: 'to create or replace one resource, PUT it to /resources/{id}',
        });
      }
    }
    const { charset } = mediaTypeOf(request.headers['content-type'], XML_TYPES);
    const done = await directory.create(caller, body.bytes, writeOptions(x, charset));
    if (query.dryRun) return answerPublished(x, 200, done);
    response.setHeader('Location', `/resources/${encodeURIComponent(done.id)}`);
    answerPublished(x, 201, done);
  },
});

/** Checks the media type before the body is asked for. */
function isLines(request: Request): boolean {
  requireBody(request);
  const { type, charset } = mediaTypeOf(request.headers['content-type'], [...XML_TYPES, ...LINES_TYPES]);
  const lines = (LINES_TYPES as readonly string[]).includes(type);
  if (lines && charset !== undefined && !/^utf-?8$/.test(charset)) {
    throw new Problem('unsupported-media-type', {
      detail: 'documents one a line must be UTF-8',
      hint: 'send each document by itself to use another encoding',
    });
  }
  return lines;
}

function requireBody(request: Request): void {
  // A length of nought says that there is no body, whatever its type would have been.
  if (request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0) {
    throw new Problem('empty-body', { hint: 'send an XML document as the body' });
  }
}

async function answerBulk(
  x: Exchange<{ atomic: boolean; upsert: boolean; dryRun: boolean }>,
  body: Extract<Body, { kind: 'stream' }>,
  form: 'resources' | 'lines',
): Promise<void> {
  const { request, response, context, directory, caller, query, type } = x;
  const { onEvent, times } = context.settings;
  const { id } = stateOf(request);
  const results = directory.bulk(caller, body.bytes, { form, atomic: query.atomic, upsert: query.upsert, dryRun: query.dryRun });
  const explain: Explain = (error) => {
    if (error instanceof ClientGone) throw error;
    const problem = toProblem(error);
    if (problem.code === 'internal-error') onEvent({ kind: 'fault', id, error });
    return problem;
  };
  response.statusCode = query.atomic ? 200 : 207;
  await streamText(response, utf8(type), isJson(type) ? bulkJson(results, explain, id) : bulkXml(results, explain, id), times);
}

export const putResource = route({
  id: 'putResource',
  method: 'put',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Create or replace a resource',
  key: resourceId,
  query: z.strictObject({ dryRun, format }),
  headers: WRITE_HEADERS,
  body: {
    description: 'A resource document; its id may be left out, but must not be another.',
    content: { 'application/xml': DOCUMENT, 'text/xml': DOCUMENT },
  },
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'Replaced, or unchanged.', content: published, headers: PUBLISHED_HEADERS },
    201: { description: 'Created.', content: published, headers: { Location: 'Address of the resource', ...PUBLISHED_HEADERS } },
  },
  problems: [...inBody, ...inWrites],
  async handle(x) {
    const { request, response, context, directory, caller, key, query } = x;
    requireBody(request);
    const { charset } = mediaTypeOf(request.headers['content-type'], XML_TYPES);
    const options = writeOptions(x, charset);
    const body = await readBody(request, response, rules(context));
    const done = await directory.put(caller, key as ResourceId, body, options);
    const created = done.outcome === 'created' && !query.dryRun;
    if (created) response.setHeader('Location', `/resources/${encodeURIComponent(done.id)}`);
    answerPublished(x, created ? 201 : 200, done);
  },
});

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
    response.setHeader('Last-Modified', new Date(found.modifiedAt).toUTCString());
    // Kept by caches, but never used without asking: descriptions change.
    response.setHeader('Cache-Control', 'no-cache');
    if (condition === 'not-modified') return sendEmpty(response, 304);
    if (!isJson(type)) return sendWhole(response, utf8(type), found.xml);
    const xml = Buffer.from(found.xml.buffer, found.xml.byteOffset, found.xml.byteLength).toString('utf8');
    sendWhole(
      response,
      utf8(type),
      JSON.stringify({ id: found.id, etag: found.etag, modified: new Date(found.modifiedAt).toISOString(), xml }),
    );
  },
});

export const removeResource = route({
  id: 'removeResource',
  method: 'delete',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Remove a resource',
  key: resourceId,
  query: z.strictObject({ dryRun, format }),
  headers: { 'If-Match': WRITE_HEADERS['If-Match'], 'If-Unmodified-Since': WRITE_HEADERS['If-Unmodified-Since'] },
  produces: ANSWER_TYPES,
  answers: { 204: { description: 'Removed.', headers: { 'Facetry-Revision': PUBLISHED_HEADERS['Facetry-Revision'] } } },
  problems: ['not-found', ...inWrites],
  async handle(x) {
    const { revision } = await x.directory.remove(x.caller, x.key as ResourceId, writeOptions(x));
    x.response.setHeader('Facetry-Revision', revisionCursor(revision));
    sendEmpty(x.response, 204);
  },
});

export const listResources = route({
  id: 'listResources',
  method: 'get',
  path: '/resources',
  tag: 'resources',
  summary: 'List resources, in publication order',
  query: z.strictObject({
    limit: whole('Resources on a page; the server may have a lower bound.', 1, 1_000_000),
    cursor: z.string().optional().meta({ description: '`next` of the page before.' }),
    format,
  }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'A page.',
      content: {
        'application/xml':
          '<list xmlns="urn:facetry:answer" total="1" count="1"><entry id="ghn-1"><scope>/gcube</scope><facet>Q{urn:f}hw</facet></entry></list>',
        'application/json': listShape,
      },
      headers: { Link: 'rel="next": the next page' },
    },
  },
  problems: ['cursor-expired'],
  handle({ response, context, directory, caller, query, type }) {
    const limit = Math.min(query.limit ?? 100, context.settings.limits.pageItems);
    const page = directory.list(caller, { limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) });
    linkNext(response, '/resources', new URLSearchParams({ limit: String(limit) }), page.next);
    response.setHeader('Cache-Control', 'no-cache');
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(listJson(page)) : listXml(page));
  },
});

/** `Link: </resources?limit=10&cursor=…>; rel="next"` (RFC 8288) */
export function linkNext(response: Response, path: string, parameters: URLSearchParams, next: string | undefined): void {
  if (next === undefined) return;
  parameters.set('cursor', next);
  response.setHeader('Link', `<${path}?${parameters}>; rel="next"`);
}
