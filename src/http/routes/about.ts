/** What is this? For people who open the address, and programs that want to know what they may ask. */
import { z } from 'zod';
import { PROBLEMS, Problem } from '../../model/index.js';
import { type Exchange, type Route, route } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';
import { text } from '../xml-text.js';

const LINKS = [
  ['/resources', 'the resources, page by page'],
  ['/discover?xpath=count(/r:resource)', 'a question in XPath: how many are there?'],
  ['/interfaces', 'the registered facet interfaces'],
  ['/openapi.json', 'every route, its parameters and answers'],
  ['/readyz?verbose', 'how the directory feels'],
] as const;
const WHAT = 'A directory of computational resources: publish XML documents made of facets, discover them by XPath.';

function asText(version: string): string {
  return `facetry ${version}\n${WHAT}\n\n${LINKS.map(([path, what]) => `  ${path.padEnd(40)} ${what}`).join('\n')}\n`;
}

function asHtml(version: string): string {
  const links = LINKS.map(([path, what]) => `<li><a href="${text(path)}">${text(path)}</a>: ${text(what)}</li>`).join('\n');
  return `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>facetry</title></head>\n<body>\n<h1>facetry ${text(version)}</h1>\n<p>${text(WHAT)}</p>\n<ul>\n${links}\n</ul>\n</body>\n</html>\n`;
}

export const about = route({
  id: 'about',
  method: 'get',
  path: '/',
  tag: 'service',
  summary: 'What is this?',
  always: true,
  query: z.strictObject({}),
  produces: ['text/plain', 'text/html'],
  answers: { 200: { description: 'A few words and links.', content: { 'text/plain': 'facetry', 'text/html': '<!doctype html>' } } },
  problems: [],
  handle({ response, context, type }) {
    const { version } = context.settings;
    sendWhole(response, utf8(type), type === 'text/html' ? asHtml(version) : asText(version));
  },
});

export const explainProblem = route({
  id: 'explainProblem',
  method: 'get',
  path: '/problems/{code}',
  tag: 'service',
  summary: 'What does a problem code mean? `type` of a problem leads here',
  always: true,
  key: z.string().meta({ description: 'The code, as `code` of a problem names it.' }),
  query: z.strictObject({}),
  produces: ['text/plain', 'text/html'],
  answers: {
    200: {
      description: 'The code, its status and its meaning.',
      content: { 'text/plain': 'not-found (404): There is no such resource\n', 'text/html': '<!doctype html>' },
    },
  },
  problems: ['not-found'],
  handle({ response, key, type }) {
    if (!Object.hasOwn(PROBLEMS, key)) throw new Problem('not-found', { detail: 'there is no such problem code' });
    const [status, title] = PROBLEMS[key as keyof typeof PROBLEMS];
    const line = `${key} (${status}): ${title}`;
    sendWhole(
      response,
      utf8(type),
      type === 'text/html'
        ? `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${text(key)}</title></head>\n<body><p>${text(line)}</p></body>\n</html>\n`
        : `${line}\n`,
    );
  },
});

/** The table of routes describes itself; it is handed in because it contains this row. */
export function openapi(table: () => readonly Route[]): Route {
  // Made when first asked for: it takes longer than anything else here, and nearly nobody asks.
  let document: string | undefined;
  return route({
    id: 'openapi',
    method: 'get',
    path: '/openapi.json',
    tag: 'service',
    summary: 'This description',
    always: true,
    query: z.strictObject({}),
    produces: ['application/json'],
    answers: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': z.looseObject({ openapi: z.string() }) } } },
    problems: [],
    async handle({ response, context, type }: Exchange) {
      if (document === undefined) {
        const { openApiOf } = await import('../openapi.js');
        document = JSON.stringify(openApiOf(table(), context.settings.version, context.settings.guarded), null, 1);
      }
      sendWhole(response, utf8(type), document);
    },
  });
}
