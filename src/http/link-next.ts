import type { Response } from 'express';

/** `Link: </resources?limit=10&cursor=…>; rel="next"` (RFC 8288) */
export function linkNext(response: Response, path: string, parameters: URLSearchParams, next: string | undefined): void {
  if (next === undefined) return;
  parameters.set('cursor', next);
  response.setHeader('Link', `<${path}?${parameters}>; rel="next"`);
}
