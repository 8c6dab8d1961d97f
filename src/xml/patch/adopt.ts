/**
 * Content of a patch becomes part of a document: what its names mean stays, how they are written follows the document (RFC 5261
 * §4.2.3). A prefix of the patch gives way to one that the document has for the same namespace; one it has none for is declared.
 */
import { XML_NS } from '../../model/index.js';
import { namespaceAt, namespacesAt, type PatchElement, type PatchNode } from './tree.js';

/** A copy of `node` as a child of `parent` (undefined: beside the root element). */
export function adopt(node: PatchNode, parent: PatchElement | undefined): PatchNode {
  if (node.kind !== 'element') return { ...node };
  const copy: PatchElement = {
    ...node,
    attributes: node.attributes.map((attribute) => ({ ...attribute })),
    declarations: new Map(node.declarations),
    children: [],
    parent,
  };
  copy.prefix = prefixFor(copy, copy.prefix, copy.ns, true);
  for (const attribute of copy.attributes)
    if (attribute.ns !== '') attribute.prefix = prefixFor(copy, attribute.prefix, attribute.ns, false);
  for (const child of node.children) copy.children.push(adopt(child, copy));
  return copy;
}

/** The prefix under which `element` can say this namespace; declares one on it if there is none. */
export function prefixFor(element: PatchElement, wanted: string, ns: string, orDefault: boolean): string {
  if (ns === XML_NS) return 'xml';
  if (ns === '') {
    if (namespaceAt(element, '') !== '') element.declarations.set('', '');
    return '';
  }
  const usable = (prefix: string) => orDefault || prefix !== '';
  if (usable(wanted) && namespaceAt(element, wanted) === ns) return wanted;
  for (const [prefix, bound] of namespacesAt(element)) if (bound === ns && usable(prefix)) return prefix;
  const fresh = freePrefix(element, usable(wanted) ? wanted : 'ns');
  element.declarations.set(fresh, ns);
  return fresh;
}

/** A prefix that the element itself does not declare as something else. */
function freePrefix({ declarations }: PatchElement, wanted: string): string {
  for (let k = 0; ; k++) {
    const prefix = k === 0 ? wanted : `${wanted === '' ? 'ns' : wanted}${k}`;
    if (!declarations.has(prefix)) return prefix;
  }
}
