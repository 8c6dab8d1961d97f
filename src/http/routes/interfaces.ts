/** The registry of facet interfaces, to read. */
import { z } from 'zod';
import { etagOf } from '../../directory/etag.js';
import { Problem } from '../../model/index.js';
import { interfacesXml } from '../answers/listing.js';
import { interfacesShape } from '../answers/shapes.js';
import { readCondition } from '../conditional.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format } from '../query.js';
import { route } from '../route.js';
import { sendEmpty, sendWhole, utf8 } from '../write-answer.js';

export const listInterfaces = route({
  id: 'listInterfaces',
  method: 'get',
  path: '/interfaces',
  tag: 'interfaces',
  summary: 'List the registered interfaces',
  query: z.strictObject({ format }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'All of them.',
      content: {
        'application/xml':
          '<interfaces xmlns="urn:facetry:answer"><interface ns="urn:f" prefix="f"><element>hw</element></interface></interfaces>',
        'application/json': interfacesShape,
      },
    },
  },
  problems: [],
  handle({ response, directory, caller, type }) {
    const interfaces = directory.interfaces(caller);
    const json = () =>
      JSON.stringify({
        interfaces: interfaces.map(({ ns, prefix, elements, documentation }) => ({ ns, prefix, elements, documentation })),
      });
    sendWhole(response, utf8(type), isJson(type) ? json() : interfacesXml(interfaces));
  },
});

export const getInterface = route({
  id: 'getInterface',
  method: 'get',
  path: '/interfaces/{ns}',
  tag: 'interfaces',
  summary: 'Read the schema of an interface',
  key: z
    .string()
    .max(4096, { error: 'a namespace has at most 4096 characters' })
    .meta({ description: 'The namespace, percent-encoded once.' }),
  query: z.strictObject({}),
  headers: { 'If-None-Match': 'Entity tags that the reader has; 304 when one is current.' },
  produces: ['application/xml', 'text/xml'],
  answers: {
    200: {
      description: 'The XML Schema, as it was registered.',
      content: { 'application/xml': '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:f"/>' },
      headers: { ETag: 'Entity tag' },
    },
    304: { description: 'The reader has the current one.', headers: { ETag: 'Entity tag' } },
  },
  problems: ['not-found', 'precondition-failed'],
  handle({ request, response, directory, caller, key, type }) {
    const xsd = directory.schema(caller, key);
    if (xsd === undefined)
      throw new Problem('not-found', {
        detail: `no interface is registered for the namespace "${key}"`,
        hint: 'GET /interfaces lists them',
      });
    const etag = etagOf(xsd);
    // A schema has no date: only its tag can be compared.
    const { 'if-modified-since': _, 'if-unmodified-since': __, ...headers } = request.headers;
    const condition = readCondition(headers, { etag, modifiedAt: 0 });
    response.setHeader('ETag', etag);
    response.setHeader('Cache-Control', 'no-cache');
    if (condition === 'not-modified') return sendEmpty(response, 304);
    sendWhole(response, utf8(type), xsd);
  },
});
