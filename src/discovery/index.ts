/**
 * discovery/: which nodes match? XPath 1.0 text → plan → operators over columns → nodes. Knows no store and no HTTP, and does
 * no input or output.
 */
export * from './columns/index.js';
export type * from './engine.js';
export { compile, DEFAULT_BUDGET, stringValue } from './plan/index.js';
