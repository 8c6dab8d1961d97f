/** The common properties of a resource, one by one: its scopes, its name, its description; and any change by a patch. */
import { z } from 'zod';
import type { Edit } from '../../directory/index.js';
import { isScope, Problem, type ResourceId } from '../../model/index.js';
import { audited } from '../audit.js';
import { mediaTypeOf } from '../media-type.js';
import { ANSWER_TYPES } from '../negotiate.js';
import { format } from '../query.js';
import { readBody } from '../read-body.js';
import { type Exchange, type Route, route } from '../route.js';
import { sendEmpty } from '../write-answer.js';
import {
  answerPublished,
  dryRun,
  FACET_HEADERS,
  force,
  inBody,
  inWrites,
  PUBLISHED_HEADERS,
  published,
  requireBody,
  resourceId,
  rules,
  writeOptions,
} from './writing.js';

const PROPERTY_HEADERS = { 'If-Match': 'Entity tags of the resource, one of which it must have.' };
const scopePart = z
  .string()
  .refine((text) => isScope(text), { error: 'is not a scope: write /a/b, percent-encoded as %2Fa%2Fb' })
  .meta({ description: 'The scope, percent-encoded: `%2Fgcube%2Fdevsec`.', example: '/gcube/devsec' });
const answers = { 200: { description: 'Changed, or unchanged.', content: published, headers: PUBLISHED_HEADERS } };
const problems = ['not-found', ...inWrites, 'forbidden'] as const;

async function change(x: Exchange, edit: Edit): Promise<void> {
  answerPublished(x, 200, await x.directory.edit(x.caller, x.key as ResourceId, edit, writeOptions(x)));
}

const scope = {
  path: '/resources/{id}/scopes/{scope}',
  tag: 'resources',
  key: resourceId,
  part: scopePart,
  query: z.strictObject({ dryRun, format }),
  headers: PROPERTY_HEADERS,
  produces: ANSWER_TYPES,
  answers,
  problems: [...problems],
} as const;

export const addScope = route({
  ...scope,
  id: 'addScope',
  method: 'put',
  summary: 'Put a resource into a scope',
  async handle(x) {
    audited(x.request, { scopes: [x.part] });
    await change(x, { kind: 'add-scope', scope: x.part });
  },
});

export const removeScope = route({
  ...scope,
  id: 'removeScope',
  method: 'delete',
  summary: 'Take a resource out of a scope; not out of the last one',
  async handle(x) {
    audited(x.request, { scopes: [x.part] });
    await change(x, { kind: 'remove-scope', scope: x.part });
  },
});

/** As plain text; an empty body leaves the property out. */
function property(name: 'name' | 'description', kind: 'set-name' | 'set-description', summary: string): readonly Route[] {
  const common = {
    path: `/resources/{id}/${name}`,
    tag: 'resources',
    key: resourceId,
    query: z.strictObject({ dryRun, format }),
    headers: PROPERTY_HEADERS,
    produces: ANSWER_TYPES,
  } as const;
  const title = name === 'name' ? 'Name' : 'Description';
  return [
    route({
      ...common,
      id: `put${title}`,
      method: 'put',
      summary,
      body: { description: 'The text.', content: { 'text/plain': name === 'name' ? 'node24' : 'a node of the test bed' } },
      answers,
      problems: [...problems, ...inBody],
      async handle(x) {
        requireBody(x.request);
        const { charset } = mediaTypeOf(x.request.headers['content-type'], ['text/plain']);
        const body = await readBody(x.request, x.response, rules(x.context));
        await change(x, { kind, text: decode(body, charset) });
      },
    }),
    route({
      ...common,
      id: `remove${title}`,
      method: 'delete',
      summary: `Leave the ${name} of a resource out`,
      answers: { 200: { description: 'A dry run: what would be.', content: published }, 204: { description: 'It has none.' } },
      problems: [...problems],
      async handle(x) {
        const done = await x.directory.edit(x.caller, x.key as ResourceId, { kind, text: undefined }, writeOptions(x));
        if (x.query.dryRun) return answerPublished(x, 200, done);
        audited(x.request, { resource: x.key, outcome: 'removed' });
        sendEmpty(x.response, 204);
      },
    }),
  ];
}

export const properties: readonly Route[] = [
  ...property('name', 'set-name', 'Name a resource (a QName)'),
  ...property('description', 'set-description', 'Describe a resource'),
];

function decode(body: Uint8Array, charset = 'utf-8'): string {
  try {
    const label = charset === 'us-ascii' || charset === 'ascii' ? 'utf-8' : charset;
    return new TextDecoder(label, { fatal: true }).decode(body);
  } catch {
    throw new Problem('encoding-refused', { detail: `the text is not ${charset}`, hint: 'send UTF-8' });
  }
}

/** RFC 7351 registers the type, RFC 5261 says what it means. */
const PATCH_TYPES = ['application/xml-patch+xml'] as const;
const PATCH = '<diff xmlns:f="urn:f"><replace sel="*/f:hw/f:cpu/text()">8</replace></diff>';

export const patchResource = route({
  id: 'patchResource',
  method: 'patch',
  path: '/resources/{id}',
  tag: 'resources',
  summary: 'Change a resource by an XML patch',
  description: 'Operations `add`, `replace` and `remove` of RFC 5261, all or none; `sel` is XPath over the resource as the caller sees it.',
  key: resourceId,
  query: z.strictObject({ dryRun, force, format }),
  headers: FACET_HEADERS,
  body: { description: 'The patch.', content: { 'application/xml-patch+xml': PATCH } },
  produces: ANSWER_TYPES,
  answers,
  problems: [...problems, ...inBody, 'facet-owned', 'invalid-patch'],
  async handle(x) {
    requireBody(x.request);
    mediaTypeOf(x.request.headers['content-type'], PATCH_TYPES);
    const body = await readBody(x.request, x.response, rules(x.context));
    await change(x, { kind: 'patch', body });
  },
});
