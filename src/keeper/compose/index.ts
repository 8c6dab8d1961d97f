/** compose/: which delegate makes which facet of which resource, and in what order? */
export { notFound } from './claims.js';
export { compose } from './compose.js';
export type { Composition, Refusal, ResourcePlan, Task } from './plan.js';
