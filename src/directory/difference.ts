/** What a write changes of a resource, in the terms of the model: rights, ownership and audit go by it. */
import type { NameKey, Scope } from '../model/index.js';
import { type CanonicalParts, type FacetPart, sameFacet } from '../xml/index.js';

export interface Difference {
  /** name, description or foreign attributes of the root */
  readonly head: boolean;
  readonly scopesAdded: readonly Scope[];
  readonly scopesRemoved: readonly Scope[];
  readonly facetsAdded: readonly NameKey[];
  readonly facetsReplaced: readonly NameKey[];
  readonly facetsRemoved: readonly NameKey[];
}

/** `before` undefined: the resource is new. `after` undefined: it goes. */
export function differenceOf(before: CanonicalParts | undefined, after: CanonicalParts | undefined): Difference {
  const old = facetsOf(before);
  const fresh = facetsOf(after);
  return {
    head: headOf(before) !== headOf(after),
    scopesAdded: without(after?.scopes, before?.scopes),
    scopesRemoved: without(before?.scopes, after?.scopes),
    facetsAdded: [...fresh.keys()].filter((key) => !old.has(key)),
    facetsRemoved: [...old.keys()].filter((key) => !fresh.has(key)),
    facetsReplaced: [...fresh].flatMap(([key, facet]) => {
      const elder = old.get(key);
      return elder === undefined || sameFacet(before as CanonicalParts, after as CanonicalParts, elder, facet) ? [] : [key];
    }),
  };
}

function facetsOf(parts: CanonicalParts | undefined): ReadonlyMap<NameKey, FacetPart> {
  return new Map((parts?.facets ?? []).map((facet) => [facet.key, facet]));
}

/** Attributes are told apart from declarations, which change with the facets. */
function headOf(parts: CanonicalParts | undefined): string {
  if (parts === undefined) return '';
  return parts.open.replace(/ xmlns(?::[^=]*)?="[^"]*"/g, '') + parts.name + parts.description;
}

function without<T>(some: readonly T[] = [], others: readonly T[] = []): T[] {
  return some.filter((one) => !others.includes(one));
}
