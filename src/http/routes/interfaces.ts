/** The registry of facet interfaces: views on the resources that register them, by their namespaces. */
import { z } from 'zod';
import { etagOf } from '../../directory/etag.js';
import type { InterfaceWriteOptions } from '../../directory/index.js';
import { isScope, Problem, type Scope } from '../../model/index.js';
import { interfacePage, interfacesPage, PAGE_POLICY } from '../answers/interface-page.js';
import {
  checkShape,
  checkXml,
  interfaceJson,
  interfaceShape,
  interfacesShape,
  interfacesXml,
  summaryJson,
  violationsShape,
  violationsXml,
} from '../answers/interfaces.js';
import { audited } from '../audit.js';
import { readCondition } from '../conditional.js';
import { mediaTypeOf, XML_TYPES } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format, whole } from '../query.js';
import { ClientGone, readBody } from '../read-body.js';
import { type Exchange, route } from '../route.js';
import { sendEmpty, sendWhole, utf8 } from '../write-answer.js';
import {
  answerPublished,
  dryRun,
  force,
  inBody,
  inWrites,
  PUBLISHED_HEADERS,
  partOptions,
  published,
  requireBody,
  rules,
} from './writing.js';

const PAGE_TYPES = [...ANSWER_TYPES, 'text/html'] as const;
const HTML = '<!doctype html>';
const SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:f"/>';

const namespace = z
  .string()
  .max(4096, { error: 'a namespace has at most 4096 characters' })
  .meta({ description: 'The namespace, percent-encoded once.' });
const limit = whole('Invalid resources that are listed; all are counted.', 0, 1000);
const schemaBody = {
  description: 'An XML Schema of the namespace; or a facet {urn:facetry:interface}interface, or a resource with one, that holds it.',
  content: { 'application/xml': SCHEMA, 'text/xml': SCHEMA },
};
const WRITE_HEADERS = {
  'If-Match': 'Entity tags, one of which the schema must have; * for any.',
  'Facetry-Manager': 'Name of the program that writes.',
};

function unknown(ns: string): Problem {
  return new Problem('not-found', { detail: `no interface is registered for the namespace "${ns}"`, hint: 'GET /interfaces lists them' });
}

export const listInterfaces = route({
  id: 'listInterfaces',
  method: 'get',
  path: '/interfaces',
  tag: 'interfaces',
  summary: 'List the registered interfaces',
  query: z.strictObject({ format }),
  produces: PAGE_TYPES,
  answers: {
    200: {
      description: 'All of them: what is registered holds for everybody.',
      content: {
        'application/xml':
          '<interfaces xmlns="urn:facetry:answer"><interface ns="urn:f" prefix="f" origin="registered"><element>hw</element></interface></interfaces>',
        'application/json': interfacesShape,
        'text/html': HTML,
      },
    },
  },
  problems: [],
  handle({ response, directory, caller, type }) {
    const interfaces = directory.interfaces(caller);
    if (type === 'text/html') {
      response.setHeader('Content-Security-Policy', PAGE_POLICY);
      return sendWhole(response, utf8(type), interfacesPage(interfaces));
    }
    const body = isJson(type) ? JSON.stringify({ interfaces: interfaces.map(summaryJson) }) : interfacesXml(interfaces);
    sendWhole(response, utf8(type), body);
  },
});

export const getInterface = route({
  id: 'getInterface',
  method: 'get',
  path: '/interfaces/{ns}',
  tag: 'interfaces',
  summary: 'Read an interface',
  description: 'As XML, its schema; as JSON and as a page, all that the caller may know of it.',
  key: namespace,
  query: z.strictObject({ format }),
  headers: { 'If-None-Match': 'Entity tags that the reader has; 304 when one is current.' },
  produces: PAGE_TYPES,
  answers: {
    200: {
      description: 'The XML Schema, as it was registered; or the interface.',
      content: { 'application/xml': SCHEMA, 'application/json': interfaceShape, 'text/html': HTML },
      headers: { ETag: 'Entity tag of this form; writes go by that of the schema' },
    },
    304: { description: 'The reader has the current one.', headers: { ETag: 'Entity tag' } },
  },
  problems: ['not-found', 'precondition-failed'],
  handle({ request, response, directory, caller, key, type }) {
    const found = directory.interface(caller, key);
    if (found === undefined) throw unknown(key);
    const explained = () => directory.explain(caller, key);
    const body = isJson(type)
      ? JSON.stringify(interfaceJson(found, explained()))
      : type === 'text/html'
        ? interfacePage(found, explained())
        : found.schema;
    // What is told of an interface has no date: only tags can be compared.
    const { 'if-modified-since': _, 'if-unmodified-since': __, ...headers } = request.headers;
    const etag = body === found.schema ? found.etag : etagOf(body);
    const condition = readCondition(headers, { etag, modifiedAt: 0 });
    response.setHeader('ETag', etag);
    response.setHeader('Cache-Control', 'no-cache');
    if (type === 'text/html') response.setHeader('Content-Security-Policy', PAGE_POLICY);
    if (condition === 'not-modified') return sendEmpty(response, 304);
    sendWhole(response, utf8(type), body);
  },
});

