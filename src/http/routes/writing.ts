/** What the routes that write resources share. */
import type { Request } from 'express';
import { z } from 'zod';
import type { Published, WriteOptions } from '../../directory/index.js';
import { Problem } from '../../model/index.js';
import { publishedJson, publishedXml } from '../answers/published.js';
import { publishedShape } from '../answers/shapes.js';
import { audited } from '../audit.js';
import { writeCondition } from '../conditional.js';
import type { HttpContext } from '../context.js';
import { leaseOfHeader } from '../lease-header.js';
import { managerOf } from '../manager.js';
import { isJson } from '../negotiate.js';
import { flag } from '../query.js';
import { type BodyRules, hasBody } from '../read-body.js';
import type { Exchange } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';

/** What nearly every id looks like; the rest is looked at more closely. */
const PLAIN_ID = /^[\w.:~-]{1,1024}$/;

function idFault(id: string): string | undefined {
  if (PLAIN_ID.test(id)) return undefined;
  if (id.length > 2048 || [...id].length > 1024) return 'an id has at most 1024 characters';
  if (!/\S/.test(id)) return 'an id must not be blank';
  return /\p{Cc}/u.test(id) ? 'an id has no control characters' : undefined;
}

/** Bounds of what a path may name; whether such a resource exists is the directory's to say. */
export const resourceId = z
  .string()
  .refine((id) => idFault(id) === undefined, { error: ({ input }) => idFault(input as string) })
  .meta({ description: 'The id, percent-encoded once.', minLength: 1, maxLength: 1024 });

export const DOCUMENT =
  '<resource xmlns="http://gcube-system.org/namespaces/resource" id="ghn-1">\n  <scope>/gcube</scope>\n  <f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>\n</resource>';
const PUBLISHED = '<published xmlns="urn:facetry:answer" id="ghn-1" outcome="created" etag="&quot;tAg&quot;" revision="MS4w"/>';
export const WRITE_HEADERS = {
  'If-Match': 'Entity tags, one of which the current state must have; * for any.',
  'If-None-Match': '* only: the resource must not exist.',
  'If-Unmodified-Since': 'Weaker than If-Match, for those who keep no tags.',
  'Facetry-Manager': 'Name of the program that writes; facets it writes are its own.',
  'Facetry-TTL': 'Seconds until what is written goes stale unless it is renewed: `60`, or `60, prefix:name=120, Q{namespace}name=none`.',
};
/** The same, where an entity tag is that of a facet. */
export const FACET_HEADERS = {
  'If-Match': 'Entity tags, one of which the facet must have; * for any.',
  'If-None-Match': '* only: the facet must not exist.',
  'Facetry-Manager': WRITE_HEADERS['Facetry-Manager'],
  'Facetry-TTL': WRITE_HEADERS['Facetry-TTL'],
};
export const PUBLISHED_HEADERS = { ETag: 'Entity tag of what is stored now', 'Facetry-Revision': 'Opaque cursor of the state that has it' };
export const dryRun = flag('Check everything, store nothing; the answer says what would change.');
export const force = flag('Overrule the owners of facets; for admins.');

export const published = { 'application/xml': PUBLISHED, 'application/json': publishedShape };
const inDocument = ['not-well-formed', 'doctype-refused', 'encoding-refused', 'invalid-resource', 'limit-exceeded'] as const;
export const inBody = ['empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type', ...inDocument] as const;
export const inWrites = ['conflict', 'precondition-failed', 'store-unavailable', 'disk-full'] as const;

export function rules({ settings, intake }: HttpContext): BodyRules {
  return { limit: settings.limits.documentBytes, limits: settings.limits, times: settings.times, intake };
}

export function answerPublished({ request, response, query, type }: Exchange, status: number, done: Published): void {
  audited(request, { resource: done.id, outcome: done.outcome, ...(query.dryRun === true ? { dryRun: true } : {}) });
  response.statusCode = status;
  response.setHeader('ETag', done.etag);
  if (done.revision !== undefined) response.setHeader('Facetry-Revision', done.revision);
  sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(publishedJson(done)) : publishedXml(done));
}

export function writeOptions(x: Exchange, charset?: string): WriteOptions {
  const { request, directory, caller, key } = x;
  return { ...writeCondition(request.headers, () => (key === '' ? undefined : directory.get(caller, key))), ...commonOptions(x, charset) };
}

/** As writeOptions, where the entity tags are those of a part. It has no date that could be compared. */
export function partOptions(x: Exchange, charset?: string): WriteOptions {
  const { 'if-unmodified-since': _, ...headers } = x.request.headers;
  return { ...writeCondition(headers, () => undefined), ...commonOptions(x, charset) };
}

export function commonOptions({ request, directory, query }: Exchange, charset: string | undefined): WriteOptions {
  const { headers } = request;
  const manager = managerOf(headers['facetry-manager']);
  const lease = leaseOfHeader(headers['facetry-ttl'] as string | undefined, directory.prefixes);
  if (query.force === true) audited(request, { forced: true });
  return {
    ...(query.dryRun === true ? { dryRun: true } : {}),
    ...(query.force === true ? { force: true } : {}),
    ...(manager === undefined ? {} : { manager }),
    ...(lease === undefined ? {} : { lease }),
    ...(charset === undefined ? {} : { charset }),
  };
}

export function requireBody(request: Request): void {
  // A length of nought says that there is no body, whatever its type would have been.
  if (!hasBody(request)) throw new Problem('empty-body', { hint: 'send an XML document as the body' });
}
