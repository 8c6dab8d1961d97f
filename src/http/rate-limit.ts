import type { RequestHandler } from 'express';
import { rateLimit as limiter } from 'express-rate-limit';
import { OPEN_CALLER } from '../directory/index.js';
import { Problem } from '../model/index.js';
import { stateOf } from './context.js';
import type { HttpOptions } from './options.js';

/** At most so many requests a window from one caller; callers who have not said who they are count by address. */
export function rateLimit({ windowMs, requests }: NonNullable<HttpOptions['rateLimit']>): RequestHandler {
  return limiter({
    windowMs,
    limit: requests,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => {
      const { caller = OPEN_CALLER } = stateOf(request);
      return caller === OPEN_CALLER ? `address ${request.socket.remoteAddress}` : `principal ${caller.principal}`;
    },
    validate: false,
    handler: (_request, _response, next) =>
      next(
        new Problem('too-many-requests', { detail: `at most ${requests} requests in ${windowMs / 1000} s`, retryAfter: windowMs / 1000 }),
      ),
  });
}
