/** Is it alive, has it started, may it be sent work? Texts for people and probes, JSON for programs. */
import { z } from 'zod';
import { healthShape } from '../answers/shapes.js';
import { isOperator } from '../auth/rights.js';
import type { Check } from '../check.js';
import { type HttpContext, stateOf } from '../context.js';
import { isJson } from '../negotiate.js';
import { flag, format } from '../query.js';
import { type Exchange, type Route, route } from '../route.js';
import { sendWhole, utf8 } from '../write-answer.js';

function checksOf({ directory, draining, settings }: HttpContext): readonly Check[] {
  const { phase, done, total, revision } = directory.state;
  const loaded = total === 0 ? 'nothing to load yet' : `${done} of ${total} resources loaded (${Math.floor((100 * done) / total)} %)`;
  return [
    { name: 'store', ok: phase === 'starting' || phase === 'ready', detail: `directory is ${phase}` },
    { name: 'columns', ok: phase === 'ready', detail: phase === 'starting' ? loaded : `at revision ${revision}` },
    { name: 'http', ok: !draining, detail: draining ? 'draining: no new work' : 'taking requests' },
    ...settings.checks(),
  ];
}

function statusOf({ directory, draining }: HttpContext): 'ok' | 'starting' | 'draining' | 'closed' {
  const { phase } = directory.state;
  if (phase === 'starting') return 'starting';
  return phase === 'closed' ? 'closed' : draining || phase === 'closing' ? 'draining' : 'ok';
}

/** What is fine and what is not; how much there is, and why not, is for operators. */
function forStrangers(checks: readonly Check[]): readonly Check[] {
  return checks.map(({ name, ok }) => ({ name, ok, detail: ok ? 'fine' : 'not now' }));
}

function answer({ request, response, context, query, type }: Exchange<{ verbose: boolean }>, ok: boolean): void {
  const status = statusOf(context);
  const all = checksOf(context);
  const checks = !context.settings.guarded || isOperator(stateOf(request).caller) ? all : forStrangers(all);
  response.statusCode = ok ? 200 : 503;
  if (!ok) response.setHeader('Retry-After', '1');
  response.setHeader('Cache-Control', 'no-store');
  // Whoever is told to wait wants to know for what.
  const lines = query.verbose || !ok ? checks.map(({ name, ok: fine, detail }) => `${fine ? '[+]' : '[-]'} ${name}: ${detail}\n`) : [];
  sendWhole(response, utf8(type), isJson(type) ? JSON.stringify({ status, checks }) : `${lines.join('')}${status}\n`);
}

function probe(id: string, summary: string, answers: Route['answers'], isOk: (context: HttpContext) => boolean): Route {
  return route({
    id,
    method: 'get',
    path: `/${id}`,
    tag: 'service',
    summary,
    always: true,
    operators: 'more',
    query: z.strictObject({ verbose: flag('Say more, check by check.'), format }),
    produces: ['text/plain', 'application/json'],
    answers,
    problems: [],
    handle: (x) => answer(x, isOk(x.context)),
  });
}

const shape = { 'text/plain': 'ok\n', 'application/json': healthShape };
const yes = { 200: { description: 'Yes.', content: shape } };
const yesOrNo = { ...yes, 503: { description: 'Not now; how far it has come is in the answer.', content: shape } };
const ready = ({ directory, draining }: HttpContext) => directory.state.phase === 'ready' && !draining;

export const livez = probe('livez', 'Does the process answer at all?', yes, () => true);
export const startupz = probe('startupz', 'Has it started?', yesOrNo, ({ directory }) => directory.state.phase !== 'starting');
export const readyz = probe('readyz', 'May it be sent work? Only once the columns have reached the revision of the store', yesOrNo, ready);
export const healthz = probe('healthz', 'As readyz, under the name that many probes look for', yesOrNo, ready);
