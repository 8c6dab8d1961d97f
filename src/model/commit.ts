import type { ResourceId } from './resource.js';

/**
 * A revision is the number of a commit: 1, 2, 3 … without gaps. 0 is the empty directory.
 * Clients are shown opaque cursors instead.
 */
export type Revision = number & { readonly __brand?: 'Revision' };

/** What a stored resource is at some revision. */
export interface StoredResource {
  readonly id: ResourceId;
  /** Canonical XML, UTF-8. */
  readonly xml: Uint8Array;
  /** Policy data beside the document (owners, leases), as JSON text; the store does not look into it. */
  readonly meta?: string;
  /** The commit that wrote this state. */
  readonly revision: Revision;
  /** The commit that first published the id (since its last removal). */
  readonly created: Revision;
  /** Position within that commit; (created, createdSeq) is the publication order. */
  readonly createdSeq: number;
  /** Milliseconds since the epoch of the commits `created` and `revision`. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/**
 * What a writer expects of the resource before its change; anything else is a conflict.
 * `revision` is that of the stored state the writer has read.
 */
export type Expectation = { readonly absent: true } | { readonly revision: Revision };

/** One wish of a writer. Changes of one write are applied all or none. */
export type Change =
  | { readonly kind: 'put'; readonly id: ResourceId; readonly xml: Uint8Array; readonly meta?: string; readonly expect?: Expectation }
  | { readonly kind: 'remove'; readonly id: ResourceId; readonly expect?: Expectation };

/** One applied change, as readers of the change feed see it. */
export type AppliedChange =
  | { readonly kind: 'put'; readonly resource: StoredResource }
  | { readonly kind: 'remove'; readonly id: ResourceId };

/** An atomic step of the directory. Its changes touch each resource at most once. */
export interface Commit {
  readonly revision: Revision;
  /** Milliseconds since the epoch, never smaller than the commit before. */
  readonly at: number;
  readonly changes: readonly AppliedChange[];
}
