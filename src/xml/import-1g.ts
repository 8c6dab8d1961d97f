import { DOCUMENT_LIMITS, isNcName, isScope, type Notice, type Problem, RESOURCE_NS, type Violation } from '../model/index.js';
import { escapeAttribute, escapeText } from './escape.js';
import { refusal } from './findings.js';
import { createResourceReader } from './read-resource.js';
import { readTree, type TreeElement } from './tree.js';

export interface Import1gOptions {
  /** scopes for a profile that says none */
  readonly scopes?: readonly string[];
  /** the id for a profile that says none; without it the resource has none, and the directory makes one */
  readonly id?: string;
}

export interface Imported1g {
  /** canonical resource document */
  readonly xml: string;
  /** what was left out, moved or merged on the way, with its place in the profile */
  readonly report: readonly Notice[];
}

/**
 * A first-generation gCube profile → a resource.
 *
 *     <Resource>                                     <resource id="i1" xmlns:g="urn:gcube:1g:GHN" …>
 *       <ID>i1</ID> <Type>GHN</Type>                   <scope>/gcube</scope>
 *       <Scopes><Scope>/gcube</Scope></Scopes>    →    <g:Site><g:Country>IT</g:Country></g:Site>
 *       <Profile><Site><Country>IT</Country>…        </resource>
 *
 * - Each child of `Profile` is one facet in `urn:gcube:1g:<Type>`; several of one name become same-named children of one facet.
 * - Attributes become child elements; text beside them becomes the child `value` (`text` where an attribute has that name).
 * - Of an `InstanceState` (`<Document>`) each child is a facet, and the `Scope` elements of `Data` are the scopes.
 * - `Description` is also the resource's description, and `Name` its name where it is a QName.
 * - Passwords and encrypted values are left out and reported. `xsi:*` attributes and the version of the format are left out.
 * - Elements in a namespace of their own keep it.
 *
 * Throws Problem `invalid-resource` for text mixed with elements, and when there is no type, profile or scope.
 */
export function import1g(bytes: Uint8Array, options: Import1gOptions = {}): Imported1g {
  const root = readTree(bytes);
  const report: Notice[] = [];
  const parts = root.local === 'Document' ? partsOfState(root) : partsOfResource(root, report);
  const mixed = mixedIn(root);
  if (mixed.length > 0) throw refusal(mixed);

  const scopes = scopesOf(parts, options, report, root);
  const id = parts.id === '' ? options.id : parts.id;
  if (id === undefined) report.push({ rule: 'id-missing', message: 'the profile has no ID: the directory will make one', ...root.place });

  const ns = `urn:gcube:1g:${parts.type}`;
  const write = writer(ns, report);
  const facets = [...grouped(parts.facets)].map(([name, elements]) => {
    if (elements.length === 1) return write(elements[0]);
    report.push({
      rule: 'merged',
      message: `${elements.length} elements ${name} became one facet with as many children`,
      ...elements[0].place,
    });
    const tag = `g:${elements[0].local}`;
    return `<${tag}>${elements.map(write).join('')}</${tag}>`;
  });
  const child = (local: string) => parts.facets.find((element) => element.local === local && element.children.length === 0)?.text ?? '';
  const name = isNcName(child('Name')) ? `<name>${child('Name')}</name>` : '';
  const description = child('Description') === '' ? '' : `<description>${escapeText(child('Description'))}</description>`;
  const idAttribute = id === undefined ? '' : ` id="${escapeAttribute(id)}"`;
  const xml = `<resource xmlns="${RESOURCE_NS}" xmlns:g="${ns}"${idAttribute}>${name}${description}${scopes.map((scope) => `<scope>${scope}</scope>`).join('')}${facets.join('')}</resource>`;
  return { xml: checked(xml, id), report };
}

interface Parts {
  readonly type: string;
  readonly id: string;
  readonly scopes: readonly TreeElement[];
  readonly facets: readonly TreeElement[];
}

function partsOfResource(root: TreeElement, report: Notice[]): Parts {
  if (root.local !== 'Resource') throw refused('not-1g', `the root element is ${root.name}, not Resource or Document`, root);
  const part = (local: string) => root.children.find((element) => element.local === local);
  const type = part('Type')?.text ?? '';
  if (!/^[A-Za-z0-9_.-]+$/.test(type))
    throw refused('type-missing', type === '' ? 'the profile has no Type' : `"${type}" is no type`, part('Type') ?? root);
  const profile = part('Profile');
  if (profile === undefined) throw refused('profile-missing', 'there is no Profile', root);
  for (const element of [root, profile]) for (const attribute of element.attributes) report.push(dropped(attribute.name, element));
  for (const element of root.children) {
    if (!['ID', 'Type', 'Scopes', 'Profile'].includes(element.local)) report.push(dropped(element.name, element));
  }
  return { type, id: part('ID')?.text ?? '', scopes: part('Scopes')?.children ?? [], facets: profile.children };
}

function partsOfState(root: TreeElement): Parts {
  const id = root.children.find((element) => element.local === 'ID')?.text ?? '';
  const data = root.children.find((element) => element.local === 'Data');
  const scopes = data?.children.filter((element) => element.local === 'Scope') ?? [];
  const facets = root.children
    .filter((element) => element.local !== 'ID')
    .map((element) => (element === data ? { ...element, children: element.children.filter(({ local }) => local !== 'Scope') } : element));
  return { type: 'InstanceState', id, scopes, facets };
}

