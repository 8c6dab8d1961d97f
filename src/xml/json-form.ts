/**
 * A resource as JSON, without loss: XML → JSON → XML gives the same canonical document.
 *
 *     { "namespaces": { "": "http://gcube-system.org/namespaces/resource", "f": "urn:f" },
 *       "id": "a1", "name": "n1", "description": "…", "scopes": ["/a"],
 *       "facets": { "f:hw": { "f:cpu": "4", "f:disk": ["sda", "sdb"], "f:note": "" } } }
 *
 * - Members stand in document order. A leaf is its text, an empty element is "", and what is absent is absent.
 * - Neighbours of one name are an array. Where names alternate, the element is { "#content": [{ "f:a": "1" }, { "f:b": "2" }, { "f:a": "3" }] }.
 * - Namespaces that an element declares by itself are its "@xmlns"; a leaf that has them keeps its text as "#text".
 * - `attributes` are the foreign attributes of the root. Prefixes in texts (QNames) mean what `namespaces` says.
 */
import { isNcName, Problem, RESOURCE_NS, type Violation } from '../model/index.js';
import { escapeAttribute, escapeText } from './escape.js';

export type JsonElement = string | { readonly [name: string]: unknown };

export interface ResourceJson {
  readonly namespaces: Readonly<Record<string, string>>;
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly name?: JsonElement;
  readonly description?: string;
  readonly scopes: readonly string[];
  readonly facets: JsonElement;
}

// ---- XML → JSON -----------------------------------------------------------------------------------------------------------------------

interface Element {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly children: Element[];
  text: string;
}

/** Reads the canonical form and nothing else. */
export function resourceJson(xml: string): ResourceJson {
  const root = elementsOf(xml);
  const namespaces: Record<string, string> = Object.create(null);
  const attributes: Record<string, string> = Object.create(null);
  let id = '';
  for (const [name, value] of root.attributes) {
    if (name === 'xmlns') namespaces[''] = value;
    else if (name.startsWith('xmlns:')) namespaces[name.slice(6)] = value;
    else if (name === 'id') id = value;
    else attributes[name] = value;
  }
  const own = (element: Element) =>
    (declarationsOf(element)[prefixOf(element.name)] ?? namespaces[prefixOf(element.name)] ?? '') === RESOURCE_NS;
  const parts = root.children.filter(own);
  const named = (local: string) => parts.filter(({ name }) => name.slice(name.indexOf(':') + 1) === local);
  const [name] = named('name');
  const [description] = named('description');
  return {
    namespaces,
    id,
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
    ...(name === undefined ? {} : { name: elementValue(name) }),
    ...(description === undefined ? {} : { description: description.text }),
    scopes: named('scope').map(({ text }) => text),
    facets: contentOf(root.children.filter((child) => !own(child))),
  };
}

function elementValue(element: Element): JsonElement {
  const declared = declarationsOf(element);
  const bare = Object.keys(declared).length === 0;
  if (element.children.length === 0) return bare ? element.text : { '@xmlns': declared, '#text': element.text };
  const content = contentOf(element.children);
  return bare ? content : Object.assign(Object.create(null), { '@xmlns': declared }, content);
}

function contentOf(children: readonly Element[]): { readonly [name: string]: unknown } {
  const content: Record<string, unknown> = Object.create(null);
  const groups: (readonly [name: string, values: JsonElement[]])[] = [];
  for (const child of children) {
    const last = groups.at(-1);
    if (last?.[0] === child.name) last[1].push(elementValue(child));
    else groups.push([child.name, [elementValue(child)]]);
  }
  if (new Set(groups.map(([name]) => name)).size < groups.length) {
    content['#content'] = children.map((child) => Object.assign(Object.create(null), { [child.name]: elementValue(child) }));
    return content;
  }
  for (const [name, values] of groups) content[name] = values.length === 1 ? values[0] : values;
  return content;
}

function declarationsOf({ attributes }: Element): Record<string, string> {
  const declared: Record<string, string> = Object.create(null);
  for (const [name, value] of attributes) {
    if (name === 'xmlns') declared[''] = value;
    else if (name.startsWith('xmlns:')) declared[name.slice(6)] = value;
  }
  return declared;
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.slice(0, colon);
}

