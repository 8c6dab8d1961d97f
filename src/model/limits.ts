/** Bounds on one document, configurable per deployment; going over is `limit-exceeded` or `document-too-large`. */
export interface DocumentLimits {
  /** Bytes of the document as sent. */
  readonly bytes: number;
  /** Element depth, the root being 1. */
  readonly depth: number;
  /** Elements in the document. */
  readonly elements: number;
}

export const DOCUMENT_LIMITS: DocumentLimits = { bytes: 1024 * 1024, depth: 64, elements: 20_000 };
