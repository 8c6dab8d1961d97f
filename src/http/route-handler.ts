/** What the table promises for every route, done in one place: readiness, identity, path, query, form of the answer. */
import type { RequestHandler } from 'express';
import { OPEN_CALLER } from '../directory/index.js';
import { Problem } from '../model/index.js';
import { type HttpContext, stateOf } from './context.js';
import { negotiate } from './negotiate.js';
import { check, readQuery } from './query.js';
import type { Route } from './route.js';

/** First: may this request go on at all? Nothing of it has been read yet but its headers. */
export function admit(context: HttpContext, route: Route): RequestHandler {
  const { authenticate } = context.settings;
  return (request, _response, next) => {
    const state = stateOf(request);
    state.route = route.path;
    if (route.always) return next();
    requireReady(context);
    const caller = authenticate(request);
    if (!(caller instanceof Promise)) {
      state.caller = caller;
      return next();
    }
    return caller.then((known) => {
      state.caller = known;
      next();
    });
  };
}

export function handle(context: HttpContext, route: Route): RequestHandler {
  const open = /\{(\w+)\}$/.exec(route.path)?.[1];
  // What a request without a query means does not change from one to the next.
  const none = route.query?.safeParse({});
  return (request, response) => {
    const given = open === undefined ? '' : (request.params[open] as string);
    const key = route.key === undefined ? given : check(route.key, given);
    const query =
      route.query === undefined ? {} : none?.success && !request.url.includes('?') ? none.data : readQuery(route.query, request.url);
    const type = negotiate(request, route.produces);
    const caller = stateOf(request).caller ?? OPEN_CALLER;
    return route.handle({ request, response, context, directory: context.directory, caller, key, query, type });
  };
}

function requireReady({ directory }: HttpContext): void {
  const { phase, done, total } = directory.state;
  if (phase === 'ready') return;
  if (phase === 'starting') {
    throw new Problem('starting', {
      detail: `${done} of ${total} resources are loaded`,
      hint: 'ask /readyz; it answers 200 once the directory is ready',
      retryAfter: 1,
    });
  }
  throw new Problem('store-unavailable', { detail: 'the directory is shutting down', retryAfter: 5 });
}
