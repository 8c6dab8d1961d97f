/**
 * Where do resources refer to others, and does each reference lead somewhere? In the shipped facets an element whose name ends in
 * `Ref` holds the id of a resource, as does `supersedes` of an implementation; `vaultRef` names a secret and no resource.
 */
import { readTree, type TreeElement } from '../xml/index.js';

export interface Reference {
  /** the id it names */
  readonly to: string;
  /** such as `cluster:cluster/cluster:siteRef` */
  readonly path: string;
}

const SHIPPED = 'urn:facetry:';
const CLUSTER = 'urn:facetry:cluster';
const IMPLEMENTATION = 'urn:facetry:implementation';
/** Most documents have none, and are not read again for that. */
const MAY_HAVE = /Ref>|supersedes>/;

/** Of a canonical document. A cluster that is released is history: what it was made with may be gone. */
export function referencesOf(xml: string): readonly Reference[] {
  if (!MAY_HAVE.test(xml)) return [];
  const facets = readTree(Buffer.from(xml)).children.filter(({ ns }) => ns.startsWith(SHIPPED));
  return facets.filter((facet) => !isReleased(facet)).flatMap((facet) => inside(facet, ''));
}

function inside(element: TreeElement, above: string): readonly Reference[] {
  const path = above === '' ? element.name : `${above}/${element.name}`;
  if (element.children.length > 0) return element.children.flatMap((child) => inside(child, path));
  return isReference(element) && element.text !== '' ? [{ to: element.text, path }] : [];
}

function isReference({ ns, local }: TreeElement): boolean {
  return (ns.startsWith(SHIPPED) && local.endsWith('Ref') && local !== 'vaultRef') || (ns === IMPLEMENTATION && local === 'supersedes');
}

function isReleased({ ns, children }: TreeElement): boolean {
  return ns === CLUSTER && children.some(({ local, text }) => local === 'status' && text === 'released');
}
