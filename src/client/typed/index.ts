/** client/typed/: facets as objects whose types were made of their schemas. */
export { facet, readFacet, writeFacet } from './facet.js';
export { type ContentItem, type ElementsType, type FacetType, type FieldType, facetType, type QName, type SimpleType } from './types.js';
