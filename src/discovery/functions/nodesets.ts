/** Node-sets (§4.1), and the XPath 3.1 functions over sequences as far as a node-set can stand for one. */
import type { FunctionDefinition, Host, NameParts, Nodes } from './definition.js';
import { words } from './strings.js';

const NO_NAME: NameParts = { prefix: '', ns: '', local: '' };

function nameOfFirst(nodes: Nodes, host: Host): NameParts {
  return nodes.length === 0 ? NO_NAME : host.name(host.first(nodes));
}

/** §4.1: the ids in each string-value of a node-set, or in the string of anything else. */
function ids(value: Nodes | string | number | boolean, host: Host): Set<string> {
  const found = new Set<string>();
  if (!(value instanceof Uint32Array)) for (const token of words(value as string, host)) found.add(token);
  else {
    for (const node of value) {
      host.spend(4);
      for (const token of words(host.text(node), host)) found.add(token);
    }
  }
  return found;
}

/** The first node, in document order, of each distinct string-value: with it the set still leads back to its resources. */
function distinct(nodes: Nodes, host: Host): Nodes {
  const seen = new Set<number | string>();
  const kept: number[] = [];
  for (const node of host.inOrder(nodes)) {
    host.spend(2);
    const key = host.key(node);
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(node);
  }
  return Uint32Array.from(kept).sort();
}

function joined(nodes: Nodes, separator: string, host: Host): string {
  const parts: string[] = [];
  let length = 0;
  for (const node of host.inOrder(nodes)) {
    const text = host.text(node);
    length += text.length + separator.length;
    host.spend(4 + (text.length >>> 6));
    // Held against the budget while it would grow: it is built once, when all is known to fit.
    host.toBuild(length);
    parts.push(text);
  }
  // Copying runs at some 500 characters a microsecond and cannot be interrupted.
  host.foresee(length / 500_000);
  return host.built(parts.join(separator));
}

export const NODESETS: readonly FunctionDefinition[] = [
  { name: 'last', params: [], result: 'number', usesPosition: true, call: (_, { size }) => size },
  { name: 'position', params: [], result: 'number', usesPosition: true, call: (_, { position }) => position },
  { name: 'count', params: ['nodeset'], result: 'number', call: ([nodes]) => nodes.length },
  { name: 'id', params: ['id'], result: 'nodeset', call: ([value], { host }) => host.byId(ids(value, host)) },
  {
    name: 'local-name',
    params: ['nodeset?'],
    result: 'string',
    ofContext: true,
    call: ([nodes], { host }) => nameOfFirst(nodes, host).local,
  },
  {
    name: 'namespace-uri',
    params: ['nodeset?'],
    result: 'string',
    ofContext: true,
    call: ([nodes], { host }) => nameOfFirst(nodes, host).ns,
  },
  {
    name: 'name',
    params: ['nodeset?'],
    result: 'string',
    ofContext: true,
    call: ([nodes], { host }) => {
      const { prefix, local } = nameOfFirst(nodes, host);
      return prefix === '' ? local : `${prefix}:${local}`;
    },
  },
  { name: 'empty', params: ['nodeset'], result: 'boolean', call: ([nodes]) => nodes.length === 0 },
  { name: 'distinct-values', params: ['nodeset'], result: 'nodeset', call: ([nodes], { host }) => distinct(nodes, host) },
  {
    name: 'string-join',
    params: ['nodeset', 'string?'],
    result: 'string',
    call: ([nodes, separator], { host }) => joined(nodes, separator ?? '', host),
  },
];
