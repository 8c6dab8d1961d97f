/** Leases and the other policy data of a resource: who keeps which facet, and whether it is still fresh. */
import { z } from 'zod';
import type { MetaDescription, RenewedLease } from '../../directory/index.js';
import { ANSWER_NS, nameKey, Problem, type ResourceId } from '../../model/index.js';
import { audited } from '../audit.js';
import { facetName } from '../facet-name.js';
import { managerOf } from '../manager.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { toProblem } from '../problem-response.js';
import { format } from '../query.js';
import { hasBody } from '../read-body.js';
import { readJson } from '../read-json.js';
import { type Exchange, route } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';
import { element, text, XML_DECLARATION } from '../xml-text.js';
import { inBody, requireBody, resourceId, WRITE_HEADERS } from './writing.js';

const leaseShape = z.strictObject({ facet: z.string(), ttl: z.number(), state: z.enum(['fresh', 'stale', 'expired']) });
const leasesShape = z.strictObject({ id: z.string(), leases: z.array(leaseShape) }).meta({ id: 'Leases' });
const metaShape = z
  .strictObject({
    id: z.string(),
    created: z.string().optional(),
    updated: z.string().optional(),
    createdBy: z.string().optional(),
    facets: z.array(
      z.strictObject({
        name: z.string(),
        owner: z.strictObject({ principal: z.string(), manager: z.string().optional(), since: z.string() }).optional(),
        updated: z.string().optional(),
        lease: z.strictObject({ ttl: z.number(), state: z.string(), age: z.number(), expiresIn: z.number() }).optional(),
      }),
    ),
  })
  .meta({ id: 'Meta' });

export const getMeta = route({
  id: 'getMeta',
  method: 'get',
  path: '/resources/{id}/meta',
  tag: 'resources',
  summary: 'Who keeps which facet, since when, and how its lease stands',
  key: resourceId,
  query: z.strictObject({ format }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'Policy data; none of it is in the document.',
      content: {
        'application/xml':
          '<meta xmlns="urn:facetry:answer" id="ghn-1"><facet name="Q{urn:f}hw" updated="2026-01-01T00:00:00.000Z"><owner principal="node-7" manager="keeper" since="2026-01-01T00:00:00.000Z"/><lease ttl="60" state="fresh" age="3" expiresIn="117"/></facet></meta>',
        'application/json': metaShape,
      },
    },
  },
  problems: ['not-found'],
  handle({ response, directory, caller, key, type }) {
    const meta = directory.meta(caller, key as ResourceId);
    if (meta === undefined) throw new Problem('not-found', { detail: `there is no resource "${key}"` });
    response.setHeader('Cache-Control', 'no-cache');
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify(meta) : metaXml(meta));
  },
});

function metaXml({ id, created, updated, createdBy, facets }: MetaDescription): string {
  const inside = facets.map(({ name, updated: at, owner, lease }) =>
    element('facet', { name, updated: at }, (owner ? element('owner', owner) : '') + (lease ? element('lease', lease) : '')),
  );
  return `${XML_DECLARATION}${element('meta', { xmlns: ANSWER_NS, id, created, updated, createdBy }, inside.join(''))}\n`;
}

const wishShape = z.strictObject({ facets: z.array(z.string()).max(1000).optional() });

export const renewLease = route({
  id: 'renewLease',
  method: 'post',
  path: '/resources/{id}/lease',
  tag: 'resources',
  summary: 'Renew the leases of one’s own facets, without writing them',
  description:
    'All leased facets of the writer (its principal, and the program of `Facetry-Manager`), or those that the body names. A renewal is no commit. The TTL itself is changed by a write.',
  key: resourceId,
  query: z.strictObject({ format }),
  headers: { 'Facetry-Manager': WRITE_HEADERS['Facetry-Manager'] },
  body: { description: 'May be left out.', optional: true, content: { 'application/json': wishShape } },
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'Renewed.',
      content: {
        'application/xml': '<leases xmlns="urn:facetry:answer" id="ghn-1"><lease facet="Q{urn:f}hw" ttl="60" state="fresh"/></leases>',
        'application/json': leasesShape,
      },
    },
  },
  problems: ['not-found', 'forbidden', 'facet-owned', 'conflict', ...inBody],
  async handle(x) {
    const { request, response, key, type } = x;
    const { facets } = hasBody(x.request) ? await readJson(x, wishShape) : {};
    const leases = renewOne(x, key, facets);
    audited(request, { resource: key, outcome: 'renewed' });
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify({ id: key, leases }) : `${XML_DECLARATION}${leasesXml(key, leases)}\n`);
  },
});

function leasesXml(id: string, leases: readonly RenewedLease[], xmlns: string | undefined = ANSWER_NS): string {
  return element('leases', { xmlns, id }, leases.map(({ facet, ttl, state }) => element('lease', { facet, ttl, state })).join(''));
}

interface Renewed {
  readonly id: string;
  readonly leases: readonly RenewedLease[];
}

interface Refused {
  readonly id: string;
  readonly code: string;
  readonly detail?: string;
}

const manyShape = z.strictObject({
  resources: z.array(z.strictObject({ id: z.string(), facets: z.array(z.string()).max(1000).optional() })).max(10_000),
});
const refusedShape = z.strictObject({ id: z.string(), code: z.string(), detail: z.string().optional() });

export const renewLeases = route({
  id: 'renewLeases',
  method: 'post',
  path: '/leases',
  tag: 'resources',
  summary: 'Renew the leases of many resources, each by itself',
  query: z.strictObject({ format }),
  headers: { 'Facetry-Manager': WRITE_HEADERS['Facetry-Manager'] },
  body: { description: 'Ids, and facets if not all.', content: { 'application/json': manyShape } },
  produces: ANSWER_TYPES,
  answers: {
    207: {
      description: 'One result per resource, in order.',
      content: {
        'application/xml': '<results xmlns="urn:facetry:answer"><leases id="ghn-1"/><refused id="ghn-2" code="not-found"/></results>',
        'application/json': z.strictObject({ results: z.array(z.union([leasesShape, refusedShape])) }),
      },
    },
  },
  problems: [...inBody],
  async handle(x) {
    requireBody(x.request);
    const { resources } = await readJson(x, manyShape);
    const results = resources.map(({ id, facets }): Renewed | Refused => {
      try {
        return { id, leases: renewOne(x, id, facets) };
      } catch (error) {
        const { code, detail } = toProblem(error);
        return { id, code, ...(detail === undefined ? {} : { detail }) };
      }
    });
    audited(x.request, { outcome: 'renewed', stored: results.filter((result) => 'leases' in result).length });
    x.response.statusCode = 207;
    const xml = () =>
      results.map((result) =>
        'leases' in result
          ? leasesXml(result.id, result.leases, undefined)
          : element('refused', { id: result.id, code: result.code }, text(result.detail ?? '')),
      );
    const body = isJson(x.type)
      ? JSON.stringify({ results })
      : `${XML_DECLARATION}${element('results', { xmlns: ANSWER_NS }, xml().join(''))}\n`;
    sendWhole(x.response, utf8(x.type), body);
  },
});

function renewOne({ request, directory, caller }: Exchange, id: string, facets: readonly string[] | undefined): readonly RenewedLease[] {
  const manager = managerOf(request.headers['facetry-manager']);
  return directory.renew(caller, id, {
    ...(manager === undefined ? {} : { manager }),
    ...(facets === undefined ? {} : { facets: facets.map((name) => nameKey(facetName(name, directory.prefixes))) }),
  });
}
