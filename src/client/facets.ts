/**
 * Resource documents as objects. Facets hold elements only, so a facet maps onto plain data without loss of meaning:
 *
 *     <h:host xmlns:h="urn:facetry:host">              { hostname: 'node-1',
 *       <h:hostname>node-1</h:hostname>                  address: ['192.0.2.10', '2001:db8::10'],
 *       <h:address>192.0.2.10</h:address>        →       cpu: { cores: '64' } }
 *       <h:address>2001:db8::10</h:address>
 *       <h:cpu><h:cores>64</h:cores></h:cpu>
 *     </h:host>
 *
 * Values stay text, because only a schema could say what is a number. An element that may repeat is an array when it does;
 * `list()` makes one of what may stand alone.
 */
import { DOMParser, type Element as DomElement, type Node as DomNode } from '@xmldom/xmldom';
import xpath from 'xpath';
import { type ExpandedName, nameKey, parseNameKey, RESOURCE_NS } from '../model/index.js';
import { documentWith } from './typed/facet.js';
import type { FacetType } from './typed/types.js';

export type FacetValue = string | FacetObject | readonly FacetValue[];
export interface FacetObject {
  readonly [name: string]: FacetValue;
}

export interface Facet<T = FacetValue> {
  readonly name: ExpandedName;
  readonly value: T;
  /** the facet's element, for XPath and for what an object cannot say */
  readonly element: DomElement;
}

/** A resource document, read. */
export interface ResourceDocument {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly scopes: readonly string[];
  readonly facets: readonly Facet[];
  /**
   * The facet of that name, `Q{urn:facetry:host}host`, `{ ns, local }` or just `host` when only one facet is called so.
   *
   * @example
   * interface Host { readonly hostname: string; readonly address?: string | readonly string[] }
   * const host = resource.facet<Host>('Q{urn:facetry:host}host');
   * host?.value.hostname
   */
  facet<T = FacetValue>(name: string | ExpandedName): Facet<T> | undefined;
  /**
   * Evaluates an XPath 1.0 expression on this document alone. `r` is bound to the resource namespace.
   *
   * @example resource.select('string(//h:hostname)', { h: 'urn:facetry:host' })
   */
  select(expression: string, namespaces?: Readonly<Record<string, string>>): readonly DomNode[] | string | number | boolean;
  /**
   * The document with this facet in place of the one it had; `undefined` takes it out.
   *
   * @example await directory.put(id, resource.with(Site, { ...site, region: 'eu-north' }).xml, { ifMatch: etag })
   */
  with<T>(type: FacetType<T>, value: T | undefined): ResourceDocument;
  readonly xml: string;
}

/** Throws Error when the text is not well-formed or no resource. */
export function readResource(xml: string): ResourceDocument {
  const document = new DOMParser({
    onError: (level, message) => {
      if (level !== 'warning') throw new Error(`the document is not well-formed: ${message}`);
    },
  }).parseFromString(xml, 'application/xml');
  const root = document.documentElement;
  if (root === null || root.namespaceURI !== RESOURCE_NS || root.localName !== 'resource') throw new Error('the document is no resource');
  const parts = elementsOf(root);
  const own = (local: string) =>
    parts.filter((part) => part.namespaceURI === RESOURCE_NS && part.localName === local).map((part) => (part.textContent ?? '').trim());
  const facets: readonly Facet[] = parts
    .filter((part) => part.namespaceURI !== RESOURCE_NS)
    .map((element) => ({ name: nameOf(element), value: facetValue(element), element }));
  const [name] = own('name');
  const [description] = own('description');
  return {
    id: root.getAttribute('id') ?? '',
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    scopes: own('scope'),
    facets,
    facet<T>(wanted: string | ExpandedName) {
      const key = typeof wanted === 'string' ? parseNameKey(wanted) : wanted;
      const found = facets.filter((facet) => (key === undefined ? facet.name.local === wanted : nameKey(facet.name) === nameKey(key)));
      if (found.length > 1) throw new Error(`several facets are called "${String(wanted)}": say which as Q{namespace}${String(wanted)}`);
      return found[0] as Facet<T> | undefined;
    },
    select: (expression, namespaces = {}) =>
      xpath.useNamespaces({ r: RESOURCE_NS, ...namespaces })(expression, document as unknown as Node) as unknown as readonly DomNode[],
    with: (type, value) => readResource(documentWith(xml, type, value)),
    xml,
  };
}

/** An element as data: a leaf is its text; children of one name become an array. */
export function facetValue(element: DomElement): FacetValue {
  const children = elementsOf(element);
  if (children.length === 0) return element.textContent ?? '';
  const grouped = new Map<string, FacetValue[]>();
  for (const child of children) {
    // Children are nearly always in their parent's namespace; others say theirs.
    const key = child.namespaceURI === element.namespaceURI ? (child.localName ?? '') : nameKey(nameOf(child));
    grouped.set(key, [...(grouped.get(key) ?? []), facetValue(child)]);
  }
  return Object.fromEntries([...grouped].map(([key, values]) => [key, values.length === 1 ? (values[0] as FacetValue) : values]));
}

/** What may be missing, stand alone or repeat, as an array. */
export function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function elementsOf(element: DomElement): readonly DomElement[] {
  return Array.from(element.childNodes).filter((node): node is DomElement => node.nodeType === 1);
}

function nameOf(element: DomElement): ExpandedName {
  return { ns: element.namespaceURI ?? '', local: element.localName ?? '' };
}
