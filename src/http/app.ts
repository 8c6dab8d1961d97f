/** The table of routes, put to work by express. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { Problem } from '../model/index.js';
import { begin } from './begin.js';
import { compress } from './compress.js';
import { type HttpContext, stateOf } from './context.js';
import { cors, preflight } from './cors.js';
import { sendProblem } from './problem-response.js';
import { rateLimit } from './rate-limit.js';
import type { Route } from './route.js';
import { admit, handle } from './route-handler.js';
import { sendEmpty } from './write-answer.js';

export function createApp(context: HttpContext, table: readonly Route[]): Express {
  const { settings } = context;
  const app = express();
  // Tags are ours, the query is read by the routes, and one address has one spelling.
  app.disable('x-powered-by').disable('etag').set('query parser', false).enable('strict routing').enable('case sensitive routing');

  app.use(begin(context));
  if (settings.cors.length > 0) {
    app.use((request, response, next) => {
      cors(settings.cors, request, response);
      next();
    });
  }
  if (settings.compression) app.use(compress());

  const limit: readonly RequestHandler[] = settings.rateLimit === undefined ? [] : [rateLimit(settings.rateLimit, settings.guarded)];
  for (const path of new Set(table.map((row) => row.path))) {
    const rows = table.filter((row) => row.path === path);
    const at = app.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const row of rows) at[row.method](admit(context, row), ...(row.always ? [] : limit), handle(context, row));
    at.all(otherMethods(rows));
  }
  app.use((request) => {
    throw new Problem('not-found', {
      detail: `nothing lives at ${request.path.slice(0, 200)}`,
      hint: 'GET /openapi.json lists what there is',
    });
  });
  app.use(problems(context));
  return app;
}

/** OPTIONS tells what an address takes; what it does not take is refused by name. X-HTTP-Method-Override and its like are not read. */
function otherMethods(rows: readonly Route[]): RequestHandler {
  const methods = rows.map((row) => row.method.toUpperCase());
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  return (request, response) => {
    stateOf(request).route = (rows[0] as Route).path;
    response.setHeader('Allow', allow);
    if (request.method !== 'OPTIONS')
      throw new Problem('method-not-allowed', { detail: `${request.method} is not taken here`, hint: `use one of ${allow}` });
    preflight(request, response, allow);
    sendEmpty(response, 204);
  };
}

function problems(context: HttpContext): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const { id } = stateOf(request);
    sendProblem(request, response, error, id, (fault) => context.settings.onEvent({ kind: 'fault', id, error: fault }));
  };
}
