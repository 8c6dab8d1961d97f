/** What other tools have done to the documents in the XML database under the directory. */
import { z } from 'zod';
import type { ForeignChange } from '../../directory/index.js';
import { ANSWER_NS } from '../../model/index.js';
import { auditedDocument } from '../audit.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format } from '../query.js';
import { route } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';
import { element, XML_DECLARATION } from '../xml-text.js';

const shape = z
  .strictObject({
    changes: z.array(
      z.strictObject({
        path: z.string(),
        id: z.string().optional(),
        outcome: z.enum(['taken', 'removed', 'restored', 'quarantined']),
        detail: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Resync' });

export const resync = route({
  id: 'resync',
  method: 'post',
  path: '/resync',
  tag: 'service',
  operators: 'only',
  summary: 'Look for documents that other tools have changed in BaseX',
  description:
    'Every document in the database is held against what the directory wrote. A change becomes a commit (`taken`), a deletion a removal (`removed`); what is no valid resource is put aside (`quarantined`), and what says the same in other words gets its own words back (`restored`). The same is done at each start.',
  query: z.strictObject({ format }),
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'What was found; nothing when all is as it was written.',
      content: {
        'application/xml': '<changes xmlns="urn:facetry:answer"><change path="resources/ghn-1.xml" id="ghn-1" outcome="taken"/></changes>',
        'application/json': shape,
      },
    },
  },
  problems: ['not-found', 'forbidden'],
  async handle({ request, response, context, directory, type }) {
    const changes = await directory.resync();
    for (const { path, id, outcome } of changes) auditedDocument(request, { resource: id ?? path, outcome }, 200, context.settings.onEvent);
    sendWhole(response, utf8(type), isJson(type) ? JSON.stringify({ changes }) : changesXml(changes));
  },
});

function changesXml(changes: readonly ForeignChange[]): string {
  const inside = changes.map(({ path, id, outcome, detail }) => element('change', { path, id, outcome, detail }, ''));
  return `${XML_DECLARATION}${element('changes', { xmlns: ANSWER_NS }, inside.join(''))}\n`;
}
