import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { rateLimit as limiter } from 'express-rate-limit';
import { Problem } from '../model/index.js';
import { stateOf } from './context.js';
import { addressOf } from './failures.js';
import type { HttpOptions } from './options.js';

/** At most so many requests a window from one caller; callers who have not said who they are count by address. */
export function rateLimit({ windowMs, requests }: NonNullable<HttpOptions['rateLimit']>, guarded: boolean): RequestHandler {
  return limiter({
    windowMs,
    limit: requests,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (request) => callerKey(request, guarded),
    validate: false,
    handler: (_request, _response, next) =>
      next(
        new Problem('too-many-requests', { detail: `at most ${requests} requests in ${windowMs / 1000} s`, retryAfter: windowMs / 1000 }),
      ),
  });
}

/** Whom limits count: a principal where callers are known, else an address. */
export function callerKey(request: IncomingMessage, guarded: boolean): string {
  return guarded ? `principal ${stateOf(request).caller?.principal}` : `address ${addressOf(request)}`;
}
