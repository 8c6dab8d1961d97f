import type { ExpandedName } from './name.js';
import type { Scope } from './scope.js';

/** A resource id: any non-blank string up to 1024 characters without control characters; immutable. */
export type ResourceId = string & { readonly __brand?: 'ResourceId' };

/**
 * What the store keeps a resource under: its id. Where scopes that do not see each other use one id for different resources, the
 * second and further ones have `id U+0001 number`: an id has no control characters, so the two never meet.
 */
export type ResourceKey = ResourceId;

const TWIN = '\u0001';

export function keyOf(id: ResourceId, twin: number): ResourceKey {
  return twin === 0 ? id : `${id}${TWIN}${twin}`;
}

/** The id that a key's document bears and clients know. */
export function publicId(key: ResourceKey): ResourceId {
  const end = key.indexOf(TWIN);
  return end < 0 ? key : key.slice(0, end);
}

/** 0 for the first resource with its id. */
export function twinNumber(key: ResourceKey): number {
  return key.length === publicId(key).length ? 0 : Number(key.slice(publicId(key).length + 1));
}

/**
 * A facet inside a canonical document. `start` and `end` are offsets into `Resource.xml`
 * (UTF-16 code units): the facet's element as it stands there, whose prefixes are bound on the root.
 */
export interface FacetSpan {
  readonly name: ExpandedName;
  readonly prefix: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A valid resource: what `xml/` hands to everyone else, who never checks it again.
 *
 *     { id: 'ghn-1', name: 'node24', scopes: ['/gcube'], facets: [{ name: {ns:'urn:f',local:'hw'}, … }],
 *       xml: '<resource xmlns="…" xmlns:f="urn:f" id="ghn-1"><name>node24</name>…</resource>' }
 */
export interface Resource {
  readonly id: ResourceId;
  readonly name?: string;
  readonly description?: string;
  readonly scopes: readonly Scope[];
  readonly facets: readonly FacetSpan[];
  /** The canonical serialisation; see `xml/canonical.ts` for the form. */
  readonly xml: string;
}
