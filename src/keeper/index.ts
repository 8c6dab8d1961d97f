/**
 * keeper/: what does this node offer? Finds the delegates on it, runs each so that it harms nobody, and keeps what they give in a
 * directory (`run.ts`). Knows no store and no discovery.
 */
export type { Composition, Refusal } from './compose/index.js';
export { ConfigFault, type KeeperConfig, readConfigFile, type SecretReference } from './config/index.js';
export { type Check, type Conformance, testDelegate } from './conformance.js';
export type { KeeperEvent, OnKeeperEvent } from './events.js';
export { type DelegateSources, discoverDelegates } from './found/index.js';
export type { Discovery, FoundDelegate, RefusedDelegate } from './found-delegate.js';
export { type PlannedFacet, type PlannedResource, type Preview, preview } from './preview.js';
export { type Inputs, watchInputs } from './run/inputs.js';
export { createKeeper, type Keeper, type KeeperOptions, type Outcome } from './run.js';
export { DelegateFailure } from './runtime/index.js';
export { NO_SPOOL, openSpool, type Spool } from './spool.js';
export type { ResourceState } from './state.js';
