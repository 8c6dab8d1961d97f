/**
 * XML patch: a document and a `<diff>` → the changed document (RFC 5261; media type of RFC 7351). Operations are done in order,
 * each on what the one before has left, and all or none.
 *
 *     <diff xmlns:f="urn:f"><replace sel="*\/f:hw/f:cpu/text()">8</replace></diff>
 *
 * The root element is `diff` in any namespace, or in none; its operations are in the same one. What `sel` selects is found by
 * whoever calls, since XPath is not this room's business: names without a prefix are in the patch's default namespace (§4.2.1).
 */
import { decodeDocument } from '../decode.js';
import { applyOperation } from './apply.js';
import { patchProblem } from './errors.js';
import type { Located, SelectNode } from './located.js';
import { type Operation, operationsOf } from './operation.js';
import { type PatchDocument, readPatchTree } from './tree.js';
import { writePatchTree } from './write.js';

export type { Located, SelectNode } from './located.js';
export type { PatchAttribute, PatchDocument, PatchElement, PatchNode } from './tree.js';

/** Throws Problem `invalid-patch` with the condition's name as rule, `not-well-formed`, `doctype-refused`, … */
export function applyPatch(document: string, patch: Uint8Array, select: SelectNode): string {
  const operations = operationsOf(readPatchTree(decodeDocument(patch)));
  const tree = readPatchTree(document);
  for (const operation of operations) applyOperation(tree, operation, locate(tree, operation, select));
  return writePatchTree(tree);
}

function locate(tree: PatchDocument, { sel, namespaces, element }: Operation, select: SelectNode): Located {
  const found = select(tree, sel, namespaces);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const many = found.length === 0 ? 'selects nothing' : `selects ${found.length} nodes`;
  throw patchProblem('unlocated-node', `"${sel}" ${many}`, element.place);
}
