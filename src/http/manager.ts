import { Problem } from '../model/index.js';

export const MANAGER_NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;

/** The program that writes, as header `Facetry-Manager` names it; undefined: it does not say. */
export function managerOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && MANAGER_NAME.test(header)) return header;
  throw new Problem('bad-request', {
    detail: 'Facetry-Manager is one name of at most 128 printable ASCII characters',
    hint: 'for example: Facetry-Manager: keeper-site-a',
  });
}
