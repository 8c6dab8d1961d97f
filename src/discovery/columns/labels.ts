/**
 * Labels, the path summary: one record for every distinct path of names, linked to its parent, its children in the order of
 * their first appearance, and the list of its rows.
 *
 *     parent | kind, depth, scope | name | first child | last child | next sibling | next in bucket
 *            | rows | first block | last block | next free word | end of the last block          (label-rows.ts)
 */
import { RESOURCE_NS } from '../../model/index.js';
import { Kind } from './contract.js';
import { bucketOf, type HashIndex, insert, mix } from './hash-index.js';
import { nameLocal, nameNs } from './names.js';
import { grow, LABEL, type State, Word } from './state.js';
import { textOf } from './strings.js';

const PARENT = 0;
const SORT = 1;
const NAME_OF = 2;
const FIRST_CHILD = 3;
const LAST_CHILD = 4;
const SIBLING = 5;
const NEXT = 6;
export const ROWS = 7;
export const FIRST_BLOCK = 8;
export const LAST_BLOCK = 9;
export const FREE = 10;
export const BLOCK_END = 11;

/** SORT holds the kind in bits 0-2, this flag, and the depth above it. */
const SCOPE = 8;

const INDEX: HashIndex = {
  buckets: 'labelBuckets',
  records: 'labels',
  stride: LABEL,
  next: NEXT,
  word: Word.labelBuckets,
  hash: (state, label) =>
    hashLabel(state.labels[label * LABEL + PARENT], state.labels[label * LABEL + SORT] & 7, state.labels[label * LABEL + NAME_OF]),
};

function hashLabel(parent: number, kind: Kind, name: number): number {
  return mix(mix(parent, kind), name);
}

export function initLabels(state: State): void {
  state.labels.fill(0, 0, LABEL);
  state.ends.labels = 1;
}

/** The label of a node of this kind and name below a node labelled `parent`. */
export function internLabel(state: State, parent: number, kind: Kind, name: number): number {
  const hash = hashLabel(parent, kind, name);
  const { labels } = state;
  for (let label = state.labelBuckets[bucketOf(hash, state.header[Word.labelBuckets])]; label !== 0; label = labels[label * LABEL + NEXT]) {
    const at = label * LABEL;
    if (labels[at + NAME_OF] === name && labels[at + PARENT] === parent && (labels[at + SORT] & 7) === kind) return label;
  }
  return appendLabel(state, parent, kind, name, hash);
}

function appendLabel(state: State, parent: number, kind: Kind, name: number, hash: number): number {
  const label = state.ends.labels;
  grow(state, 'labels', (label + 1) * LABEL);
  const { labels } = state;
  const at = label * LABEL;
  const depth = labelDepth(state, parent) + 1;
  labels.fill(0, at, at + LABEL);
  labels[at + PARENT] = parent;
  labels[at + SORT] = kind | (isScopeName(state, parent, kind, name, depth) ? SCOPE : 0) | (depth << 4);
  labels[at + NAME_OF] = name;
  const elder = labels[parent * LABEL + LAST_CHILD];
  labels[parent * LABEL + LAST_CHILD] = label;
  Atomics.store(labels, elder === 0 ? parent * LABEL + FIRST_CHILD : elder * LABEL + SIBLING, label);
  state.ends.labels = label + 1;
  insert(state, INDEX, hash, label, label);
  return label;
}

function isScopeName(state: State, parent: number, kind: Kind, name: number, depth: number): boolean {
  return (
    kind === Kind.Element &&
    depth === 2 &&
    isResourceName(state, name, 'scope') &&
    isResourceName(state, labelName(state, parent), 'resource')
  );
}

export function isResourceName(state: State, name: number, local: string): boolean {
  return textOf(state, nameLocal(state, name)) === local && textOf(state, nameNs(state, name)) === RESOURCE_NS;
}

export function labelParent(state: State, label: number): number {
  return state.labels[label * LABEL + PARENT];
}

export function labelKind(state: State, label: number): Kind {
  return state.labels[label * LABEL + SORT] & 7;
}

export function labelDepth(state: State, label: number): number {
  return state.labels[label * LABEL + SORT] >>> 4;
}

export function labelIsScope(state: State, label: number): boolean {
  return (state.labels[label * LABEL + SORT] & SCOPE) !== 0;
}

export function labelName(state: State, label: number): number {
  return state.labels[label * LABEL + NAME_OF];
}

/** Children are linked in order of their numbers, so one that is not published yet ends the list. */
export function firstChild(state: State, label: number): number {
  return published(state, state.labels[label * LABEL + FIRST_CHILD]);
}

export function nextSibling(state: State, label: number): number {
  return published(state, state.labels[label * LABEL + SIBLING]);
}

function published(state: State, label: number): number {
  return label < state.seen.labels ? label : 0;
}
