/**
 * What the caller's policy says of a node: it knows resources and their facets, so the node's are found first.
 *
 *     /resource                  slot, no facet          /resource/r:scope/text()   slot, no facet
 *     /resource/@id              slot, no facet          /resource/f:hw//f:cpu      slot, facet Q{…}hw
 */
import { RESOURCE_NS } from '../../model/index.js';
import { Kind } from '../columns/contract.js';
import type { Policy } from '../engine.js';
import { MADE, madeNode } from './made-nodes.js';
import type { Run } from './run.js';

interface Place {
  readonly slot: number;
  /** `Q{ns}local` */
  readonly facet: string | undefined;
}

const NO_POLICY: Policy = { age: () => Number.NaN, fresh: () => true, owner: () => '' };

export function policyHost(run: Run): { age(node: number): number; fresh(node: number): boolean; owner(node: number): string } {
  const policy = run.policy ?? NO_POLICY;
  const ask = <T>(node: number, question: (slot: number, facet: string | undefined) => T, ofNothing: T): T => {
    const place = placeOf(run, node);
    return place === undefined ? ofNothing : question(place.slot, place.facet);
  };
  return {
    age: (node) => ask(node, (slot, facet) => policy.age(slot, facet), Number.NaN),
    fresh: (node) => ask(node, (slot, facet) => policy.fresh(slot, facet), false),
    owner: (node) => ask(node, (slot, facet) => policy.owner(slot, facet), ''),
  };
}

function placeOf(run: Run, node: number): Place | undefined {
  const row = rowBehind(run, node);
  if (row === 0) return undefined;
  const { parent } = run;
  let child = 0;
  let top = row;
  for (let above = parent[top]; above !== 0; above = parent[top]) {
    child = top;
    top = above;
  }
  // beside a document's root element there may be comments and instructions: they are in no resource
  if (run.facts.kind[run.label[top]] !== Kind.Element) return undefined;
  return { slot: run.link[top], facet: child === 0 ? undefined : facetName(run, run.label[child]) };
}

/** The row the node is, or belongs to; 0 for the root node and for texts without a parent. */
function rowBehind(run: Run, node: number): number {
  if (node < MADE) return node >>> 1;
  const made = madeNode(run, node);
  return made.kind === 'namespace' ? made.row : 0;
}

/** The facet that a child of the resource element is; undefined for its attributes, texts and common properties. */
function facetName(run: Run, label: number): string | undefined {
  if (run.facts.kind[label] !== Kind.Element) return undefined;
  const { labels, names } = run.columns;
  const name = labels.name(label);
  const ns = names.ns(name);
  return ns === RESOURCE_NS ? undefined : `Q{${ns}}${names.local(name)}`;
}