function scopesOf(parts: Parts, options: Import1gOptions, report: Notice[], root: TreeElement): readonly string[] {
  const good = new Set<string>();
  for (const scope of parts.scopes) {
    if (isScope(scope.text)) good.add(scope.text);
    else report.push({ rule: 'scope-syntax', message: `"${scope.text}" is not a scope and was left out`, ...scope.place });
  }
  if (good.size > 0) return [...good];
  if (options.scopes === undefined || options.scopes.length === 0) {
    throw refused(
      'scope-missing',
      'the profile has no scope of the form /a/b',
      root,
      'give one for profiles without: a resource that is in no scope cannot be seen',
    );
  }
  report.push({ rule: 'scope-missing', message: `the profile has no scope: ${options.scopes.join(', ')} was given to it`, ...root.place });
  return options.scopes;
}

/** By local name and namespace, in the order of the first of each. */
function grouped(elements: readonly TreeElement[]): Map<string, TreeElement[]> {
  const groups = new Map<string, TreeElement[]>();
  for (const element of elements) {
    const key = element.ns === '' ? element.local : `{${element.ns}}${element.local}`;
    groups.set(key, [...(groups.get(key) ?? []), element]);
  }
  return groups;
}

function mixedIn(element: TreeElement): Violation[] {
  const here =
    element.text !== '' && element.children.length > 0
      ? [
          {
            rule: 'facet-mixed-content',
            message: `${element.name} mixes text and elements`,
            hint: 'put the text into an element of its own',
            ...element.place,
          },
        ]
      : [];
  return [...here, ...element.children.flatMap(mixedIn)];
}

const XSI_NS = 'http://www.w3.org/2001/XMLSchema-instance';
const SECRET = /(?:password|passwd|passphrase|secret|private[-_]?key|token)$/i;

/** Writes an element as (part of) a facet. What is in no namespace goes into the facet's. */
function writer(ns: string, report: Notice[]): (element: TreeElement) => string {
  function write(element: TreeElement): string {
    const [open, tag] = element.ns === '' || element.ns === ns ? [`g:${element.local}`, `g:${element.local}`] : foreign(element);
    const children: string[] = [];
    for (const { name, local, ns: attributeNs, value } of element.attributes) {
      if (attributeNs === XSI_NS) report.push(dropped(name, element));
      else if (SECRET.test(local)) report.push(secret(`the attribute ${name}`, element));
      else children.push(leaf(local, value, element));
    }
    for (const child of element.children) {
      if (isSecret(child, element)) report.push(secret(child.name, child));
      else children.push(write(child));
    }
    const names = element.attributes.map(({ local }) => local);
    if (element.text !== '' && children.length > 0) children.push(leaf(names.includes('value') ? 'text' : 'value', element.text, element));
    const content = children.length > 0 ? children.join('') : escapeText(withoutLogin(element.text, element));
    return content === '' ? `<${open}/>` : `<${open}>${content}</${tag}>`;
  }
  function leaf(local: string, value: string, element: TreeElement): string {
    const text = escapeText(withoutLogin(value, element));
    return text === '' ? `<g:${local}/>` : `<g:${local}>${text}</g:${local}>`;
  }
  /** `https://user:password@host` → `https://user@host` */
  function withoutLogin(text: string, element: TreeElement): string {
    const clean = text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+):[^\s/@]+@/gi, '$1@');
    if (clean !== text) report.push(secret('the password in an address', element));
    return clean;
  }
  return write;
}

/** The start tag's inside and the name of an element in a namespace of its own, which is declared right there. */
function foreign(element: TreeElement): readonly [open: string, tag: string] {
  const prefix = element.prefix === 'g' ? 'g0' : element.prefix;
  const tag = prefix === '' ? element.local : `${prefix}:${element.local}`;
  return [`${tag} xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(element.ns)}"`, tag];
}

/** A password by name, a value marked as encrypted, or the value of a property whose name says it is a secret. */
function isSecret(element: TreeElement, parent: TreeElement): boolean {
  if (SECRET.test(element.local)) return true;
  const encrypted = element.attributes.find(({ local }) => local === 'encrypted')?.value;
  if (encrypted !== undefined && /^(?:true|1)$/i.test(encrypted.trim())) return true;
  const label = parent.children.find(({ local }) => /^(?:name|key)$/i.test(local))?.text ?? '';
  return /^value$/i.test(element.local) && SECRET.test(label.trim());
}

function secret(what: string, { place }: TreeElement): Notice {
  return { rule: 'secret-dropped', message: `${what} was left out: secrets do not belong into the directory`, ...place };
}

function dropped(name: string, { place }: TreeElement): Notice {
  return { rule: 'dropped', message: `${name} was left out: it describes the profile, not the resource`, ...place };
}

function refused(rule: string, message: string, { place }: TreeElement, hint?: string): Problem {
  return refusal([{ rule, message, ...place, ...(hint === undefined ? {} : { hint }) }]);
}

/** The converter's own door: what it wrote must be a resource. */
function checked(xml: string, id: string | undefined): string {
  const draft = createResourceReader(DOCUMENT_LIMITS, new Map())(xml, id === undefined ? { mintedId: 'urn:1g:none' } : {});
  if (draft.resource === undefined) throw refusal(draft.violations.map(({ rule, message, hint, path }) => ({ rule, message, hint, path })));
  return id === undefined ? xml : draft.resource.xml;
}
