/** What happens to every request before its route and after its answer. */
import type { RequestHandler } from 'express';
import { type HttpContext, setState, stateOf } from './context.js';
import { screen } from './screen.js';
import { securityHeaders } from './security-headers.js';

const REQUEST_ID = /^[\w.~:+/=@-]{1,128}$/;
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
/** Answers differ by these, so caches must keep them apart. */
const VARY = 'Accept, Accept-Encoding, Facetry-Scope';

export function begin(context: HttpContext): RequestHandler {
  const fixed = [...securityHeaders(), ['Vary', varyOf(context)] as const];
  const { onEvent, newRequestId, times } = context.settings;

  return (request, response, next) => {
    const started = performance.now();
    const { headers, socket } = request;
    const given = headers['x-request-id'] as string | undefined;
    const id = given !== undefined && REQUEST_ID.test(given) ? given : newRequestId();
    setState(request, { id, started, linger: times.linger });
    const leave = context.inFlight.add(response);
    // Asked afterwards, a closed socket no longer knows.
    const remote = socket.remoteAddress;

    for (const [name, value] of fixed) response.setHeader(name, value);
    response.setHeader('X-Request-Id', id);
    if (context.draining) response.setHeader('Connection', 'close');

    response.on('close', () => {
      leave();
      // A body nobody wanted is read and thrown away, so that the client gets to see the answer; but not for long.
      if (!request.complete && !socket.destroyed) setTimeout(() => request.complete || socket.destroy(), times.linger).unref();
      const state = stateOf(request);
      const { route, caller, audit } = state;
      context.load?.leave(state);
      const query = request.originalUrl.indexOf('?');
      const trace = headers.traceparent as string | undefined;
      onEvent({
        kind: 'request',
        id,
        method: request.method,
        ...(route === undefined ? {} : { route }),
        path: query < 0 ? request.originalUrl : request.originalUrl.slice(0, query),
        status: response.statusCode,
        ms: performance.now() - started,
        ...(caller === undefined ? {} : { principal: caller.principal }),
        ...(remote === undefined ? {} : { remote }),
        ...(trace !== undefined && TRACE_PARENT.test(trace) ? { trace } : {}),
        ...(audit === undefined ? {} : { audit }),
        aborted: !response.writableFinished || response.errored !== null,
      });
    });
    screen(request, context.settings);
    next();
  };
}

function varyOf({ settings }: HttpContext): string {
  return [VARY, settings.guarded ? 'Authorization' : '', settings.cors.length > 0 ? 'Origin' : ''].filter(Boolean).join(', ');
}
