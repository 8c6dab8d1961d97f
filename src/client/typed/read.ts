import { type Element as DomElement, XMLSerializer } from '@xmldom/xmldom';
import { type Lookup, parseSimple } from './simple.js';
import type { ContentItem, ElementsType, FieldType, SimpleType } from './types.js';

/** How an element was written: kept with the object that was read from it, where programs do not meet it. */
export const SOURCE: unique symbol = Symbol('facetry source');

/** A child as it stood: a field's, or (key undefined) one that the type does not name. */
export interface SourceChild {
  readonly key?: string;
  readonly prefix: string;
  readonly xml?: string;
  /** of a leaf: its text, and what that was read as */
  readonly text?: string;
  readonly value?: unknown;
  /** what the prefix of a text like `p:x` is bound to there */
  readonly binding?: string;
}

export interface Source {
  readonly children: readonly SourceChild[];
}

export type Sourced = Record<string, unknown> & { [SOURCE]?: Source };

export function readElements(element: DomElement, type: ElementsType): Sourced {
  const object: Sourced = {};
  const content: ContentItem[] = [];
  const children: SourceChild[] = [];
  const fields = new Map(type.fields.map((field) => [`${field.ns} ${field.local}`, field]));
  if (type.ordered !== true) for (const { key, many } of type.fields) if (many === true) object[key] = [];
  for (const child of Array.from(element.childNodes).filter((node): node is DomElement => node.nodeType === 1)) {
    const field = fields.get(`${child.namespaceURI ?? ''} ${child.localName ?? ''}`);
    const prefix = child.prefix ?? '';
    // A second one where the type has one is kept, and not shown.
    if (field === undefined || (type.ordered !== true && field.many !== true && field.key in object)) {
      const xml = new XMLSerializer().serializeToString(child);
      if (type.ordered === true) content.push({ xml });
      children.push({ prefix, xml });
      continue;
    }
    const { value, source } = readValue(child, field.type);
    if (type.ordered === true) content.push({ key: field.key, value });
    else if (field.many === true) (object[field.key] as unknown[]).push(value);
    else object[field.key] = value;
    children.push({ key: field.key, prefix, ...source });
  }
  if (type.ordered === true) object.content = content;
  object[SOURCE] = { children };
  return object;
}

export function readValue(
  element: DomElement,
  type: FieldType['type'],
): { readonly value: unknown; readonly source: Pick<SourceChild, 'text' | 'value' | 'binding'> } {
  if (typeof type === 'function') return { value: readElements(element, type()), source: {} };
  return readLeaf(element, type);
}

export function readLeaf(element: DomElement, type: SimpleType) {
  const text = element.textContent ?? '';
  const lookup: Lookup = (prefix) => element.lookupNamespaceURI(prefix === '' ? null : prefix) ?? undefined;
  const value = parseSimple(type, text, lookup);
  const prefix = /^\s*([\w.-]+):[\w.-]+\s*$/.exec(text)?.[1];
  const binding = prefix === undefined ? undefined : lookup(prefix);
  return { value, source: { text, value, ...(binding === undefined ? {} : { binding }) } };
}
