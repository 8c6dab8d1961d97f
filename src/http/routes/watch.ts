/** Standing questions: what a question selects, and then what changes in that. */
import { z } from 'zod';
import type { WatchEvent, WatchQuestion } from '../../directory/index.js';
import { Problem } from '../../model/index.js';
import { itemOf } from '../answers/discovery.js';
import { EVENT_STREAM, openEventStream, type ServerSentEvent } from '../event-stream.js';
import { parametersOf } from '../query.js';
import { questionOfParameters, questionParameters } from '../question.js';
import { route } from '../route.js';
import { sendEmpty } from '../write-answer.js';

const EXAMPLE =
  'id: MTIuMC4\nevent: enter\ndata: {"resource":"node-7","items":[{"resource":"node-7","kind":"element","whole":true,"xml":"<resource …>"}]}\n\n';

export const watch = route({
  id: 'watch',
  method: 'get',
  path: '/watch',
  tag: 'discovery',
  summary: 'Watch what a question selects',
  description:
    'Server-Sent Events. First `enter` for each resource in which the question selects something, then `ready`; from then on `enter`, `update` and `leave` as commits change that, each in the order of commits. `value`: the answer of a question that selects no nodes. `gap`: changes may have been missed, everything follows anew. `end`: the last event, with the reason. The id of an event is where to go on: in `Last-Event-ID` or `cursor`.',
  ownQuery: {
    schema: questionParameters.pick({ xpath: true }).extend({
      cursor: z.string().optional().meta({ description: 'The id of the last event that was seen, as `Last-Event-ID`.' }),
    }),
    patterns: [
      { name: 'namespaces', pattern: '^ns\\.', description: '`ns.<prefix>=<namespace>` binds a prefix.' },
      { name: 'variables', pattern: '^var\\.', description: '`var.<name>=<text>` gives a variable, as for /discover.' },
    ],
  },
  headers: { 'Last-Event-ID': 'Id of the last event that was seen: what came after it is told, and not everything anew.' },
  produces: [EVENT_STREAM],
  answers: { 200: { description: 'Events, until somebody ends them.', content: { [EVENT_STREAM]: EXAMPLE } } },
  problems: ['invalid-xpath', 'query-over-budget'],
  lasts: true,
  async handle({ request, response, context, directory, caller }) {
    const { cursor, ...question } = questionOf(request.url, request.headers['last-event-id']);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const events = await directory.watch(caller, question, {
      ...(cursor === undefined ? {} : { cursor }),
      signal: gone.signal,
      closing: context.closing.signal,
      onCut: (end) => stream.cut(sentEvent(end)),
    });
    if (request.method === 'HEAD') {
      gone.abort();
      response.setHeader('Content-Type', EVENT_STREAM);
      return sendEmpty(response, 200);
    }
    const stream = openEventStream(response, context.settings.times);
    await stream.send(said(events));
  },
});

function questionOf(url: string, lastEventId: string | string[] | undefined): WatchQuestion & { readonly cursor?: string } {
  const { xpath, namespaces, variables, cursor, ...other } = questionOfParameters(parametersOf(url));
  const [surplus] = Object.keys(other).filter(
    (name) => other[name as keyof typeof other] !== undefined && other[name as keyof typeof other] !== false,
  );
  if (surplus !== undefined) {
    throw new Problem('bad-request', {
      detail: `watching takes no ${surplus === 'budgetMs' ? 'timeout' : surplus}`,
      ...(surplus === 'count' ? { hint: 'watch count(…)' } : {}),
    });
  }
  const last = typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : cursor;
  return { xpath, namespaces, variables, ...(last === undefined ? {} : { cursor: last }) };
}

async function* said(events: AsyncIterable<WatchEvent>): AsyncIterable<ServerSentEvent> {
  for await (const event of events) yield sentEvent(event);
}

function sentEvent(event: WatchEvent): ServerSentEvent {
  switch (event.kind) {
    case 'enter':
    case 'update':
      return { id: event.cursor, event: event.kind, data: { resource: event.resource, items: event.items.map(itemOf) } };
    case 'leave':
      return { id: event.cursor, event: 'leave', data: { resource: event.resource } };
    case 'value': {
      // JSON has no word for these numbers
      const value = typeof event.value === 'number' && !Number.isFinite(event.value) ? String(event.value) : event.value;
      return { id: event.cursor, event: 'value', data: { type: typeof event.value, value } };
    }
    case 'ready':
      return { id: event.cursor, event: 'ready' };
    case 'bookmark':
      return { id: event.cursor };
    case 'gap':
      return { event: 'gap', data: { reason: event.reason } };
    case 'end':
      return { id: event.cursor, event: 'end', data: { reason: event.reason, detail: event.detail } };
  }
}
