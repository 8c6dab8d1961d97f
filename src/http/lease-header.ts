/**
 * `Facetry-TTL`, the lease of what a write stores, in seconds:
 *
 *     Facetry-TTL: 60                        every facet of the write
 *     Facetry-TTL: 60, f:hw=120              all of them 60, this one 120
 *     Facetry-TTL: Q{urn:f}hw=none           this one for ever, the others as they were
 */
import type { LeaseWish } from '../directory/index.js';
import { type NameKey, nameKey, Problem } from '../model/index.js';
import { facetName } from './facet-name.js';

/** Ten years: longer is for ever. */
const LONGEST = 315_360_000;
const HINT = 'write Facetry-TTL: 60, or Facetry-TTL: 60, prefix:name=120, Q{namespace}name=none';

export function leaseOfHeader(header: string | undefined, prefixes: Readonly<Record<string, string>>): LeaseWish | undefined {
  if (header === undefined) return undefined;
  let ttl: number | null | undefined;
  const facets: Record<NameKey, number | null> = {};
  for (const item of header.split(/,(?![^{]*\})/)) {
    const match = /^\s*(?:(Q\{[^{}]*\}[^=\s]+|[^=\s]+)\s*=\s*)?(\d{1,9}|none)\s*$/.exec(item);
    if (match === null)
      throw new Problem('bad-request', { detail: `Facetry-TTL cannot be read at "${item.trim().slice(0, 100)}"`, hint: HINT });
    const [, name, value] = match;
    const seconds = value === 'none' ? null : Number(value);
    if (seconds !== null && (seconds < 1 || seconds > LONGEST)) {
      throw new Problem('bad-request', { detail: `a TTL is between 1 and ${LONGEST} seconds`, hint: HINT });
    }
    if (name !== undefined) facets[nameKey(facetName(name, prefixes))] = seconds;
    else if (ttl === undefined) ttl = seconds;
    else throw new Problem('bad-request', { detail: 'Facetry-TTL gives the TTL of all facets twice', hint: HINT });
  }
  return { ...(ttl === undefined ? {} : { ttl }), facets };
}
