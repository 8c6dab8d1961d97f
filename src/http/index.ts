/**
 * http/: how is it said in HTTP? Routes, negotiation, conditions, Problem → status, OpenAPI. Knows no XML parser, no store and
 * no XPath: it turns requests into calls of `Directory`, and what that returns or throws into answers.
 *
 *     request → begin (id, screening) → route (who, what, which form) → directory → answer or problem
 */
export { type AuditDetails, auditLine } from './audit.js';
export { type Authenticate, openMode } from './authenticate.js';
export type { Check } from './check.js';
export type { HttpEvent, OnEvent, RequestEvent } from './events.js';
export type { ListenAddress } from './listen-address.js';
export { HTTP_LIMITS, HTTP_TIMES, type HttpLimits, type HttpOptions, type HttpTimes } from './options.js';
export { flag } from './query.js';
export { readJson } from './read-json.js';
export { type Exchange, type Route, route } from './route.js';
export { routes } from './routes/index.js';
export { resourceId } from './routes/writing.js';
export { createServer, type HttpServer } from './server.js';
export { sendEmpty, sendWhole } from './write-answer.js';
