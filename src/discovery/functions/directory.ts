/**
 * What a directory knows of a node beside its XML: functions in the namespace `urn:facetry:directory`, by convention `dir`.
 * Each asks about the first node, in document order, the context node by default. A node in no resource (the root node, a
 * token) and the empty set have no age, are not fresh and belong to nobody.
 */
import type { FunctionDefinition, Host, Nodes } from './definition.js';

function ofFirst<T>(nodes: Nodes, host: Host, ask: (node: number) => T, ofNothing: T): T {
  host.spend(4);
  return nodes.length === 0 ? ofNothing : ask(host.first(nodes));
}

export const DIRECTORY: readonly FunctionDefinition[] = [
  {
    name: 'dir:age',
    params: ['nodeset?'],
    result: 'number',
    ofContext: true,
    call: ([nodes], { host }) => ofFirst(nodes, host, host.age, Number.NaN),
  },
  {
    name: 'dir:fresh',
    params: ['nodeset?'],
    result: 'boolean',
    ofContext: true,
    call: ([nodes], { host }) => ofFirst(nodes, host, host.fresh, false),
  },
  {
    name: 'dir:owner',
    params: ['nodeset?'],
    result: 'string',
    ofContext: true,
    call: ([nodes], { host }) => ofFirst(nodes, host, host.owner, ''),
  },
];
