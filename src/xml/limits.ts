/**
 * Bounds on the structure of a document that nobody needs to configure: real documents stay far below, and above them parsers
 * (ours and libxml2, which stops at names of 50 000 bytes and 256 levels) spend time out of proportion to the bytes.
 */
export const STRUCTURE_LIMITS = {
  /** attributes and namespace declarations of one element */
  attributes: 256,
  /** characters of an element's or attribute's name, prefix included */
  nameLength: 1024,
  /** characters of a namespace name */
  namespaceLength: 2048,
  /** prefixes that the canonical root declares */
  prefixes: 512,
  /** element depth that `DocumentLimits.depth` may not exceed */
  depth: 256,
  /** characters of a resource id */
  idLength: 1024,
} as const;

/** Violations of one document that are told apart; the rest is only counted. */
export const MAX_VIOLATIONS = 100;
