/** Which delegates a resource's entries stand for, and who makes which facet. */
import { nearest } from '../../model/index.js';
import type { FacetConfig, ResourceConfig } from '../config/index.js';
import type { FoundDelegate } from '../found-delegate.js';
import type { Refusal } from './plan.js';

export interface Claim {
  readonly delegate: FoundDelegate;
  readonly entry: FacetConfig;
}

/**
 * The delegates of a resource, each once, no two of them with one facet. Who is named goes before who is meant by a pattern,
 * otherwise who comes first; the other one is refused.
 */
export function claimsOf(
  resource: ResourceConfig,
  id: string,
  delegates: readonly FoundDelegate[],
): { readonly claims: readonly Claim[]; readonly refusals: readonly Refusal[] } {
  const refusals: Refusal[] = [];
  const claims: Claim[] = [];
  const refuse = ({ place }: FacetConfig, delegate: string, why: string) => void refusals.push({ resource: id, delegate, why, place });
  const take = (delegate: FoundDelegate, entry: FacetConfig) => {
    const other = claims.find((claim) => claim.delegate.provides.some((facet) => delegate.provides.includes(facet)));
    if (other === undefined) claims.push({ delegate, entry });
    else if (other.delegate.name === delegate.name) refuse(entry, delegate.name, `"${delegate.name}" stands twice in this resource`);
    else {
      const facet = delegate.provides.find((one) => other.delegate.provides.includes(one));
      refuse(entry, delegate.name, `"${delegate.name}" and "${other.delegate.name}" both provide ${facet}: leave one of them out`);
    }
  };
  for (const entry of resource.facets.filter((one) => !isPattern(one.delegate))) {
    const delegate = delegates.find(({ name }) => name === entry.delegate);
    if (delegate === undefined) refuse(entry, entry.delegate, notFound(entry.delegate, delegates));
    else take(delegate, entry);
  }
  for (const entry of resource.facets.filter((one) => isPattern(one.delegate))) {
    const pattern = patternOf(entry.delegate);
    for (const delegate of delegates) {
      const named = claims.some((claim) => claim.delegate.name === delegate.name);
      if (!named && pattern.test(delegate.name)) take(delegate, entry);
    }
  }
  return { claims, refusals };
}

function isPattern(text: string): boolean {
  return text.includes('*');
}

function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

export function notFound(name: string, delegates: readonly FoundDelegate[]): string {
  const names = delegates.map((one) => one.name);
  const near = nearest(name, names);
  const known = names.length === 0 ? 'none was found' : `found: ${names.join(', ')}`;
  return `there is no delegate "${name}" on this node; ${near === undefined ? known : `did you mean "${near}"?`}`;
}
