/** Reports: XQuery over the documents in the XML database under the directory. */
import { z } from 'zod';
import type { ReportQuestion } from '../../directory/index.js';
import { isNcName, Problem } from '../../model/index.js';
import { mediaTypeOf } from '../media-type.js';
import { check, format, whole } from '../query.js';
import { readBody } from '../read-body.js';
import { route } from '../route.js';
import { streamText, utf8 } from '../write-answer.js';

const JSON_TYPE = 'application/json';
const TEXT = 'text/plain';
const XQUERY = 'application/xquery';
const MOST_MS = 20_000;

const prefix = z.string().refine(isNcName, { error: 'is no prefix' });

const reportJson = z
  .strictObject({
    xquery: z.string({ error: 'is missing: give the XQuery 3.1' }).min(1, { error: 'must not be empty' }),
    namespaces: z
      .record(prefix, z.string())
      .optional()
      .meta({ description: 'prefix → namespace, beside those of the registered interfaces' }),
    timeout: z.int().min(1).max(MOST_MS).optional(),
  })
  .meta({ id: 'Report' });

export const xquery = route({
  id: 'xquery',
  method: 'post',
  asks: true,
  accounted: true,
  path: '/xquery',
  tag: 'discovery',
  summary: 'Run an XQuery report; for analysts, and only over a store in BaseX',
  description:
    'XQuery 3.1 with `$resources`, the documents of all resources that the caller sees. Functions of XPath, math, maps and arrays, and its own (`local:`); nothing that reaches outside. Items of the result are separated by line breaks.',
  query: z.strictObject({ format, timeout: whole('Budget in ms; 5000 without.', 1, MOST_MS) }),
  body: {
    description: 'The query.',
    content: { [XQUERY]: 'for $r in $resources where $r//host:memoryMb > 65536 return $r//host:hostname', [JSON_TYPE]: reportJson },
  },
  produces: ['application/xml', JSON_TYPE, TEXT],
  answers: {
    200: {
      description: 'The result, while it comes: nodes as XML, a value as JSON, or texts.',
      content: { 'application/xml': '<hostname>node-7</hostname>', [JSON_TYPE]: '{"hosts":12}', [TEXT]: 'node-7' },
      headers: { 'Facetry-Budget': 'Time in ms that the report was given' },
    },
  },
  problems: [
    'invalid-xquery',
    'query-over-budget',
    'not-found',
    'empty-body',
    'request-timeout',
    'document-too-large',
    'unsupported-media-type',
  ],
  async handle({ request, response, context, directory, caller, query, type: answer }) {
    const { limits, times } = context.settings;
    const { type, charset } = mediaTypeOf(request.headers['content-type'], [XQUERY, JSON_TYPE, TEXT]);
    if (charset !== undefined && !/^utf-?8$/.test(charset)) throw new Problem('unsupported-media-type', { detail: 'reports are UTF-8' });
    const body = await readBody(request, response, { limit: limits.questionBytes, limits, times, intake: context.intake });
    const { timeout = query.timeout, ...asked } = type === JSON_TYPE ? check(reportJson, jsonOf(body)) : { xquery: textOf(body) };
    const question: ReportQuestion = {
      ...asked,
      method: answer === JSON_TYPE ? 'json' : answer === TEXT ? 'text' : 'xml',
      ...(timeout === undefined ? {} : { budgetMs: timeout }),
    };
    // Nobody waits for the answer any more: writes should not either.
    const gone = new AbortController();
    response.on('close', () => response.writableFinished || gone.abort());
    const result = directory.report(caller, question, gone.signal);
    response.setHeader('Facetry-Budget', `time=${timeout ?? 5000}`);
    response.setHeader('Cache-Control', 'no-store');
    await streamText(response, utf8(answer), decoded(result), times);
  },
});

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('bad-request', { detail: 'the body is not UTF-8', cause });
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('bad-request', { detail: `the body is not JSON: ${(error as Error).message.slice(0, 200)}`, cause: error });
  }
}

async function* decoded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
