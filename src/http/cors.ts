import type { Request, Response } from 'express';

/** What pages of the configured origins may read beyond the few headers that every page may. */
const EXPOSED = 'ETag, Location, Link, Last-Modified, Retry-After, X-Request-Id, Facetry-Revision, Facetry-Budget, Server-Timing';
const ALLOWED =
  'Accept, Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id, Facetry-Scope, Facetry-Manager, Facetry-TTL, Idempotency-Key';

/** Cross-origin reads (Fetch standard, "CORS protocol"), for the configured origins only; credentials are never allowed. */
export function cors(origins: readonly string[], request: Request, response: Response): void {
  const { origin } = request.headers;
  if (origin === undefined || !(origins.includes('*') || origins.includes(origin))) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
}

/** The answer to a preflight, beside `Allow`. */
export function preflight(request: Request, response: Response, methods: string): void {
  if (response.getHeader('Access-Control-Allow-Origin') === undefined || request.headers['access-control-request-method'] === undefined)
    return;
  response.setHeader('Access-Control-Allow-Methods', methods);
  response.setHeader('Access-Control-Allow-Headers', ALLOWED);
  response.setHeader('Access-Control-Max-Age', '600');
}
