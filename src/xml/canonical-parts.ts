/**
 * Where the parts of a canonical document stand. Reads nothing but the canonical form (`canonical.ts`): it was checked before.
 *
 *     <resource xmlns="…" xmlns:f="urn:f" id="a1">  <name>n1</name>  <scope>/a</scope>  <f:hw><f:cpu>4</f:cpu></f:hw>  </resource>
 *     └────────────────── open ──────────────────┘  └─── name ────┘  └── scopes[0] ───┘  └───────── facets[0] ───────┘
 *
 * The text of a part is a slice of the document, so that putting slices together again is a document.
 */
import { type ExpandedName, type NameKey, nameKey, type Scope } from '../model/index.js';
import { qualified } from './canonical.js';
import { escapeText } from './escape.js';

export interface FacetPart {
  readonly name: ExpandedName;
  readonly key: NameKey;
  readonly xml: string;
}

export interface CanonicalParts {
  /** the root's start tag */
  readonly open: string;
  /** prefix of the resource namespace, '' for the default */
  readonly rootPrefix: string;
  /** what the root declares, prefix → namespace; '' is the default */
  readonly bindings: ReadonlyMap<string, string>;
  /** the whole elements; '' when absent */
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly Scope[];
  readonly facets: readonly FacetPart[];
}

const ATTRIBUTE = /\s([^\s=>/]+)="([^"]*)"/y;

export function partsOf(xml: string): CanonicalParts {
  const opened = endOfTag(xml, 0);
  const tag = nameOfTag(xml, 0);
  const rootPrefix = prefixOf(tag);
  const bindings = declarationsIn(xml, tag.length + 1);
  const scopes: Scope[] = [];
  const facets: FacetPart[] = [];
  let name = '';
  let description = '';
  for (let at = opened + 1; xml.charCodeAt(at + 1) !== SLASH; ) {
    const end = endOfElement(xml, at);
    const text = xml.slice(at, end);
    const child = nameOfTag(xml, at);
    const prefix = prefixOf(child);
    const local = prefix === '' ? child : child.slice(prefix.length + 1);
    const ns = declarationsIn(xml, at + child.length + 1).get(prefix) ?? bindings.get(prefix) ?? '';
    if (ns !== bindings.get(rootPrefix)) facets.push({ name: { ns, local }, key: nameKey({ ns, local }), xml: text });
    else if (local === 'scope') scopes.push(text.slice(text.indexOf('>') + 1, text.lastIndexOf('<')) as Scope);
    else if (local === 'name') name = text;
    else description = text;
    at = end;
  }
  return { open: xml.slice(0, opened + 1), rootPrefix, bindings, name, description, scopes, facets };
}

/** The document that these parts are. Canonical when they are those of a canonical document, some of them left out or doubled. */
export function assembleParts(parts: CanonicalParts): string {
  const scopes = parts.scopes.map((scope) => simpleElement(parts.rootPrefix, 'scope', scope)).join('');
  const facets = parts.facets.map(({ xml }) => xml).join('');
  return `${parts.open}${parts.name}${parts.description}${scopes}${facets}</${qualified(parts.rootPrefix, 'resource')}>`;
}

export function simpleElement(rootPrefix: string, local: 'name' | 'description' | 'scope', text: string): string {
  const tag = qualified(rootPrefix, local);
  return `<${tag}>${escapeText(text)}</${tag}>`;
}

/** Do two facets of the same name say the same? Their texts, and what the prefixes in them mean. */
export function sameFacet(before: CanonicalParts, after: CanonicalParts, a: FacetPart, b: FacetPart): boolean {
  if (a.xml !== b.xml) return false;
  if (before.open === after.open) return true;
  for (const [, prefix] of a.xml.matchAll(/([^\s<>:"'/=]+):/g)) {
    if (before.bindings.get(prefix as string) !== after.bindings.get(prefix as string)) return false;
  }
  return true;
}

const SLASH = 0x2f;

function nameOfTag(xml: string, at: number): string {
  let end = at + 1;
  for (;;) {
    const code = xml.charCodeAt(end);
    if (code === 0x20 || code === 0x3e || code === SLASH || code === 0x0a || code === 0x09) return xml.slice(at + 1, end);
    end++;
  }
}

function prefixOf(qname: string): string {
  const colon = qname.indexOf(':');
  return colon < 0 ? '' : qname.slice(0, colon);
}

/** The namespace declarations from here to the end of the tag. */
function declarationsIn(xml: string, from: number): Map<string, string> {
  const found = new Map<string, string>();
  ATTRIBUTE.lastIndex = from;
  for (let match = ATTRIBUTE.exec(xml); match !== null; match = ATTRIBUTE.exec(xml)) {
    const [, name, value] = match as unknown as [string, string, string];
    if (name === 'xmlns') found.set('', unescaped(value));
    else if (name.startsWith('xmlns:')) found.set(name.slice(6), unescaped(value));
  }
  return found;
}

const REFERENCES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&amp;': '&',
  '&#9;': '\t',
  '&#10;': '\n',
  '&#13;': '\r',
};

function unescaped(value: string): string {
  return value.includes('&') ? value.replace(/&[^;]+;/g, (reference) => REFERENCES[reference] ?? reference) : value;
}

/** Place of the `>` of the tag that begins at `at`. */
function endOfTag(xml: string, at: number): number {
  for (let end = at + 1; ; end++) {
    const code = xml.charCodeAt(end);
    if (code === 0x3e) return end;
    if (code === 0x22) end = xml.indexOf('"', end + 1);
  }
}

/** Place behind the element that begins at `at`. */
function endOfElement(xml: string, at: number): number {
  let depth = 0;
  for (let tag = at; ; tag = xml.indexOf('<', tag + 1)) {
    const end = endOfTag(xml, tag);
    if (xml.charCodeAt(tag + 1) === SLASH) depth--;
    else if (xml.charCodeAt(end - 1) !== SLASH) depth++;
    if (depth === 0) return end + 1;
    tag = end;
  }
}
