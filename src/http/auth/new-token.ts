import { randomBytes } from 'node:crypto';
import { digestOf } from './tokens-file.js';

/** What scanners for secrets that got out can recognise. */
const PREFIX = 'facetry_';

/** 256 random bits, and what the file keeps of them. */
export function newToken(random: (size: number) => Buffer = randomBytes): { readonly token: string; readonly sha256: string } {
  const token = PREFIX + random(32).toString('base64url');
  return { token, sha256: digestOf(token) };
}
