/** `basex://user@host:port/database`; the port may be left out (1984). The password never stands there. */
import { Problem } from '../../model/index.js';
import type { Address } from './session.js';

const FORM = 'basex://user@host:port/database';

/** Throws Problem `bad-request`. The name of the database becomes part of queries, so it is letters, digits, `_` and `-` only. */
export function readAddress(rest: string): Address {
  const found = /^\/\/([^:@/?#]+)@(\[[0-9a-f:.]+\]|[^:@/?#[\]]+)(?::(\d{1,5}))?\/([A-Za-z0-9_-]{1,64})$/i.exec(rest);
  const port = Number(found?.[3] ?? 1984);
  if (found === null || port < 1 || port > 65_535)
    throw new Problem('bad-request', {
      detail: `basex:${rest} does not say where the database is.`,
      hint: `Write ${FORM}, the database's name of letters, digits, _ and -, such as basex://facetry@127.0.0.1:1984/facetry.`,
    });
  const [, user, host, , database] = found as unknown as [string, string, string, string, string];
  return { user: decodeURIComponent(user), host: host.replace(/^\[|\]$/g, ''), port, database };
}

export function shown({ user, host, port, database }: Address): string {
  return `basex://${user}@${host}:${port}/${database}`;
}
