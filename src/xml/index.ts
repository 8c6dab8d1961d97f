/**
 * xml/: are these bytes a valid resource? Bytes → text → one reading against the model → canonical form → validation of that very form.
 * Knows no store, no scopes of callers, no HTTP.
 */
export type { Accepted } from './accepted.js';
export { assembleParts, type CanonicalParts, type FacetPart, partsOf, sameFacet, simpleElement } from './canonical-parts.js';
export { type DecodeOptions, decodeDocument } from './decode.js';
export { escapeAttribute, escapeText } from './escape.js';
export { type Import1gOptions, type Imported1g, import1g } from './import-1g.js';
export { indent } from './indent.js';
export { type InlineDocument, inlineDocument } from './inline.js';
export { type JsonElement, type ResourceJson, resourceFromJson, resourceJson } from './json-form.js';
export { STRUCTURE_LIMITS } from './limits.js';
export { RULES, type Rule } from './model-rules.js';
export type { Located, PatchDocument, PatchElement, PatchNode, SelectNode } from './patch/index.js';
export { applyPatch } from './patch/index.js';
export {
  createXmlPool,
  type PreparedSchemas,
  type ReadOptions,
  type ReadPiece,
  type ReadResult,
  type XmlPoolOptions,
  type XmlReader,
} from './pool.js';
export type { Position } from './positions.js';
export * from './schema-model/index.js';
export {
  checkSchemas,
  type InspectedSchema,
  type InterfaceReport,
  inspectSchema,
  SCHEMA_LIMITS,
  type Schema,
  type SchemaReport,
} from './schema-registry.js';
export { type Piece, type SplitOptions, splitResources } from './split-resources.js';
export { readTree, type TreeElement } from './tree.js';
