import type { Rules } from './rules.js';
import { stringValue, type TwinDocument, type TwinNode } from './tree.js';
import { type TwinValue, toBoolean, toNumber, toText } from './values.js';

export type TwinType = 'nodeset' | 'string' | 'number' | 'boolean' | 'any';

export interface Focus {
  readonly node: TwinNode;
  readonly position: number;
  readonly size: number;
  readonly now: number;
  readonly rules: Rules;
}

interface TwinFunction {
  /** 'nodeset' takes nothing else; the other types convert (§3.2); `?` may be left out, `*` repeats */
  readonly params: readonly string[];
  readonly result: TwinType;
  // biome-ignore lint/suspicious/noExplicitAny: the arguments have been converted to what `params` says
  readonly call: (args: any[], focus: Focus) => TwinValue;
}

const context = (focus: Focus): TwinNode[] => [focus.node];
const chars = (text: string) => [...text];
const numbers = (nodes: TwinNode[], { rules }: Focus) => nodes.map((node) => toNumber([node], rules));
const regex = (pattern: string, flags = '') => new RegExp(pattern, `u${flags}`);

/** §4, then the additional functions under their XPath 3.1 names. */
export const FUNCTIONS: Readonly<Record<string, TwinFunction>> = {
  last: { params: [], result: 'number', call: (_, focus) => focus.size },
  position: { params: [], result: 'number', call: (_, focus) => focus.position },
  count: { params: ['nodeset'], result: 'number', call: ([nodes]) => nodes.length },
  id: { params: ['any'], result: 'nodeset', call: ([value], { node, rules }) => byId(value, node, rules) },
  'local-name': { params: ['nodeset?'], result: 'string', call: ([nodes], focus) => (nodes ?? context(focus))[0]?.local ?? '' },
  'namespace-uri': { params: ['nodeset?'], result: 'string', call: ([nodes], focus) => (nodes ?? context(focus))[0]?.ns ?? '' },
  name: { params: ['nodeset?'], result: 'string', call: ([nodes], focus) => qname((nodes ?? context(focus))[0]) },

  string: { params: ['any?'], result: 'string', call: ([value], focus) => toText(value ?? context(focus), focus.rules) },
  concat: { params: ['string', 'string', 'string*'], result: 'string', call: (args) => args.join('') },
  'starts-with': { params: ['string', 'string'], result: 'boolean', call: ([a, b]) => a.startsWith(b) },
  contains: { params: ['string', 'string'], result: 'boolean', call: ([a, b]) => a.includes(b) },
  'substring-before': { params: ['string', 'string'], result: 'string', call: ([a, b]) => (a.includes(b) ? a.slice(0, a.indexOf(b)) : '') },
  'substring-after': {
    params: ['string', 'string'],
    result: 'string',
    call: ([a, b]) => (a.includes(b) ? a.slice(a.indexOf(b) + b.length) : ''),
  },
  substring: {
    params: ['string', 'number', 'number?'],
    result: 'string',
    call: ([text, start, length]) =>
      chars(text)
        .filter((_, i) => i + 1 >= Math.round(start) && (length === undefined || i + 1 < Math.round(start) + Math.round(length)))
        .join(''),
  },
  'string-length': {
    params: ['string?'],
    result: 'number',
    call: ([text], focus) => chars(text ?? toText(context(focus), focus.rules)).length,
  },
  'normalize-space': {
    params: ['string?'],
    result: 'string',
    call: ([text], focus) => normalize(text ?? toText(context(focus), focus.rules)),
  },
  translate: {
    params: ['string', 'string', 'string'],
    result: 'string',
    call: ([text, from, to]) => translate(text, chars(from), chars(to)),
  },

  boolean: { params: ['any'], result: 'boolean', call: ([value]) => toBoolean(value) },
  not: { params: ['boolean'], result: 'boolean', call: ([value]) => !value },
  true: { params: [], result: 'boolean', call: () => true },
  false: { params: [], result: 'boolean', call: () => false },
  lang: { params: ['string'], result: 'boolean', call: ([wanted], { node }) => lang(wanted, node) },

  number: { params: ['any?'], result: 'number', call: ([value], focus) => toNumber(value ?? context(focus), focus.rules) },
  sum: { params: ['nodeset'], result: 'number', call: ([nodes], focus) => numbers(nodes, focus).reduce((a, b) => a + b, 0) },
  floor: { params: ['number'], result: 'number', call: ([value]) => Math.floor(value) },
  ceiling: { params: ['number'], result: 'number', call: ([value]) => Math.ceil(value) },
  round: { params: ['number'], result: 'number', call: ([value]) => Math.round(value) },

  'ends-with': { params: ['string', 'string'], result: 'boolean', call: ([a, b]) => a.endsWith(b) },
  'lower-case': { params: ['string'], result: 'string', call: ([text]) => text.toLowerCase() },
  'upper-case': { params: ['string'], result: 'string', call: ([text]) => text.toUpperCase() },
  matches: {
    params: ['string', 'string', 'string?'],
    result: 'boolean',
    call: ([text, pattern, flags]) => regex(pattern, flags).test(text),
  },
  replace: {
    params: ['string', 'string', 'string', 'string?'],
    result: 'string',
    call: ([text, pattern, by, flags]) => text.replace(regex(pattern, `g${flags ?? ''}`), by.replaceAll('$0', '$$&')),
  },
  tokenize: {
    params: ['string', 'string?', 'string?'],
    result: 'nodeset',
    call: ([text, pattern, flags]) => {
      const tokens = pattern === undefined ? normalize(text).split(' ') : text.split(regex(pattern, flags));
      return text === '' || (pattern === undefined && normalize(text) === '') ? [] : tokens.map(looseText);
    },
  },
  'string-join': { params: ['nodeset', 'string?'], result: 'string', call: ([nodes, by]) => nodes.map(stringValue).join(by ?? '') },
  exists: { params: ['nodeset'], result: 'boolean', call: ([nodes]) => nodes.length > 0 },
  empty: { params: ['nodeset'], result: 'boolean', call: ([nodes]) => nodes.length === 0 },
  'distinct-values': {
    params: ['nodeset'],
    result: 'nodeset',
    call: ([nodes]) =>
      nodes.filter((node: TwinNode, i: number) => nodes.findIndex((first: TwinNode) => stringValue(first) === stringValue(node)) === i),
  },
  // An empty node-set has no least, greatest or mean value: NaN.
  min: {
    params: ['nodeset'],
    result: 'number',
    call: ([nodes], focus) => (nodes.length === 0 ? Number.NaN : Math.min(...numbers(nodes, focus))),
  },
  max: {
    params: ['nodeset'],
    result: 'number',
    call: ([nodes], focus) => (nodes.length === 0 ? Number.NaN : Math.max(...numbers(nodes, focus))),
  },
  avg: { params: ['nodeset'], result: 'number', call: ([nodes], focus) => numbers(nodes, focus).reduce((a, b) => a + b, 0) / nodes.length },
  abs: { params: ['number'], result: 'number', call: ([value]) => Math.abs(value) },
  'current-dateTime': { params: [], result: 'string', call: (_, { now }) => new Date(now).toISOString() },
};

