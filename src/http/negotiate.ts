import type { Request } from 'express';
import { Problem } from '../model/index.js';

/** What an answer can be said in. XML stands first: it is what a caller without wishes gets. */
export const ANSWER_TYPES = ['application/xml', 'text/xml', 'application/json'] as const;
const PROBLEM_TYPES = ['application/problem+xml', 'application/xml', 'text/xml', 'application/problem+json', 'application/json'];

/** The best of `offers` (ours, in our order of liking) for this caller: `?format=` before `Accept` (RFC 9110 §12.5.1). */
export function negotiate(request: Request, offers: readonly string[]): string {
  const wished = formatOf(request.url);
  if (wished !== undefined) {
    const found = offers.find((offer) => offer.endsWith(wished));
    if (found === undefined) throw notAcceptable(`the format "${wished}" is not to be had here`, offers);
    return found;
  }
  const accept = request.headers.accept;
  if (accept === undefined || accept === '*/*' || accept === offers[0]) return offers[0] as string;
  const best = request.accepts(offers as string[]);
  if (best === false) throw notAcceptable('none of the accepted media types can be produced', offers);
  return best;
}

/** Problems are always said, in XML to those who accept neither of our forms. */
export function problemType(request: Request): 'application/problem+xml' | 'application/problem+json' {
  const format = formatOf(request.url);
  const best = format ?? (request.headers.accept === undefined ? 'xml' : request.accepts(PROBLEM_TYPES) || 'xml');
  return best.endsWith('json') ? 'application/problem+json' : 'application/problem+xml';
}

export function isJson(type: string): boolean {
  return type.endsWith('json');
}

const FORMAT = /[?&]format=(xml|json)(?:&|$)/;

function formatOf(url: string): string | undefined {
  // No search for most requests: they have no query.
  return url.includes('format=') ? FORMAT.exec(url)?.[1] : undefined;
}

function notAcceptable(detail: string, offers: readonly string[]): Problem {
  return new Problem('not-acceptable', { detail, hint: `accept ${offers.join(' or ')}` });
}
