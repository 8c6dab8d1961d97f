/**
 * What is known of labels, laid out for loops: kinds, the labels of each name, and for each node test one byte per label.
 * Labels only ever come in addition, so this is extended, never made anew, and shared by all queries over the same columns.
 */
import { type Columns, Kind } from '../columns/contract.js';
import type { NameTest } from './tree.js';

/** Bytes of a node test's table. */
export const MISS = 0;
export const HIT = 1;
/** the label is a resource's scope: whether a row is there depends on who asks */
export const SCOPED = 2;

/** A node test, ready to be asked about rows. */
export interface Match {
  /** of elements, texts, comments, instructions: label → MISS, HIT or SCOPED. Attributes and declarations are MISS. */
  readonly content: Uint8Array;
  /** of attributes */
  readonly attributes: Uint8Array;
  /** text children of leaf rows match */
  readonly text: boolean;
  /** the test is node() */
  readonly any: boolean;
}

export interface Facts {
  readonly columns: Columns;
  count: number;
  kind: Uint8Array;
  parent: Uint32Array;
  scoped: Uint8Array;
  /** there is a label below it that is not an attribute or declaration: some of its rows may be no leaves */
  inner: Uint8Array;
  /** nothing but elements stands below the root node */
  rootsAreResources: boolean;
  /** rows at which the slots begin, as far as they have been asked for: with room for more */
  starts: Uint32Array;
  startCount: number;
  readonly matches: Map<string, Match>;
  /** rises whenever labels came */
  version: number;
}

const facts = new WeakMap<Columns, Facts>();

export function factsOf(columns: Columns): Facts {
  let known = facts.get(columns);
  if (known === undefined) {
    known = {
      columns,
      count: 0,
      kind: new Uint8Array(0),
      parent: new Uint32Array(0),
      scoped: new Uint8Array(0),
      inner: new Uint8Array(0),
      rootsAreResources: true,
      starts: new Uint32Array(0),
      startCount: 0,
      matches: new Map(),
      version: 0,
    };
    facts.set(columns, known);
  }
  if (known.count !== columns.labels.count) extend(known);
  return known;
}

function extend(known: Facts): void {
  const { labels } = known.columns;
  const count = labels.count;
  const from = known.count;
  known.kind = larger(known.kind, count);
  known.scoped = larger(known.scoped, count);
  known.inner = larger(known.inner, count);
  const parent = new Uint32Array(count);
  parent.set(known.parent);
  known.parent = parent;
  for (let label = from; label < count; label++) {
    known.kind[label] = labels.kind(label);
    parent[label] = labels.parent(label);
    known.scoped[label] = labels.isScope(label) ? 1 : 0;
    if (label > 0) known.inner[parent[label]] = 1;
    if (label > 0 && parent[label] === 0 && known.kind[label] !== Kind.Element) known.rootsAreResources = false;
  }
  known.count = count;
  known.matches.clear();
  known.version++;
}

/** The row at which each slot begins, ascending. Slots only ever come in addition. */
export function slotStarts(known: Facts): Uint32Array {
  const { slots } = known.columns;
  const count = slots.count;
  if (known.startCount < count) {
    if (known.starts.length < count) {
      const longer = new Uint32Array(Math.max(count, known.starts.length * 2));
      longer.set(known.starts);
      known.starts = longer;
    }
    for (let slot = known.startCount; slot < count; slot++) known.starts[slot] = slots.row(slot);
    known.startCount = count;
  }
  return known.starts.subarray(0, count);
}

function larger(bytes: Uint8Array, count: number): Uint8Array {
  const copy = new Uint8Array(count);
  copy.set(bytes);
  return copy;
}

/** Tables kept for tests; a stranger's expressions may hold any number of names. */
const KEPT = 4096;

export function matchOf(known: Facts, test: NameTest): Match {
  const found = known.matches.get(test.key);
  if (found !== undefined) return found;
  if (known.matches.size >= KEPT) known.matches.clear();
  const { names, labels } = known.columns;
  const content = new Uint8Array(known.count);
  const attributes = new Uint8Array(known.count);
  const byName = new Int8Array(names.count).fill(-1);
  const named = (label: number): boolean => {
    const name = labels.name(label);
    if (byName[name] < 0) byName[name] = nameMatches(names.ns(name), names.local(name), test) ? 1 : 0;
    return byName[name] === 1;
  };
  for (let label = 0; label < known.count; label++) {
    const kind = known.kind[label];
    if (kind === Kind.Declaration) continue;
    if (kind === Kind.Attribute) attributes[label] = kindMatches(kind, Kind.Attribute, test) && named(label) ? HIT : MISS;
    else if (kindMatches(kind, Kind.Element, test) && named(label)) content[label] = known.scoped[label] === 1 ? SCOPED : HIT;
  }
  const match = { content, attributes, text: test.kind === 'text' || test.kind === 'node', any: test.kind === 'node' };
  known.matches.set(test.key, match);
  return match;
}

/** §2.3: names and * mean nodes of the axis' principal type. */
function kindMatches(kind: Kind, principal: Kind, test: NameTest): boolean {
  switch (test.kind) {
    case 'node':
      return true;
    case 'any':
    case 'namespace':
    case 'name':
      return kind === principal;
    case 'text':
      return kind === Kind.Text;
    case 'comment':
      return kind === Kind.Comment;
    case 'instruction':
      return kind === Kind.Instruction;
  }
}

function nameMatches(ns: string, local: string, test: NameTest): boolean {
  switch (test.kind) {
    case 'namespace':
      return ns === test.ns;
    case 'name':
      return local === test.local && ns === test.ns;
    case 'instruction':
      return test.local === undefined || local === test.local;
    default:
      return true;
  }
}
