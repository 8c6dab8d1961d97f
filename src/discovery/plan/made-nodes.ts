/**
 * Nodes that no row stands for: namespace nodes, which columns do not store, and the text nodes without a parent that
 * tokenize() gives. They are numbered from MADE upwards, for one evaluation only.
 */

import { XML_NS } from '../../model/index.js';
import { Kind, SUBTREE } from '../columns/contract.js';
import type { Run } from './run.js';

export const MADE = 0xf000_0000;

export type MadeNode =
  /** `order`: its place among the namespace nodes of its element */
  | { readonly kind: 'namespace'; readonly row: number; readonly prefix: string; readonly uri: string; readonly order: number }
  | { readonly kind: 'text'; readonly text: string };

export function madeNode(run: Run, node: number): MadeNode {
  return run.made[node - MADE];
}

/** The same namespace node has one number, however often the axis is walked. */
export function internNamespace(run: Run, row: number, prefix: string, uri: string, order = 0): number {
  const key = `${row} ${prefix}`;
  run.madeKeys ??= new Map();
  const known = run.madeKeys.get(key);
  if (known !== undefined) return known;
  run.meter.nodes(run.made.length);
  const node = MADE + run.made.length;
  run.made.push({ kind: 'namespace', row, prefix, uri, order });
  run.madeKeys.set(key, node);
  return node;
}

export function makeText(run: Run, text: string): number {
  run.meter.nodes(run.made.length);
  run.made.push({ kind: 'text', text });
  return MADE + run.made.length - 1;
}

/**
 * The namespaces in scope of an element (§5.4), as prefix → URI: xml first, then from the outermost declaring ancestor inward,
 * within one element the last declared first; a redeclared prefix stands where it was declared last, xmlns="" removes.
 */
export function namespacesInScope(run: Run, row: number): Map<string, string> {
  const lineage: number[] = [];
  for (let at = row; at !== 0; at = run.parent[at]) lineage.push(at);
  const found = new Map([['xml', XML_NS]]);
  const { columns, facts } = run;
  for (const element of lineage.reverse()) {
    const data = run.data[element];
    if (data < SUBTREE) continue;
    const declared: [string, string][] = [];
    const end = element + (data - SUBTREE);
    for (let at = element + 1; at <= end; at++) {
      const kind = facts.kind[run.label[at]];
      if (kind === Kind.Declaration)
        declared.push([columns.names.local(columns.labels.name(run.label[at])), columns.strings.text(run.data[at])]);
      else if (kind !== Kind.Attribute) break;
      run.meter.spend(1);
    }
    for (const [prefix, uri] of declared.reverse()) {
      found.delete(prefix);
      if (uri !== '' || prefix !== '') found.set(prefix, uri);
    }
  }
  return found;
}
