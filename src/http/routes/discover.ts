/** Questions. GET is for short ones that can be kept as a link, POST for all. */
import { z } from 'zod';
import type { Question } from '../../directory/index.js';
import { Problem } from '../../model/index.js';
import { answerJson, answerXml } from '../answers/discovery.js';
import { answerShape } from '../answers/shapes.js';
import { linkNext } from '../link-next.js';
import { mediaTypeOf } from '../media-type.js';
import { ANSWER_TYPES, isJson } from '../negotiate.js';
import { format, parametersOf } from '../query.js';
import { questionJson, questionOfJson, questionOfParameters, questionParameters } from '../question.js';
import { readBody } from '../read-body.js';
import { type Exchange, type Route, route } from '../route.js';
import { streamText, utf8 } from '../write-answer.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

const common = {
  tag: 'discovery',
  produces: ANSWER_TYPES,
  answers: {
    200: {
      description: 'A node set, page by page, or a typed value.',
      content: {
        'application/xml': '<results xmlns="urn:facetry:answer" type="number" revision="MS4w">4</results>',
        'application/json': answerShape,
      },
      headers: {
        'Facetry-Revision': 'Opaque cursor of the state that answered',
        'Facetry-Budget': 'Time in ms that the question was given',
        'Server-Timing': 'What the evaluation took',
        Link: 'rel="next": the next page',
      },
    },
  },
  problems: ['invalid-xpath', 'query-over-budget', 'cursor-expired'],
} as const satisfies Partial<Route>;

export const discover = route({
  ...common,
  id: 'discover',
  method: 'get',
  path: '/discover',
  summary: 'Discover by XPath',
  ownQuery: {
    schema: questionParameters,
    patterns: [
      {
        name: 'namespaces',
        pattern: '^ns\\.',
        description: '`ns.<prefix>=<namespace>` binds a prefix, beside those of the registered interfaces.',
      },
      {
        name: 'variables',
        pattern: '^var\\.',
        description: '`var.<name>=<text>` gives a variable; `var.<name>:number=5` and `:boolean=true` give typed ones.',
      },
    ],
  },
  async handle(x) {
    const parameters = parametersOf(x.request.url);
    await ask(x, questionOfParameters(parameters), parameters);
  },
});

export const discoverByPost = route({
  ...common,
  id: 'discoverByPost',
  method: 'post',
  asks: true,
  path: '/discover',
  summary: 'Discover by XPath; the question stands in the body',
  query: z.strictObject({ format }),
  body: {
    description: 'The parameters of GET as a form, or the question as JSON.',
    content: { [JSON_TYPE]: questionJson, [FORM]: 'xpath=count(%2Fr%3Aresource)&ns.f=urn%3Af&var.min%3Anumber=4' },
  },
  problems: [...common.problems, 'empty-body', 'request-timeout', 'document-too-large', 'unsupported-media-type'],
  async handle(x) {
    const { request, response, context } = x;
    const { limits, times } = context.settings;
    const { type, charset } = mediaTypeOf(request.headers['content-type'], [JSON_TYPE, FORM]);
    if (charset !== undefined && !/^utf-?8$/.test(charset)) throw new Problem('unsupported-media-type', { detail: 'questions are UTF-8' });
    const body = await readBody(request, response, { limit: limits.questionBytes, limits, times, intake: context.intake });
    await ask(x, type === JSON_TYPE ? questionOfJson(body) : questionOfParameters(new URLSearchParams(body.toString('utf8'))));
  },
});

async function ask(
  { response, context, directory, caller, type }: Exchange,
  question: Question,
  parameters?: URLSearchParams,
): Promise<void> {
  const { times } = context.settings;
  // Nobody waits for the answer any more: stop working on it.
  const gone = new AbortController();
  response.on('close', () => response.writableFinished || gone.abort());
  const answer = await directory.discover(caller, question, gone.signal);

  if (answer.revision !== undefined) response.setHeader('Facetry-Revision', answer.revision);
  response.setHeader('Facetry-Budget', `time=${Math.min(question.budgetMs ?? times.query, times.query)}`);
  response.setHeader('Server-Timing', `query;dur=${answer.ms.toFixed(3)}`);
  response.setHeader('Cache-Control', 'no-cache');
  if (answer.type === 'nodeset' && parameters !== undefined) linkNext(response, '/discover', parameters, answer.next);
  await streamText(response, utf8(type), isJson(type) ? answerJson(answer) : answerXml(answer), times);
}
