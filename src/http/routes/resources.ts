/** All resources: publish new ones, one or many, and list them. */
import type { Request } from 'express';
import { z } from 'zod';
import type { BulkResult } from '../../directory/index.js';
import { Problem } from '../../model/index.js';
import { bulkJson, bulkStatus, bulkXml, type Explain } from '../answers/bulk.js';
import { listJson, listXml } from '../answers/listing.js';
import { bulkShape, documentShape, listShape, publishedShape } from '../answers/shapes.js';
import { audited, auditedDocument } from '../audit.js';
import { stateOf } from '../context.js';
import type { OnEvent } from '../events.js';
import { DOCUMENT_TYPES, withDocument } from '../json-body.js';
import { linkNext } from '../link-next.js';
import { LINES_TYPES, mediaTypeOf, XML_TYPES } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { toProblem } from '../problem-response.js';
import { flag, format, parametersOf, whole } from '../query.js';
import { type Body, ClientGone, openBody } from '../read-body.js';
import { isBulk } from '../root-name.js';
import { type Exchange, route } from '../route.js';
import { sendWhole, streamText, utf8 } from '../write-answer.js';
import {
  answerPublished,
  commonOptions,
  DOCUMENT,
  dryRun,
  force,
  inBody,
  inWrites,
  PUBLISHED_HEADERS,
  published,
  requireBody,
  rules,
  WRITE_HEADERS,
  writeOptions,
} from './writing.js';

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
    force,
    format,
  }),
  headers: {
    ...WRITE_HEADERS,
    'Idempotency-Key': 'One document: makes the request safe to send again; the same key with the same body creates once.',
  },
  body: {
    description: 'A resource document, `<resources>` with many, or one document a line.',
    content: {
      'application/xml': DOCUMENT,
      'text/xml': DOCUMENT,
      'application/json': documentShape,
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
  problems: [...inBody, ...inWrites, 'already-exists', 'key-reused', 'forbidden'],
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
    const { type, charset } = mediaTypeOf(request.headers['content-type'], DOCUMENT_TYPES);
    const idempotencyKey = keyOfHeader(request.headers['idempotency-key']);
    const options = { ...writeOptions(x, charset), ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    const done = await withDocument(type, body.bytes, directory.prefixes, (document) => directory.create(caller, document, options));
    if (query.dryRun) return answerPublished(x, 200, done);
    response.setHeader('Location', `/resources/${encodeURIComponent(done.id)}`);
    answerPublished(x, 201, done);
  },
});

/** draft-ietf-httpapi-idempotency-key-header-07 §2.1: a structured string; a bare token is taken as well. */
function keyOfHeader(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = typeof header === 'string' ? /^(?:"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\w.~:+/=@-]{1,255}))$/.exec(header) : null;
  if (match !== null) return match[1] ?? match[2];
  throw new Problem('bad-request', {
    detail: 'the Idempotency-Key cannot be read',
    hint: 'send one quoted string of at most 255 characters',
  });
}

/** Checks the media type before the body is asked for. */
function isLines(request: Request): boolean {
  requireBody(request);
  const { type } = mediaTypeOf(request.headers['content-type'], [...DOCUMENT_TYPES, ...LINES_TYPES]);
  return (LINES_TYPES as readonly string[]).includes(type);
}

/** Each document leaves a line of its own, when its result is known; the request's line says how many there were. */
async function* auditedResults(
  results: AsyncIterable<BulkResult>,
  request: Request,
  dryRun: boolean,
  onEvent: OnEvent,
): AsyncGenerator<BulkResult> {
  let stored = 0;
  let refused = 0;
  try {
    for await (const result of results) {
      if (result.ok) stored++;
      else refused++;
      const details = result.ok ? { resource: result.published.id, outcome: result.published.outcome } : { outcome: result.code };
      auditedDocument(request, { ...details, ...(dryRun ? { dryRun } : {}) }, bulkStatus(result), onEvent);
      yield result;
    }
  } finally {
    audited(request, { stored, refused, ...(dryRun ? { dryRun } : {}) });
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
  const { charset } = mediaTypeOf(request.headers['content-type'], [...XML_TYPES, ...LINES_TYPES]);
  if (charset !== undefined && !/^utf-?8$|^(?:us-)?ascii$/.test(charset)) {
    throw new Problem('unsupported-media-type', {
      detail: 'many documents in one body must be UTF-8',
      hint: 'send each document by itself to use another encoding',
    });
  }
  const { atomic, upsert, dryRun } = query;
  const results = auditedResults(
    directory.bulk(caller, body.bytes, { form, atomic, upsert, ...commonOptions(x, undefined) }),
    request,
    dryRun,
    onEvent,
  );
  const explain: Explain = (error) => {
    if (error instanceof ClientGone) throw error;
    const problem = toProblem(error);
    if (problem.code === 'internal-error') onEvent({ kind: 'fault', id, error });
    return problem;
  };
  response.statusCode = query.atomic ? 200 : 207;
  await streamText(response, utf8(type), isJson(type) ? bulkJson(results, explain, id) : bulkXml(results, explain, id), times);
}

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
