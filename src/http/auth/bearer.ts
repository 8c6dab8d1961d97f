import type { IncomingMessage } from 'node:http';
import { Problem } from '../../model/index.js';

/** `b64token` of RFC 6750 §2.1. The scheme's case does not count (RFC 9110 §11.1). */
const BEARER = /^bearer +([\w.~+/-]{1,16384}=*) *$/i;

/** The token that a request brings in its header. Addresses end up in logs, so `access_token` in a query is not read. */
export function bearerOf({ headers }: IncomingMessage): string {
  const { authorization } = headers;
  if (authorization === undefined) {
    throw new Problem('unauthorized', { detail: 'the request brings no token', hint: 'send the header Authorization: Bearer TOKEN' });
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) {
    throw new Problem('unauthorized', {
      detail: 'the header Authorization holds no bearer token',
      hint: 'write Authorization: Bearer TOKEN',
    });
  }
  return token;
}
