/**
 * Policy data beside a document: who keeps which facet, for how long it holds without renewal. It is no part of the XML,
 * of the canonical form or of any entity tag; the store carries it as JSON text and does not look into it.
 *
 *     { "by": "ops",
 *       "facets": { "Q{urn:facetry:host}host": { "principal": "node-7", "manager": "keeper", "since": 1764000000000,
 *                                                "updated": 1764000060000, "ttl": 60, "renewed": 5123000 } } }
 */
import type { NameKey } from './name.js';

/** Who writes: the principal a token stands for, and the program it says it is (header `Facetry-Manager`). */
export interface Owner {
  readonly principal: string;
  readonly manager: string;
}

export interface FacetMeta extends Owner {
  /** ms since the epoch: when this owner took the facet */
  readonly since: number;
  /** ms since the epoch: when the facet's content last changed */
  readonly updated: number;
  /** seconds the facet stays fresh after each renewal; absent: for ever */
  readonly ttl?: number;
  /** directory time (ms, see `directory/lease/clock.ts`) of the write that gave this ttl; renewals since then are kept beside the store */
  readonly renewed?: number;
}

export interface ResourceMeta {
  /** principal that created it */
  readonly by?: string;
  /** digests of the Idempotency-Key (with its principal) and of the body that created it */
  readonly key?: { readonly key: string; readonly body: string };
  /** see `keyOf`: absent for the first resource with its id */
  readonly twin?: number;
  readonly facets: Readonly<Record<NameKey, FacetMeta>>;
}

const NONE: ResourceMeta = { facets: {} };

/** Stored text → meta; a document published before there was any has none. */
export function parseMeta(text: string | undefined): ResourceMeta {
  return text === undefined || text === '' ? NONE : (JSON.parse(text) as ResourceMeta);
}