const TOKEN = /<(\/?)([^\s<>/]+)((?:\s[^\s=>]+="[^"]*")*)(\/?)>|([^<]+)/g;
const ATTRIBUTE = /\s([^\s=]+)="([^"]*)"/g;

function elementsOf(xml: string): Element {
  const top: Element = { name: '', attributes: [], children: [], text: '' };
  const open = [top];
  for (const [, end, name, attributes, empty, text] of xml.matchAll(TOKEN)) {
    const parent = open.at(-1) as Element;
    if (text !== undefined) parent.text += unescaped(text);
    else if (end === '/') open.pop();
    else {
      const found = [...(attributes as string).matchAll(ATTRIBUTE)].map(([, key, value]) => [key, unescaped(value)] as const);
      const element: Element = { name, attributes: found, children: [], text: '' };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  return top.children[0];
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d+)|#x([\da-fA-F]+)|(\w+));/g, (_, decimal, hex, name) =>
    name === undefined ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)) : NAMED[name],
  );
}

// ---- JSON → XML -----------------------------------------------------------------------------------------------------------------------

const MEMBERS = new Set(['namespaces', 'id', 'attributes', 'name', 'description', 'scopes', 'facets', 'etag', 'modified']);
/** Deeper than any document may be. */
const DEEPEST = 300;

/**
 * A document that says what the JSON says; whether that is a valid resource, its reader will tell. `prefixes`: those that need not be
 * declared. Throws Problem `bad-request` when it is no JSON, `invalid-resource` when it is not of the form above.
 */
