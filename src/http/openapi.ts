/** The table of routes as OpenAPI 3.1. Loaded when first asked for. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../model/index.js';
import { problemShape } from './answers/shapes.js';
import { openParts, type Route } from './route.js';

/** Any route may answer with these. */
const ALWAYS: readonly ProblemCode[] = [
  'bad-request',
  'not-acceptable',
  'url-too-long',
  'misdirected',
  'too-many-requests',
  'headers-too-large',
  'internal-error',
];
/** … and those about data with these as well. */
const OF_DATA: readonly ProblemCode[] = [
  'unauthorized',
  'forbidden',
  'issuer-unavailable',
  'corrupt-store',
  'starting',
  'overloaded',
  'store-unavailable',
];
/** What never gets as far as a route: another method, an unknown one, another process on the store. */

/** `guarded`: callers are known by their tokens. */
export function openApiOf(table: readonly Route[], version: string, guarded = false) {
  const registry = new OpenAPIRegistry();
  const { name } = registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of the directory, or a JWT of its issuer. Not asked for in open mode.',
  });
  const token = [{ [name]: [] }];
  for (const row of table) {
    const security = !guarded || (row.always && row.operators !== 'only') ? [] : token;
    registry.registerPath({ ...pathOf(row), ...(guarded ? { security } : {}) });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'facetry',
      version,
      description:
        'A directory of computational resources: publish XML documents made of facets, discover them by XPath. Every address that takes GET takes HEAD; OPTIONS tells the methods.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'resources', description: 'Publish, read, remove, list' },
      { name: 'discovery', description: 'Ask in XPath' },
      { name: 'interfaces', description: 'The registry of facet interfaces' },
      { name: 'clusters', description: 'Clusters on sites, and ways into these' },
      { name: 'service', description: 'Health and documentation' },
    ],
  });
}

/** Of every route about data. */
const SCOPE_HEADER = { 'Facetry-Scope': 'Operate in this one scope: one of those of the token, or one below.' };

function pathOf(row: Route): RouteConfig {
  const [first, second] = openParts(row);
  const schema = row.query ?? row.ownQuery?.schema;
  return {
    method: row.method,
    path: row.path,
    operationId: row.id,
    summary: row.summary,
    ...(row.description === undefined ? {} : { description: row.description }),
    tags: [row.tag],
    parameters: [
      ...(row.ownQuery?.patterns ?? []).map(({ name, pattern, description }) => ({
        name,
        in: 'query' as const,
        description,
        style: 'form' as const,
        explode: true,
        schema: { type: 'object' as const, patternProperties: { [pattern]: { type: 'string' as const } }, additionalProperties: false },
      })),
      ...Object.entries({ ...(row.always ? {} : SCOPE_HEADER), ...row.headers }).map(([name, description]) => ({
        name,
        in: 'header' as const,
        description,
        schema: { type: 'string' as const },
      })),
    ],
    request: {
      ...(first === undefined
        ? {}
        : { params: z.object({ [first]: row.key ?? z.string(), ...(second === undefined ? {} : { [second]: row.part ?? z.string() }) }) }),
      ...(schema === undefined || Object.keys(schema.shape).length === 0 ? {} : { query: schema }),
      ...(row.body === undefined
        ? {}
        : { body: { description: row.body.description, required: row.body.optional !== true, content: contentOf(row.body.content) } }),
    },
    responses: { ...answersOf(row), ...problemsOf(row) },
  } as RouteConfig;
}

function answersOf(row: Route): RouteConfig['responses'] {
  return Object.fromEntries(
    Object.entries(row.answers).map(([status, { description, content, headers }]) => [
      status,
      {
        description,
        ...(headers === undefined
          ? {}
          : {
              headers: Object.fromEntries(
                Object.entries(headers).map(([name, what]) => [name, { description: what, schema: { type: 'string' as const } }]),
              ),
            }),
        ...(content === undefined ? {} : { content: contentOf(content) }),
      },
    ]),
  );
}

/** One entry per status, which names the codes that have it. */
function problemsOf(row: Route): RouteConfig['responses'] {
  const codes = new Set<ProblemCode>([...row.problems, ...ALWAYS, ...(row.always ? [] : OF_DATA)]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const [status] = PROBLEMS[code];
    if (!(status in row.answers)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, known]) => [
      String(status),
      {
        description: known.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(' '),
        content: {
          'application/problem+xml': { schema: { type: 'string' as const } },
          'application/problem+json': { schema: problemShape },
        },
      },
    ]),
  );
}

function contentOf(content: Readonly<Record<string, z.ZodType | string>>) {
  return Object.fromEntries(
    Object.entries(content).map(([type, shape]) => [
      type,
      typeof shape === 'string' ? { schema: { type: 'string' as const }, example: shape } : { schema: shape },
    ]),
  );
}
