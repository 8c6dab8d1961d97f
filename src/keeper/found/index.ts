/** found/: which delegates are there on this node? Looks into folders and packages, asks each what it provides, refuses the unsafe. */
export { type DelegateSources, discoverDelegates } from './discover.js';
export { sourcesStamp } from './sources-stamp.js';
