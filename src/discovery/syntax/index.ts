export type * from './ast.js';
export { type Complaint, invalidXPath } from './invalid.js';
export { SYNTAX_LIMITS, type SyntaxLimits } from './limits.js';
export { AXES, parseXPath } from './parse.js';
