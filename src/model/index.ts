/**
 * model/: what do we talk about? Types and small pure helpers; knows no XML parser, no store, no HTTP.
 */
export * from './commit.js';
export * from './interface.js';
export * from './limits.js';
export * from './meta.js';
export * from './name.js';
export * from './namespaces.js';
export * from './nearest.js';
export * from './problem.js';
export * from './resource.js';
export * from './scope.js';
