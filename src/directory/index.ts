/**
 * directory/: in what order does it happen? `publish.ts` and `discover.ts` are the two flows, from the caller's bytes or
 * text to the answer; `open.ts` puts the rooms behind them together. Knows no HTTP and no command line.
 */

export type { ForeignChange } from '../store/index.js';
export { DISCOVERY_BUDGET, type DiscoveryBudget } from './budget.js';
export { checkDirectory, type Finding } from './check.js';
export type { FacetDescription, MetaDescription } from './describe-meta.js';
export * from './directory.js';
export type { DirectoryEvent } from './events.js';
export type { RenewedLease, RenewOptions } from './lease/renew.js';
export { type DirectoryOptions, openDirectory } from './open.js';
export { OPEN_CALLER } from './open-caller.js';
export type { CorpusReading, InvalidResource } from './registry/corpus.js';
export { publishesIn } from './rights.js';
export type { ChangesOptions } from './watch/changes.js';
export type { Changes, VisibleChange, WatchEvent, WatchFigures, WatchOptions, WatchQuestion } from './watch/contract.js';
