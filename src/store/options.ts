import type { Problem, Revision } from '../model/index.js';
import type { BaseXOptions, BaseXState, ForeignChange } from './basex/options.js';

/** How much of the past is kept for readers that resume; whichever bound is met first. The last commit is always kept. */
export interface HistoryBounds {
  /** applied changes */
  readonly changes: number;
  /** bytes of their documents */
  readonly bytes: number;
}

export const HISTORY: HistoryBounds = { changes: 200_000, bytes: 256 * 1024 * 1024 };

/** What happens inside a store, for logs, metrics and tests. */
export type StoreEvent =
  | { readonly kind: 'opened'; readonly revision: Revision; readonly file: string }
  /** one durable group of writes; `ms` from handing it to the driver until it was on disk */
  | { readonly kind: 'group'; readonly writes: number; readonly ms: number }
  | { readonly kind: 'unavailable'; readonly problem: Problem }
  | { readonly kind: 'available' }
  /** a subscriber threw; the commit stands and the other subscribers were called */
  | { readonly kind: 'listener-failed'; readonly revision: Revision; readonly error: unknown }
  /** the XML database under the journal went away, or is back */
  | ({ readonly kind: 'basex' } & BaseXState)
  /** the XML database is made anew from the journal; resources */
  | { readonly kind: 'basex-rebuild'; readonly done: number; readonly total: number }
  /** a document in the XML database was changed by other tools */
  | ({ readonly kind: 'basex-foreign' } & ForeignChange)
  | { readonly kind: 'closed' };

export interface StoreOptions {
  readonly history?: Partial<HistoryBounds>;
  /** The clock, in ms since the epoch. A commit is never dated before the one it follows. */
  readonly now?: () => number;
  readonly observe?: (event: StoreEvent) => void;
  /** A reader of `resources()` that takes no batch for this long loses its snapshot (ms, default 60 000). */
  readonly snapshotIdleMs?: number;
  /** for `basex:` */
  readonly basex?: BaseXOptions;
}
