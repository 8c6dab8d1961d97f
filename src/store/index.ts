/**
 * store/: what is true, and since when? `store.ts` is the contract every driver stands behind, `open.ts` chooses a
 * driver by URL. Knows nothing of XML, scopes or HTTP: a document is bytes with an id and a revision.
 */
export type { Accept, BaseXState, ForeignChange, WhenAway } from './basex/options.js';
export { openStore } from './open.js';
export type { HistoryBounds, StoreEvent, StoreOptions } from './options.js';
export type { Conflict, Store, Supports, WriteResult } from './store.js';
