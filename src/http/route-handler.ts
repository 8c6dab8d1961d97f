/** What the table promises for every route, done in one place: readiness, identity, path, query, form of the answer. */
import type { Request, RequestHandler, Response } from 'express';
import { type Caller, OPEN_CALLER } from '../directory/index.js';
import { Problem } from '../model/index.js';
import { toBeAudited } from './audit.js';
import { isOperator, narrowed, onlyReads } from './auth/rights.js';
import { type HttpContext, stateOf } from './context.js';
import { negotiate } from './negotiate.js';
import { check, readQuery } from './query.js';
import { callerKey } from './rate-limit.js';
import { ClientGone } from './read-body.js';
import { openParts, type Route } from './route.js';

/**
 * First: may this request go on at all? Nothing of it has been read yet but its headers. In this order: is there room for it,
 * is the directory ready, who asks (and from an address that has not just guessed), may that one do such a thing at all.
 */
export function admit(context: HttpContext, route: Route): RequestHandler {
  const { load, failures, settings } = context;
  const { authenticate, guarded } = settings;
  const writes = route.method !== 'get' && route.asks !== true;

  /** Knows the caller; throws when that one must not go on. */
  const enter = (request: Request, response: Response, known: Caller) => {
    const state = stateOf(request);
    // The client may have gone while its token was looked at; nobody would then say that the request is over.
    if (response.closed) throw new ClientGone();
    state.caller = known;
    state.caller = narrowed(known, request.headers['facetry-scope'] as string | undefined);
    if (writes && onlyReads(known)) {
      throw new Problem('forbidden', { detail: `${known.principal} may only read`, hint: 'writing needs the role publisher or admin' });
    }
    if (route.operators === 'only' && guarded && !isOperator(state.caller)) {
      throw new Problem('forbidden', { detail: 'this is about the directory as a whole', hint: 'it needs the role admin, without scopes' });
    }
    if (load !== undefined && route.always === undefined) load.enter(state, callerKey(request, guarded), route.lasts);
  };

  return (request, response, next) => {
    const state = stateOf(request);
    state.route = route.path;
    if (route.always) {
      if (!guarded || route.operators === undefined) return next();
      if (route.operators === 'more' && (request.headers.authorization === undefined || !request.url.includes('?'))) return next();
    } else {
      if (writes || route.accounted) toBeAudited(request, state, route.id);
      load?.check();
      requireReady(context);
    }
    failures?.check(request);
    try {
      const caller = authenticate(request);
      if (!(caller instanceof Promise)) {
        enter(request, response, caller);
        return next();
      }
      return caller.then(
        (known) => {
          enter(request, response, known);
          next();
        },
        (error) => {
          failures?.note(request, error);
          throw error;
        },
      );
    } catch (error) {
      failures?.note(request, error);
      throw error;
    }
  };
}

export function handle(context: HttpContext, route: Route): RequestHandler {
  const [first, second] = openParts(route);
  // What a request without a query means does not change from one to the next.
  const none = route.query?.safeParse({});
  return (request, response) => {
    const key = partOf(request, first, route.key);
    const part = partOf(request, second, route.part);
    const query =
      route.query === undefined ? {} : none?.success && !request.url.includes('?') ? none.data : readQuery(route.query, request.url);
    const type = negotiate(request, route.produces);
    const caller = stateOf(request).caller ?? OPEN_CALLER;
    return route.handle({ request, response, context, directory: context.directory, caller, key, part, query, type });
  };
}

function partOf(request: Request, name: string | undefined, schema: Route['key']): string {
  if (name === undefined) return '';
  const given = request.params[name] as string;
  return schema === undefined ? given : check(schema, given);
}

function requireReady({ directory, settings }: HttpContext): void {
  const { phase, done, total } = directory.state;
  if (phase === 'ready') return;
  if (phase === 'starting') {
    throw new Problem('starting', {
      // how much there is, is nothing for strangers
      ...(settings.guarded ? {} : { detail: `${done} of ${total} resources are loaded` }),
      hint: 'ask /readyz; it answers 200 once the directory is ready',
      retryAfter: 1,
    });
  }
  throw new Problem('store-unavailable', { detail: 'the directory is shutting down', retryAfter: 5 });
}
