import { SOURCE, type Source, type SourceChild, type Sourced } from './read.js';
import { formatSimple, isQName, sameSimple } from './simple.js';
import type { ContentItem, ElementsType, FieldType, SimpleType } from './types.js';

/** Prefixes in force around an element, prefix → namespace. */
export type Scope = ReadonlyMap<string, string>;
/** Prefix for a namespace that is written anew. */
export type PrefixOf = (ns: string) => string;

/** One element, with the declarations it needs in that scope. */
export function writeElement(
  name: { readonly ns: string; readonly local: string; readonly prefix: string },
  value: unknown,
  type: FieldType['type'] | ElementsType,
  source: Partial<SourceChild> | undefined,
  scope: Scope,
  prefixOf: PrefixOf,
): string {
  const tag = name.prefix === '' ? name.local : `${name.prefix}:${name.local}`;
  const inner = new Map(scope);
  let declared = declare(inner, name.prefix, name.ns);
  const elements = typeof type === 'function' ? type() : isElements(type) ? type : undefined;
  let inside: string;
  if (elements !== undefined)
    inside = writeChildren((value ?? {}) as Sourced, elements, inner, (ns) => (ns === name.ns ? name.prefix : prefixOf(ns)));
  else {
    const leaf = writeLeaf(value, source, prefixOf);
    if (leaf.binding !== undefined) declared += declare(inner, leaf.binding[0], leaf.binding[1]);
    inside = escaped(leaf.text);
  }
  return inside === '' ? `<${tag}${declared}/>` : `<${tag}${declared}>${inside}</${tag}>`;
}

function isElements(type: SimpleType | ElementsType): type is ElementsType {
  return typeof type === 'object' && 'fields' in type;
}

function declare(scope: Map<string, string>, prefix: string, ns: string): string {
  if (prefix === 'xml' || (scope.get(prefix) ?? '') === ns) return '';
  scope.set(prefix, ns);
  return prefix === '' ? ` xmlns="${attribute(ns)}"` : ` xmlns:${prefix}="${attribute(ns)}"`;
}

/** What has not changed is written as it was. */
function writeLeaf(value: unknown, source: Partial<SourceChild> | undefined, prefixOf: PrefixOf) {
  if (source?.text !== undefined && sameSimple(source.value, value)) {
    const prefix = source.text.trim().split(':')[0];
    return { text: source.text, binding: source.binding === undefined ? undefined : ([prefix, source.binding] as const) };
  }
  if (!isQName(value)) return { text: formatSimple(value), binding: undefined };
  const prefix = value.prefix ?? (value.ns === '' ? '' : prefixOf(value.ns));
  return { text: formatSimple({ ...value, prefix }), binding: [prefix, value.ns] as const };
}

/** A child that is to be written, with how it was written before. */
interface Child {
  readonly key?: string;
  readonly value?: unknown;
  readonly xml?: string;
  readonly source?: SourceChild;
}

function writeChildren(object: Sourced, type: ElementsType, scope: Scope, prefixOf: PrefixOf): string {
  const source = object[SOURCE];
  const children = type.ordered === true ? ordered(object, source) : arranged(object, type, source);
  const fields = new Map(type.fields.map((field) => [field.key, field]));
  return children
    .map(({ key, value, xml, source: before }) => {
      if (key === undefined) return xml ?? '';
      const field = fields.get(key);
      if (field === undefined) throw new TypeError(`there is no element "${key}" here`);
      const prefix = before?.prefix ?? (field.ns === '' ? '' : prefixOf(field.ns));
      return writeElement({ ns: field.ns, local: field.local, prefix }, value, field.type, before, scope, prefixOf);
    })
    .join('');
}

function ordered(object: Sourced, source: Source | undefined): Child[] {
  const content = (object.content ?? []) as readonly ContentItem[];
  return content.map((item, k) => {
    const before = source?.children[k];
    return { ...item, ...(before?.key === item.key && before !== undefined ? { source: before } : {}) };
  });
}

/** In the order of the type; or, when there are the same elements as before, in the order they had. */
function arranged(object: Sourced, type: ElementsType, source: Source | undefined): Child[] {
  const before = source?.children ?? [];
  const fresh = type.fields.flatMap(({ key, many }): Child[] => {
    const value = object[key];
    if (value === undefined) return [];
    const known = before.filter((child) => child.key === key);
    const values = many === true ? (value as readonly unknown[]) : [value];
    return values.map((one, k) => ({ key, value: one, ...(known[k] === undefined ? {} : { source: known[k] }) }));
  });
  const others = before.flatMap((child): Child[] => (child.key === undefined && child.xml !== undefined ? [{ xml: child.xml }] : []));
  const same = before.filter(({ key }) => key !== undefined).length === fresh.length && fresh.every((child) => child.source !== undefined);
  if (!same) return [...fresh, ...others];
  const place = new Map(before.map((child, k) => [child, k]));
  const kept = before.flatMap((child, k): (Child & { at: number })[] =>
    child.key === undefined && child.xml !== undefined ? [{ xml: child.xml, at: k }] : [],
  );
  return [...fresh.map((child) => ({ ...child, at: place.get(child.source as SourceChild) ?? 0 })), ...kept].sort((a, b) => a.at - b.at);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;');
}
