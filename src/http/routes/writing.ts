/** What the routes that write resources share. */
import type { Request } from 'express';
import type { Published, WriteOptions } from '../../directory/index.js';
import { Problem } from '../../model/index.js';
import { publishedJson, publishedXml } from '../answers/published.js';
import { publishedShape } from '../answers/shapes.js';
import { writeCondition } from '../conditional.js';
import type { HttpContext } from '../context.js';
import { isJson } from '../negotiate.js';
import { flag } from '../query.js';
import type { BodyRules } from '../read-body.js';
import { revisionCursor } from '../revision.js';
import type { Exchange } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';

export const DOCUMENT =
  '<resource xmlns="http://gcube-system.org/namespaces/resource" id="ghn-1">\n  <scope>/gcube</scope>\n  <f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>\n</resource>';
const PUBLISHED = '<published xmlns="urn:facetry:answer" id="ghn-1" outcome="created" etag="&quot;tAg&quot;" revision="MS4w"/>';
export const WRITE_HEADERS = {
  'If-Match': 'Entity tags, one of which the current state must have; * for any.',
  'If-None-Match': '* only: the resource must not exist.',
  'If-Unmodified-Since': 'Weaker than If-Match, for those who keep no tags.',
};
export const PUBLISHED_HEADERS = { ETag: 'Entity tag of what is stored now', 'Facetry-Revision': 'Opaque cursor of the state that has it' };
export const dryRun = flag('Check everything, store nothing.');

export const published = { 'application/xml': PUBLISHED, 'application/json': publishedShape };
const inDocument = ['not-well-formed', 'doctype-refused', 'encoding-refused', 'invalid-resource', 'limit-exceeded'] as const;
export const inBody = ['empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type', ...inDocument] as const;
export const inWrites = ['conflict', 'precondition-failed', 'store-unavailable', 'disk-full'] as const;

export function rules({ settings, intake }: HttpContext): BodyRules {
  return { limit: settings.limits.documentBytes, limits: settings.limits, times: settings.times, intake };
}

export function answerPublished({ response, type }: Exchange, status: number, done: Published): void {
  response.statusCode = status;
  response.setHeader('ETag', done.etag);
  response.setHeader('Facetry-Revision', revisionCursor(done.revision));
  sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(publishedJson(done)) : publishedXml(done));
}

export function writeOptions({ request, directory, caller, key, query }: Exchange, charset?: string): WriteOptions {
  return {
    ...writeCondition(request.headers, () => (key === '' ? undefined : directory.get(caller, key))),
    ...(query.dryRun === true ? { dryRun: true } : {}),
    ...(charset === undefined ? {} : { charset }),
  };
}

export function requireBody(request: Request): void {
  // A length of nought says that there is no body, whatever its type would have been.
  if (request.headers['transfer-encoding'] === undefined && Number(request.headers['content-length'] ?? 0) === 0) {
    throw new Problem('empty-body', { hint: 'send an XML document as the body' });
  }
}
