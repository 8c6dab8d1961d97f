import type { FacetSpan } from '../model/index.js';
import { RESOURCE_NS, XML_NS } from '../model/index.js';
import { escapeAttribute, escapeText } from './escape.js';

/**
 * The canonical form of a resource: what is stored, hashed and returned.
 *
 *     <resource xmlns="http://gcube-system.org/namespaces/resource" xmlns:f="urn:f" id="a1"><name>n1</name><scope>/a</scope><f:hw><f:cpu>4</f:cpu></f:hw></resource>
 *
 * - UTF-8 without XML declaration, comments, processing instructions or white space between elements; CDATA is text.
 * - Namespaces are declared on the root, in the order in which the document first uses them, and only those it uses: in the name of an
 *   element or root attribute, in the QName of `name`, or as the prefix of a facet leaf that looks like a QName in scope.
 * - Prefixes are kept; `name`, `description` and `scope` take the prefix of the root.
 * - A prefix bound to a second namespace, and a default namespace other than the root's own, are declared on the element that needs them.
 * - On the root: namespace declarations, `id`, then the foreign attributes sorted by namespace and local name.
 * - Text and values are escaped as `escape.ts` says; an element without content is `<a/>`.
 * - A leaf of a facet keeps its text as it is, also when that is white space only.
 *
 * The form of a canonical document is that document: nothing above depends on how the source declared or laid out anything.
 */
export interface Canonical {
  readonly xml: string;
  readonly facets: readonly FacetSpan[];
}

export interface RootAttribute {
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
  readonly value: string;
}

export interface NameContent {
  /** the QName as written */
  readonly qname: string;
  readonly prefix: string;
  /** what the prefix, or the default namespace, is bound to where it stands */
  readonly ns: string;
  /** prefix of the `name` element itself */
  readonly elementPrefix: string;
}

/** Namespace bindings while a document is written from front to back. */
export interface Bindings {
  readonly root: Map<string, string>;
  /** declarations below the root, innermost last */
  readonly local: { readonly depth: number; readonly prefix: string; readonly ns: string }[];
  /** namespaces ever declared below the root */
  readonly below: Set<string>;
}

export function newBindings(rootPrefix: string): Bindings {
  return { root: new Map([[rootPrefix, RESOURCE_NS]]), local: [], below: new Set() };
}

function lookup(bindings: Bindings, prefix: string): string | undefined {
  for (let k = bindings.local.length - 1; k >= 0; k--) if (bindings.local[k].prefix === prefix) return bindings.local[k].ns;
  return bindings.root.get(prefix);
}

/** Makes `prefix` mean `ns` for the element at `depth`. Returns the declaration that element must carry, mostly ''. */
export function bind(bindings: Bindings, prefix: string, ns: string, depth: number): string {
  if (prefix === 'xml') return '';
  const current = lookup(bindings, prefix);
  if (current === ns || (current === undefined && ns === '')) return '';
  // The default namespace of facets stays off the root: there it would also catch what has no prefix and no namespace.
  if (current === undefined && prefix !== '') {
    bindings.root.set(prefix, ns);
    return '';
  }
  bindings.local.push({ depth, prefix, ns });
  bindings.below.add(ns);
  return declaration(prefix, ns);
}

/** Forgets what was declared on the element at `depth` and below. */
export function unbind(bindings: Bindings, depth: number): void {
  const { local } = bindings;
  while (local.length > 0 && local[local.length - 1].depth >= depth) local.pop();
}

function declaration(prefix: string, ns: string): string {
  return prefix === '' ? ` xmlns="${escapeAttribute(ns)}"` : ` xmlns:${prefix}="${escapeAttribute(ns)}"`;
}

export function bindAttributes(bindings: Bindings, attributes: readonly RootAttribute[]): RootAttribute[] {
  const sorted = [...attributes].sort((a, b) => (a.ns === b.ns ? compare(a.local, b.local) : compare(a.ns, b.ns)));
  for (const { prefix, ns } of sorted) if (ns !== XML_NS) bindings.root.set(prefix, ns);
  return sorted;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The `name` element. Its content is a QName, so whatever that resolves to must be bound here. */
export function writeName(bindings: Bindings, rootPrefix: string, name: NameContent): string {
  if (name.prefix === '' && name.ns !== '' && !bindings.root.has('')) bindings.root.set('', name.ns);
  // Unprefixed content in another default namespace than an unprefixed root's: only then does `name` need a prefix of its own.
  const clash = name.prefix === '' && rootPrefix === '' && name.ns !== RESOURCE_NS;
  const prefix = clash ? name.elementPrefix : rootPrefix;
  const declarations = bind(bindings, prefix, RESOURCE_NS, 2) + bind(bindings, name.prefix, name.ns, 2);
  unbind(bindings, 2);
  const tag = qualified(prefix, 'name');
  return `<${tag}${declarations}>${escapeText(name.qname)}</${tag}>`;
}

export function writeSimple(rootPrefix: string, local: 'description' | 'scope', text: string): string {
  const tag = qualified(rootPrefix, local);
  return `<${tag}>${escapeText(text)}</${tag}>`;
}

export interface Parts {
  readonly rootPrefix: string;
  readonly bindings: Bindings;
  readonly id: string;
  readonly attributes: readonly RootAttribute[];
  /** written already */
  readonly name: string;
  readonly description: string;
  readonly scopes: string;
  readonly facets: string;
  /** with offsets into `facets` */
  readonly spans: readonly FacetSpan[];
}

export function assemble(parts: Parts): Canonical {
  const tag = qualified(parts.rootPrefix, 'resource');
  let head = `<${tag}`;
  for (const [prefix, ns] of parts.bindings.root) head += declaration(prefix, ns);
  head += ` id="${escapeAttribute(parts.id)}"`;
  for (const { prefix, local, value } of parts.attributes) head += ` ${qualified(prefix, local)}="${escapeAttribute(value)}"`;
  head += `>${parts.name}${parts.description}${parts.scopes}`;
  const shift = head.length;
  const facets = parts.spans.map((span) => ({ ...span, start: span.start + shift, end: span.end + shift }));
  return { xml: `${head}${parts.facets}</${tag}>`, facets };
}

export function qualified(prefix: string, local: string): string {
  return prefix === '' ? local : `${prefix}:${local}`;
}
