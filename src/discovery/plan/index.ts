/**
 * discovery/plan/: how is the question answered? Syntax tree → plan → operators over columns. See sieve.ts for the heart of it.
 */
export { compile } from './compile.js';
export { DEFAULT_BUDGET } from './meter.js';
export { stringValue } from './string-value.js';
