/** collect/: what do the delegates give, is it a facet, and who waits for whom? */
export { type Collector, createCollector } from './collector.js';
export { type KeptFacet, readFacets } from './read-facets.js';