export function resourceFromJson(text: string, prefixes: Readonly<Record<string, string>>): string {
  const json = parse(text);
  if (!isObject(json)) throw wrong('', 'the document must be an object');
  for (const key of Object.keys(json))
    if (!MEMBERS.has(key)) throw wrong(`/${key}`, `there is no member "${key}"`, `members are ${[...MEMBERS].slice(0, 7).join(', ')}`);
  const namespaces = stringsOf(json.namespaces, '/namespaces');
  const rootPrefix = namespaces[''] === RESOURCE_NS ? '' : Object.keys(namespaces).find((prefix) => namespaces[prefix] === RESOURCE_NS);
  const declared = new Map(rootPrefix === undefined ? [['', RESOURCE_NS], ...Object.entries(namespaces)] : Object.entries(namespaces));
  const own = rootPrefix ?? '';
  const missing = new Set<string>();

  function element(name: string, value: unknown, path: string, depth: number, scope: ReadonlySet<string>): string {
    if (depth > DEEPEST) throw wrong(path, 'this is too deep');
    requireName(name, path);
    if (!isObject(value)) return written(name, '', escapeText(textOf(value, path)), scope, path);
    const local = stringsOf(value['@xmlns'], `${path}/@xmlns`);
    const inner = new Set([...scope, ...Object.keys(local)]);
    const declarations = Object.entries(local)
      .map(([prefix, ns]) => declaration(prefix, ns))
      .join('');
    if ('#text' in value) return written(name, declarations, escapeText(textOf(value['#text'], `${path}/#text`)), inner, path);
    return written(name, declarations, children(value, path, depth, inner), inner, path);
  }

  function children(value: Readonly<Record<string, unknown>>, path: string, depth: number, scope: ReadonlySet<string>): string {
    const content = value['#content'];
    if (content !== undefined) {
      if (!Array.isArray(content)) throw wrong(`${path}/#content`, 'must be an array of objects with one member each');
      return content
        .map((one, k) => {
          if (!isObject(one) || Object.keys(one).length !== 1) throw wrong(`${path}/#content/${k}`, 'must be an object with one member');
          return children(one, `${path}/#content/${k}`, depth, scope);
        })
        .join('');
    }
    return Object.entries(value)
      .filter(([name]) => name !== '@xmlns')
      .map(([name, one]) => {
        const at = `${path}/${name}`;
        return Array.isArray(one)
          ? one.map((item, k) => element(name, item, `${at}/${k}`, depth + 1, scope)).join('')
          : element(name, one, at, depth + 1, scope);
      })
      .join('');
  }

  function written(name: string, declarations: string, inside: string, scope: ReadonlySet<string>, path: string): string {
    const prefix = prefixOf(name);
    if (prefix !== '' && !scope.has(prefix)) {
      if (!Object.hasOwn(prefixes, prefix))
        throw wrong(path, `the prefix "${prefix}" is not bound`, 'say in "namespaces" what it stands for');
      missing.add(prefix);
    }
    return inside === '' ? `<${name}${declarations}/>` : `<${name}${declarations}>${inside}</${name}>`;
  }

  const scope = new Set(declared.keys());
  const simple = (local: string, value: unknown, path: string) =>
    value === undefined ? '' : element(own === '' ? local : `${own}:${local}`, value, path, 1, scope);
  const scopes = json.scopes ?? [];
  if (!Array.isArray(scopes)) throw wrong('/scopes', 'must be an array of texts');
  if (json.facets !== undefined && !isObject(json.facets)) throw wrong('/facets', 'must be an object');
  const inside =
    nameElement(json.name) +
    simple('description', json.description, '/description') +
    scopes.map((one, k) => simple('scope', one, `/scopes/${k}`)).join('') +
    (json.facets === undefined ? '' : children(json.facets, '/facets', 1, scope));
  for (const prefix of missing) declared.set(prefix, prefixes[prefix]);
  const attributes = Object.entries(stringsOf(json.attributes, '/attributes')).map(([name, value]) => {
    requireName(name, '/attributes');
    return ` ${name}="${escapeAttribute(value)}"`;
  });
  const id = json.id === undefined ? '' : ` id="${escapeAttribute(textOf(json.id, '/id'))}"`;
  const head = [...declared].map(([prefix, ns]) => declaration(prefix, ns)).join('');
  const tag = own === '' ? 'resource' : `${own}:resource`;
  return `<${tag}${head}${id}${attributes.join('')}>${inside}</${tag}>`;

  /** Its element may need another prefix than the root's, where the default namespace means something else inside it. */
  function nameElement(value: unknown): string {
    if (!isObject(value)) return simple('name', value, '/name');
    const local = stringsOf(value['@xmlns'], '/name/@xmlns');
    const around = new Map([...declared, ...Object.entries(local)]);
    const prefix = around.get(own) === RESOURCE_NS ? own : [...around].find(([, ns]) => ns === RESOURCE_NS)?.[0];
    if (prefix === undefined) throw wrong('/name', 'no prefix stands for the namespace of resources there');
    return element(prefix === '' ? 'name' : `${prefix}:name`, value, '/name', 1, scope);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Problem('bad-request', {
      detail: `the body is no JSON: ${(error as Error).message}`,
      hint: 'or send XML, as application/xml',
    });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong(path, `must be text, not ${value === null ? 'null' : typeof value}`, 'leave out what is absent; "" is an empty element');
}

function stringsOf(value: unknown, path: string): Readonly<Record<string, string>> {
  const strings: Record<string, string> = Object.create(null);
  if (value === undefined) return strings;
  if (!isObject(value)) throw wrong(path, 'must be an object of texts');
  for (const [name, one] of Object.entries(value)) {
    if (typeof one !== 'string') throw wrong(`${path}/${name}`, 'must be text');
    strings[name] = one;
  }
  return strings;
}

function declaration(prefix: string, ns: string): string {
  if (prefix !== '' && !isNcName(prefix)) throw wrong('/namespaces', `"${prefix}" is not a prefix`);
  return prefix === '' ? ` xmlns="${escapeAttribute(ns)}"` : ` xmlns:${prefix}="${escapeAttribute(ns)}"`;
}

function requireName(name: string, path: string): void {
  const parts = name.split(':');
  if (parts.length > 2 || !parts.every(isNcName)) throw wrong(path, `"${name}" is not the name of an element`, 'write prefix:name');
}

function wrong(path: string, message: string, hint?: string): Problem {
  const violation: Violation = { rule: 'json', message, path: path === '' ? '/' : path, ...(hint === undefined ? {} : { hint }) };
  return new Problem('invalid-resource', { detail: `${path === '' ? '' : `${path}: `}${message}`, hint, violations: [violation] });
}
