/** The JSON forms of what this room answers; they document the answers in /openapi.json, and tests hold the answers to them. */
import { z } from 'zod';

export const violation = z.strictObject({
  rule: z.string(),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  path: z.string().optional(),
  hint: z.string().optional(),
});

export const problemShape = z
  .strictObject({
    type: z.string().meta({ description: 'address, relative to the server, of an explanation' }),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    hint: z.string().optional(),
    violations: z.array(violation).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details, RFC 9457' });

export const publishedShape = z
  .strictObject({
    id: z.string(),
    outcome: z.enum(['created', 'replaced', 'unchanged']),
    etag: z.string(),
    revision: z.string().optional().meta({ description: 'opaque cursor of the state that has it; not for callers limited to scopes' }),
    notices: z.array(violation),
    canonical: z.string().optional().meta({ description: 'with dryRun: the document as it would be' }),
    diff: z.string().optional().meta({ description: 'with dryRun: unified diff of the indented canonical forms' }),
  })
  .meta({ id: 'Published' });

export const bulkShape = z
  .strictObject({
    results: z.array(
      z.union([
        z.strictObject({ index: z.int(), status: z.int(), ...publishedShape.shape }),
        z.strictObject({
          index: z.int(),
          status: z.int(),
          code: z.string(),
          detail: z.string(),
          violations: z.array(violation).optional(),
        }),
      ]),
    ),
    problem: problemShape.optional().meta({ description: 'what ended the request early; the results before it hold' }),
  })
  .meta({ id: 'BulkResults' });

const texts = z.record(z.string(), z.string());

export const documentShape = z
  .strictObject({
    namespaces: texts.optional().meta({ description: 'prefix → namespace; those of registered interfaces need not be said' }),
    id: z.string().optional(),
    attributes: texts.optional().meta({ description: 'foreign attributes of the root' }),
    name: z.union([z.string(), z.looseObject({})]).optional(),
    description: z.string().optional(),
    scopes: z.array(z.string()),
    facets: z.looseObject({}).meta({
      description:
        'prefixed name → content, in document order: text of a leaf, or an object of elements. Neighbours of one name are an array; where names alternate, "#content" is an array of objects with one member; "@xmlns" are declarations, "#text" the text of a leaf that has them.',
    }),
  })
  .meta({ id: 'ResourceDocument', description: 'A resource, the same as its XML' });

export const listShape = z
  .strictObject({
    total: z.int(),
    count: z.int(),
    next: z.string().optional(),
    items: z.array(
      z.strictObject({ id: z.string(), name: z.string().optional(), scopes: z.array(z.string()), facets: z.array(z.string()) }),
    ),
  })
  .meta({ id: 'ResourceList' });

const planShape = z.array(
  z.strictObject({
    depth: z.int(),
    operator: z.string(),
    estimated: z.number().optional(),
    actual: z.number().optional(),
    ms: z.number().optional(),
  }),
);

const itemShape = z.strictObject({
  resource: z.string(),
  kind: z.enum(['element', 'attribute', 'text', 'comment', 'processing-instruction', 'namespace', 'root']),
  whole: z.boolean().optional().meta({ description: 'the element is a whole resource' }),
  name: z.string().optional(),
  xml: z.string().optional().meta({ description: 'an element' }),
  value: z.string().optional().meta({ description: 'the string value of any other node' }),
});

const about = { revision: z.string().optional(), plan: planShape.optional() };

export const answerShape = z
  .union([
    z.strictObject({
      type: z.literal('nodeset'),
      total: z.int(),
      count: z.int(),
      next: z.string().optional(),
      ...about,
      items: z.array(itemShape),
    }),
    z.strictObject({ type: z.literal('string'), ...about, value: z.string() }),
    z.strictObject({ type: z.literal('number'), ...about, value: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]) }),
    z.strictObject({ type: z.literal('boolean'), ...about, value: z.boolean() }),
  ])
  .meta({ id: 'Answer' });

export const healthShape = z
  .strictObject({
    status: z.enum(['ok', 'starting', 'draining', 'closed']),
    checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Health' });
