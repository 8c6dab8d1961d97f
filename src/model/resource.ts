import type { ExpandedName } from './name.js';
import type { Scope } from './scope.js';

/** A resource id: any non-blank string up to 1024 characters without control characters; immutable. */
export type ResourceId = string & { readonly __brand?: 'ResourceId' };

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
