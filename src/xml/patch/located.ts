import type { PatchAttribute, PatchDocument, PatchElement, PatchNode } from './tree.js';

/** What `sel` found: a node with the element it is in, an attribute, or a namespace declaration in scope of an element. */
export type Located =
  | { readonly kind: 'node'; readonly node: PatchNode; readonly parent: PatchElement | undefined }
  | { readonly kind: 'attribute'; readonly element: PatchElement; readonly attribute: PatchAttribute }
  | { readonly kind: 'namespace'; readonly element: PatchElement; readonly prefix: string }
  | { readonly kind: 'root' };

/** Evaluates `sel`; every node it selects. Throws Problem `invalid-xpath` or `query-over-budget`. */
export type SelectNode = (document: PatchDocument, sel: string, namespaces: ReadonlyMap<string, string>) => readonly Located[];
