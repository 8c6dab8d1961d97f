/**
 * store/: what is true, and since when? This file is the boundary every driver stands behind; it knows nothing
 * of XML, scopes or HTTP. `test/contract/store.ts` says the same in assertions and runs over every driver.
 */

import type { Change, Commit, Expectation, ResourceId, Revision, StoredResource } from '../model/index.js';
import type { ForeignChange } from './basex/options.js';
import type { Reports } from './basex/reports.js';

/** Which parts of the contract a driver keeps; a suite skips the others and says so. */
export interface Supports {
  /** acknowledged writes survive kill -9 and power loss */
  readonly durable: boolean;
  /** `backup` works while the store is written */
  readonly onlineBackup: boolean;
  /** a second opener of the same data is refused */
  readonly exclusive: boolean;
}

/** Why a write was not done. The store is unchanged by it. */
export interface Conflict {
  readonly id: ResourceId;
  readonly expected: Expectation | undefined;
  /** what the store holds instead; absent: no such resource */
  readonly actual?: Revision;
}

export type WriteResult =
  | { readonly ok: true; readonly revision: Revision }
  | { readonly ok: false; readonly conflicts: readonly Conflict[] };

export interface Store {
  readonly supports: Supports;

  /**
   * Applies all changes as one commit or none. Resolves only when the commit is durable. The documents are handed over:
   * subscribers get the same bytes, so nobody may change them afterwards.
   * Removing what is not there is a conflict. A write without changes makes no commit; one that changes a resource
   * twice is refused (Problem `bad-request`). Revisions are gapless in the order of commits; writes
   * submitted together may share an fsync, but each is a commit of its own and fails alone.
   * Rejects with Problem `disk-full` or `store-unavailable` when it could not be made durable: then it did not happen.
   */
  write(changes: readonly Change[]): Promise<WriteResult>;

  get(id: ResourceId): Promise<StoredResource | undefined>;

  /** The last commit's revision; 0 when empty. */
  revision(): Promise<Revision>;

  /**
   * Commits with a revision > `after`, in order, at most `limit` and fewer when they are large; none only when there is
   * nothing newer. Undefined when history no longer reaches back to `after`, or `after` has not been (another store, or
   * an older state of this one): then read `resources()` and go on from its revision.
   */
  commits(after: Revision, limit: number): Promise<readonly Commit[] | undefined>;

  /**
   * Called, in order, for each commit after it is durable and before its `write` resolves. Returns the unsubscriber.
   * A listener that throws is reported (event `listener-failed`) and harms neither the write nor the other listeners.
   */
  subscribe(listener: (commit: Commit) => void): () => void;

  /**
   * Everything, as of one revision, in publication order (created, createdSeq); in batches so that a reader
   * can build while it reads. Writes go on meanwhile and are not seen. A reader that takes no batch for long
   * loses its place (Problem `store-unavailable`).
   */
  resources(): Promise<{ readonly revision: Revision; readonly count: number; readonly batches: AsyncIterable<readonly StoredResource[]> }>;

  /**
   * Looks whether other tools have changed what the store holds outside of itself, and settles it; what it found. Only where an
   * XML database holds the documents. Rejects with Problem `store-unavailable` while that is away.
   */
  readonly resync?: () => Promise<readonly ForeignChange[]>;

  /** XQuery over the documents; only where an XML database holds them. */
  readonly reports?: Reports;

  /** A consistent copy of the store into a new file or folder; refuses to overwrite. */
  backup(target: string, onProgress?: (done: number, total: number) => void): Promise<void>;

  /** Integrity of the store's own data (checksums, revision sequence); resource contents are checked by the caller. */
  check(): AsyncIterable<{ readonly id?: ResourceId; readonly message: string }>;

  /** Finishes accepted writes, then closes. Later calls reject. */
  close(): Promise<void>;
}
