/** The feed of changes, page by page, for those who keep a copy. */
import { z } from 'zod';
import { ANSWER_NS } from '../../model/index.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format, whole } from '../query.js';
import { route } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';
import { element, XML_DECLARATION } from '../xml-text.js';

const LONGEST_WAIT = 60;
const wait = z
  .string()
  .regex(/^\d{1,2}s?$/, { error: 'must be seconds, such as 30s' })
  .transform((text) => Number.parseInt(text, 10))
  .refine((seconds) => seconds <= LONGEST_WAIT, { error: `must be at most ${LONGEST_WAIT}s` })
  .default(0)
  .meta({ type: 'string', description: 'How long to wait for a change when there is none yet: `30s`.', example: '30s' });

const changesShape = z
  .strictObject({
    items: z.array(z.strictObject({ kind: z.enum(['created', 'replaced', 'removed']), resource: z.string(), at: z.string() })),
    next: z.string().meta({ description: 'cursor of what comes after these' }),
  })
  .meta({ id: 'Changes' });

export const changes = route({
  id: 'changes',
  method: 'get',
  path: '/changes',
  tag: 'discovery',
  summary: 'What was created, replaced and removed after a cursor',
  description:
    'Without a cursor: no changes, and the cursor of now. Whoever keeps a copy takes that first, then reads everything, then follows.',
  query: z.strictObject({
    cursor: z.string().optional().meta({ description: '`next` of the answer before.' }),
    limit: whole('Changes in one answer.', 1, 10_000),
    wait,
    format,
  }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'Changes in the order of commits; none when there were none.',
      content: {
        'application/xml':
          '<changes xmlns="urn:facetry:answer" next="MTIuMC4"><change kind="created" resource="node-7" at="2026-01-01T00:00:00.000Z"/></changes>',
        'application/json': changesShape,
      },
    },
  },
  problems: ['cursor-expired'],
  lasts: true,
  async handle({ response, context, directory, caller, query, type }) {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const { items, next } = await directory.changes(caller, {
      ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
      limit: query.limit ?? 1000,
      wait: query.wait * 1000,
      signal: AbortSignal.any([gone.signal, context.closing.signal]),
    });
    const said = items.map(({ kind, resource, at }) => ({ kind, resource, at: new Date(at).toISOString() }));
    response.setHeader('Cache-Control', 'no-cache');
    const xml = () =>
      `${XML_DECLARATION}${element('changes', { xmlns: ANSWER_NS, next }, said.map((one) => element('change', one)).join(''))}\n`;
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify({ items: said, next }) : xml());
  },
});