function qname(node: TwinNode | undefined): string {
  return node === undefined ? '' : node.prefix === '' ? node.local : `${node.prefix}:${node.local}`;
}

function normalize(text: string): string {
  return text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');
}

/** XPath 1.0 has no sequences of strings: tokens are text nodes without a parent, each a document of its own. */
function looseText(value: string, place: number): TwinNode {
  const document: TwinDocument = { nodes: [], ids: new Map() };
  const empty = { children: [], attributes: [], namespaces: [], declared: new Map() };
  const node: TwinNode = {
    kind: 'text',
    ns: '',
    prefix: '',
    local: '',
    value,
    ...empty,
    document,
    order: Number.MAX_SAFE_INTEGER - 1e6 + place,
  };
  document.nodes.push(node);
  return node;
}

function translate(text: string, from: string[], to: string[]): string {
  return chars(text)
    .map((char) => (from.includes(char) ? (to[from.indexOf(char)] ?? '') : char))
    .join('');
}

/** §4.1 id(): a node-set gives the tokens of each string-value, anything else those of its string. */
function byId(value: TwinValue, at: TwinNode, rules: Rules): TwinNode[] {
  const texts = Array.isArray(value) ? value.map(stringValue) : [toText(value, rules)];
  const found = new Set<TwinNode>();
  for (const token of texts.flatMap(rules.idTokens)) {
    const node = at.document.ids.get(token);
    if (node) found.add(node);
  }
  return [...found].sort((a, b) => a.order - b.order);
}

/** §4.3 lang(): the nearest xml:lang, equal or with a suffix after `-`, case ignored. */
function lang(wanted: string, from: TwinNode): boolean {
  for (let at: TwinNode | undefined = from; at !== undefined; at = at.parent) {
    const attribute = at.attributes.find((each) => each.local === 'lang' && each.ns === 'http://www.w3.org/XML/1998/namespace');
    if (attribute) {
      const actual = attribute.value.toLowerCase();
      return actual === wanted.toLowerCase() || actual.startsWith(`${wanted.toLowerCase()}-`);
    }
  }
  return false;
}
