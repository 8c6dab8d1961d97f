/** Facets as objects of generated types, out of resources and into them. */
import { DOMParser, type Element as DomElement, XMLSerializer } from '@xmldom/xmldom';
import { nameKey } from '../../model/index.js';
import type { ResourceDocument } from '../facets.js';
import { readElements, readLeaf, type SourceChild } from './read.js';
import type { FacetType } from './types.js';
import { writeElement } from './write.js';

/** Where the facet itself remembers its prefix and, if it is a leaf, its text. */
const OWN: unique symbol = Symbol('facetry facet');

/**
 * A facet as an object of its type; undefined when the resource has none. It may have been published by a schema other than the
 * types are made of: what they do not know is kept, and written again.
 *
 * @example facet(await directory.get('cnaf'), Site)?.quota?.vcpus
 */
export function facet<T>(resource: ResourceDocument | { read(): ResourceDocument } | undefined, type: FacetType<T>): T | undefined {
  const document = resource !== undefined && 'read' in resource ? resource.read() : resource;
  const found = document?.facets.find(({ name }) => nameKey(name) === nameKey(type.name));
  return found && readFacet(found.element, type);
}

export function readFacet<T>(element: DomElement, type: FacetType<T>): T {
  const prefix = element.prefix ?? '';
  const { content } = type;
  if (typeof content === 'object' && 'fields' in content) {
    const object = readElements(element, content);
    (object as { [OWN]?: SourceChild })[OWN] = { prefix };
    return object as T;
  }
  return readLeaf(element, content).value as T;
}

/** Wherever the facet will stand: there may be a default namespace, so one is declared by whatever needs it. */
const OUTSIDE: ReadonlyMap<string, string> = new Map([['', '\u0000']]);

/** The facet as an element by itself. */
export function writeFacet<T>(type: FacetType<T>, value: T, around?: { readonly prefix: string } & Partial<SourceChild>): string {
  const own = typeof value === 'object' && value !== null ? (value as { [OWN]?: SourceChild })[OWN] : undefined;
  const prefixOf = (ns: string) => type.prefixes[ns] ?? `ns${Object.keys(type.prefixes).length}`;
  const prefix = own?.prefix ?? around?.prefix ?? type.prefix;
  return writeElement({ ...type.name, prefix }, value, type.content, around, OUTSIDE, prefixOf);
}

/** The document with this facet in it, in place of the one it had; undefined: without. */
export function documentWith<T>(xml: string, type: FacetType<T>, value: T | undefined): string {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  const root = document.documentElement as DomElement;
  const old = Array.from(root.childNodes).find(
    (node): node is DomElement =>
      node.nodeType === 1 && (node as DomElement).namespaceURI === type.name.ns && (node as DomElement).localName === type.name.local,
  );
  if (value === undefined) {
    if (old !== undefined) root.removeChild(old);
    return new XMLSerializer().serializeToString(document);
  }
  const leaf = typeof type.content === 'object' && 'fields' in type.content ? undefined : type.content;
  const before = old === undefined ? undefined : { prefix: old.prefix ?? '', ...(leaf === undefined ? {} : readLeaf(old, leaf).source) };
  const written = new DOMParser().parseFromString(writeFacet(type, value, before), 'application/xml').documentElement as DomElement;
  const imported = document.importNode(written, true);
  if (old === undefined) root.appendChild(imported);
  else root.replaceChild(imported, old);
  return new XMLSerializer().serializeToString(document);
}
