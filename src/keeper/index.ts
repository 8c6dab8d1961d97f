/**
 * keeper/: what does this node offer? Finds the delegates on it and runs each so that it harms nobody. Knows no store and no discovery.
 */
export { type Check, type Conformance, testDelegate } from './conformance.js';
export { type DelegateSources, discoverDelegates } from './found/index.js';
export type { Discovery, FoundDelegate, RefusedDelegate } from './found-delegate.js';
export { DelegateFailure } from './runtime/index.js';
