import { RESOURCE_NS } from '../model/index.js';

/**
 * The rules of the resource model that a document can break or that are worth a word: rule → [message, hint].
 * The names are stable: clients and the README refer to them.
 */
export const RULES = {
  'root-element': (name, ns, local) => [
    `the root element is ${name}, not a resource`,
    local === 'resource'
      ? `put it into its namespace: xmlns="${RESOURCE_NS}"${ns === '' ? '' : `, not "${ns}"`}`
      : `the root must be <resource xmlns="${RESOURCE_NS}">`,
  ],
  'root-attribute': (name) => [
    `a resource has no attribute ${name}`,
    'put the information into a facet, or the attribute into a namespace of its own',
  ],
  'root-text': () => ['there is text between the parts of the resource', 'text belongs into name, description, scope or a facet'],
  'id-qualified': (name) => [`the attribute ${name} is in the resource namespace`, 'write the attribute without prefix: id="…"'],
  'id-missing': () => ['the resource has no id', 'write it as an attribute of the root: id="…"'],
  'id-blank': () => ['the id is blank'],
  'id-too-long': (limit) => [`the id has more than ${limit} characters`],
  'id-control-character': () => ['the id contains a control character', 'use letters, digits and punctuation'],
  'id-contradicts': (own, wanted) => [
    `the id is "${own}", but the address says "${wanted}"`,
    'leave the id out of the document, or use the same in both',
  ],
  'id-outer-space': () => [
    'the id begins or ends with a space, which is part of it',
    'every reference to the resource must contain the space',
  ],
  'envelope-order': (name) => [`${name} stands too late`, 'the order is name, description, scopes, facets'],
  'envelope-repeated': (name) => [`there is a second ${name}`, 'a resource has at most one name and one description'],
  'envelope-blank': (name) => [
    `${name} is blank`,
    name === 'scope' ? 'write a scope like /infra/vo' : `leave ${name} out when there is nothing to say`,
  ],
  'envelope-attribute': (attribute, name) => [`${name} has the attribute ${attribute}`, 'name, description and scope hold text only'],
  'envelope-element': (name, part) => [`the element ${name} stands inside ${part}`, 'name, description and scope hold text only'],
  'name-not-qname': (name) => [
    `"${name}" is not a QName`,
    'a name is a word of letters, digits, - . and _ that begins with a letter, with or without a bound prefix; free text belongs into description',
  ],
  'name-prefix-unbound': (name, prefix) => [
    `the prefix "${prefix}" of the name "${name}" is not bound`,
    `declare it: xmlns:${prefix}="…"; or leave it out`,
  ],
  'scope-missing': () => ['the resource has no scope', 'add at least one: <scope>/infra/vo</scope>'],
  'scope-duplicate': (scope) => [`the scope ${scope} stands twice`, 'leave one of them out'],
  'scope-syntax': (scope) => [
    `"${scope}" is not a scope`,
    'a scope looks like /infra/vo: segments of A-Z a-z 0-9 _ . - after slashes, none of them . or ..',
  ],
  'facet-missing': () => ['the resource has no facet', 'add at least one element in a namespace of your own'],
  'facet-in-resource-namespace': (name) => [
    `${name} is in the resource namespace, which has no such element`,
    'a facet is an element in another namespace: give it a prefix or an xmlns of its own',
  ],
  'facet-without-namespace': (name) => [`the facet ${name} is in no namespace`, `give it one: <${name} xmlns="urn:…">`],
  'facet-duplicate': (name) => [`there is a second facet ${name}`, 'facets are unique by namespace and local name: join the two into one'],
  'facet-attribute': (attribute, name) => [
    `${name} has the attribute ${attribute}`,
    'facets consist of elements only: make it a child element',
  ],
  'facet-mixed-content': () => ['text and elements are mixed', 'put the text into an element of its own'],
  'facet-comment': () => ['there is a comment inside a facet', 'comments can stand before and between facets'],
  'facet-instruction': () => ['there is a processing instruction inside a facet', 'facets consist of elements only'],
  'element-undeclared': (name, ns) => [
    `${name} was accepted unchecked: the interface "${ns}" does not declare it`,
    ns === RESOURCE_NS
      ? 'an unprefixed element takes the default namespace: give it the prefix of its facet'
      : 'check the spelling against the interface',
  ],
  'location-hint': (name) => [`${name} was left out: schemas are registered here, never fetched`],
} as const satisfies Record<string, (...words: string[]) => readonly [message: string, hint?: string]>;

export type Rule = keyof typeof RULES;

export function say(rule: Rule, words: readonly string[]): readonly [message: string, hint?: string] {
  return (RULES[rule] as (...words: readonly string[]) => readonly [string, string?])(...words);
}

/** Offset of an attribute's name in the start tag that begins at `start`. */
export function attributeOffset(text: string, start: number, name: string): number {
  const attribute = /\s+([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')/gy;
  attribute.lastIndex = start + (/^<[^\s/>]+/.exec(text.slice(start, start + 2048))?.[0].length ?? 1);
  for (let match = attribute.exec(text); match !== null; match = attribute.exec(text)) {
    if (match[1] === name) return match.index + match[0].indexOf(name);
  }
  return start;
}