export const putInterface = route({
  id: 'putInterface',
  method: 'put',
  path: '/interfaces/{ns}',
  tag: 'interfaces',
  summary: 'Register an interface',
  description:
    'Answered when its schema is in force. It holds for what everybody publishes from then on; needs the role registrar. Entity tags are those of the schema.',
  key: namespace,
  query: z.strictObject({
    scope: z
      .string()
      .refine(isScope, { error: 'must be a scope such as /a/b' })
      .optional()
      .meta({ description: 'Where the resource of a new interface is published; default: the first scope of the caller, or /interfaces.' }),
    dryRun,
    force,
    format,
  }),
  headers: { ...WRITE_HEADERS, 'If-None-Match': '* only: the namespace must have no interface.' },
  body: schemaBody,
  produces: ANSWER_TYPES,
  answers: {
    200: { description: 'Changed, or unchanged.', content: published, headers: PUBLISHED_HEADERS },
    201: { description: 'Registered.', content: published, headers: { Location: 'Address of the interface', ...PUBLISHED_HEADERS } },
  },
  problems: [...inBody, ...inWrites, 'invalid-schema', 'facet-owned', 'forbidden'],
  async handle(x) {
    const { request, response, context, directory, caller, key, query } = x;
    const { charset } = schemaType(x);
    const options = interfaceOptions(x, charset, query.scope as Scope | undefined);
    const done = await directory.putInterface(caller, key, await readBody(request, response, rules(context)), options);
    const created = done.outcome === 'created' && !query.dryRun;
    if (created) response.setHeader('Location', `/interfaces/${encodeURIComponent(key)}`);
    answerPublished(x, created ? 201 : 200, done);
  },
});

export const removeInterface = route({
  id: 'removeInterface',
  method: 'delete',
  path: '/interfaces/{ns}',
  tag: 'interfaces',
  summary: 'Remove an interface',
  description: 'Facets of it are no longer checked, or by the schema that comes with the directory again. Refused while others import it.',
  key: namespace,
  query: z.strictObject({ dryRun, force, format }),
  headers: WRITE_HEADERS,
  produces: ANSWER_TYPES,
  answers: { 204: { description: 'Removed.', headers: { 'Facetry-Revision': PUBLISHED_HEADERS['Facetry-Revision'] } } },
  problems: ['not-found', ...inWrites, 'facet-owned', 'forbidden'],
  async handle(x) {
    const { revision } = await x.directory.removeInterface(x.caller, x.key, interfaceOptions(x));
    audited(x.request, { resource: x.key, outcome: 'removed', ...(x.query.dryRun ? { dryRun: true } : {}) });
    if (revision !== undefined) x.response.setHeader('Facetry-Revision', revision);
    sendEmpty(x.response, 204);
  },
});

export const checkInterface = route({
  id: 'checkInterface',
  method: 'post',
  path: '/interfaces/{ns}/check',
  tag: 'interfaces',
  summary: 'What would become invalid if this schema were registered?',
  description: 'Reads the resources that the caller sees under it, and compares it with the present one. Changes nothing.',
  asks: true,
  key: namespace,
  query: z.strictObject({ limit, format }),
  body: schemaBody,
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'The kind of the change, and its consequences.',
      content: {
        'application/xml': '<check xmlns="urn:facetry:answer" ns="urn:f" kind="compatible" resources="12" invalid="0"/>',
        'application/json': checkShape,
      },
    },
  },
  problems: [...inBody, 'invalid-schema'],
  async handle(x) {
    const { request, response, context, directory, caller, key, query, type } = x;
    const { charset } = schemaType(x);
    const body = await readBody(request, response, rules(context));
    const how = { limit: query.limit ?? 100, ...(charset === undefined ? {} : { charset }) };
    const check = await directory.checkInterface(caller, key, body, how, gone(x));
    const json = () => JSON.stringify({ ns: check.ns, kind: check.kind, changes: check.changes, ...check.corpus });
    sendWhole(response, utf8(type), isJson(type) ? json() : checkXml(check));
  },
});

export const interfaceViolations = route({
  id: 'interfaceViolations',
  method: 'get',
  path: '/interfaces/{ns}/violations',
  tag: 'interfaces',
  summary: 'Which resources are not valid by the interface as it is now?',
  description: 'They were published before it became what it is. Writes that leave their invalid facets as they are go on.',
  key: namespace,
  query: z.strictObject({ limit, format }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'Those that the caller sees.',
      content: {
        'application/xml': '<violations xmlns="urn:facetry:answer" ns="urn:f" resources="12" invalid="0"/>',
        'application/json': violationsShape,
      },
    },
  },
  problems: ['not-found'],
  async handle(x) {
    const { response, directory, caller, key, query, type } = x;
    const corpus = await directory.interfaceViolations(caller, key, query.limit ?? 100, gone(x));
    if (corpus === undefined) throw unknown(key);
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify({ ns: key, ...corpus }) : violationsXml(key, corpus));
  },
});

function schemaType({ request }: Exchange): { readonly charset?: string } {
  requireBody(request);
  return mediaTypeOf(request.headers['content-type'], XML_TYPES);
}

function interfaceOptions(x: Exchange, charset?: string, scope?: Scope): InterfaceWriteOptions {
  const { lease: _, ...options } = partOptions(x, charset);
  return { ...options, ...(scope === undefined ? {} : { scope }) };
}

/** Aborted when nobody waits for the answer any more. */
function gone({ response }: Exchange): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new ClientGone()));
  return controller.signal;
}
