/**
 * Writing: resources in, revisions forward. One thread writes; readers, in this thread or others, see nothing of a commit
 * until it is published, and then all of it.
 */
import { type Commit, parseMeta, publicId, type ResourceKey, type StoredResource, twinNumber } from '../../model/index.js';
import { publishState, stateOf } from './columns.js';
import { type Columns, Kind } from './contract.js';
import { labelKind, labelName } from './labels.js';
import { nameLocal, nameNs } from './names.js';
import { indexRows } from './rows.js';
import { shred } from './shred.js';
import { appendSlot, closeSlot, openSlot, slotMeta, slotOrdinal, slotRow } from './slots.js';
import { type State, Word } from './state.js';
import { findText, internText, textOf } from './strings.js';

/** What goes with a resource's XML; a StoredResource has it all. */
export interface ResourceMeta {
  /** the commit that wrote this state */
  readonly revision: number;
  /** the commit that first published the id, and the place in it: publication order */
  readonly created: number;
  readonly createdSeq: number;
  /** ms since the epoch */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** policy data as JSON text */
  readonly meta?: string;
}

/** Places in a commit that an ordinal can tell apart. */
const SEQUENCE = 2 ** 20;

/** One number for (created, createdSeq), the same however the columns came to be. */
export function ordinalOf(created: number, createdSeq: number): number {
  return created * SEQUENCE + createdSeq;
}

/** Root row, end and id string of rows that are appended but not indexed. */
interface Staged {
  readonly root: number;
  readonly end: number;
  readonly id: number;
  readonly meta: ResourceMeta;
}

function stage(state: State, xml: Uint8Array, meta: ResourceMeta): Staged {
  const root = shred(state, xml);
  const id = idOf(state, root);
  if (id < 0) {
    state.ends.rows = root;
    throw new Error('The root element has no id attribute');
  }
  return { root, end: state.ends.rows, id, meta };
}

/** String id of the root element's attribute `id`, or -1. */
function idOf(state: State, root: number): number {
  for (let row = root + 1; row < state.ends.rows && state.rowParent[row] === root; row++) {
    const label = state.rowLabel[row];
    const kind = labelKind(state, label);
    if (
      kind === Kind.Attribute &&
      nameNs(state, labelName(state, label)) === 0 &&
      textOf(state, nameLocal(state, labelName(state, label))) === 'id'
    )
      return state.rowData[row];
    if (kind !== Kind.Attribute && kind !== Kind.Declaration) return -1;
  }
  return -1;
}

/** Indexes a staged resource in place of its older version. Returns its slot. */
function settle(state: State, { root, end, id, meta }: Staged): number {
  const ordinal = ordinalOf(meta.created, meta.createdSeq);
  close(state, id, meta.revision, (slot) => slotOrdinal(state, slot) === ordinal);
  indexRows(state, root, end);
  const facts = {
    ordinal,
    createdAt: meta.createdAt,
    modifiedAt: meta.modifiedAt,
    created: meta.created,
    meta: meta.meta === undefined ? 0 : internText(state, meta.meta),
  };
  const slot = appendSlot(state, root, id, meta.revision, facts);
  state.rowLink[root] = slot;
  state.header[Word.liveRows] += end - root;
  return slot;
}

/** Closes the open version of a resource, if there is one. */
function close(state: State, id: number, revision: number, isIt: (slot: number) => boolean): boolean {
  const slot = openSlot(state, id, isIt);
  if (slot < 0) return false;
  closeSlot(state, slot, revision);
  const root = slotRow(state, slot);
  state.header[Word.liveRows] -= (state.rowData[root] & 0x7fff_ffff) + 1;
  return true;
}

/**
 * Creates or replaces the resource whose canonical XML this is. Seen after `publish`. Returns its slot.
 * Throws an Error with the byte offset when the bytes are not canonical XML with an id; the columns are as before.
 */
export function putResource(columns: Columns, xml: Uint8Array, meta: ResourceMeta): number {
  const state = stateOf(columns);
  return settle(state, stage(state, xml, meta));
}

/** Ends the resource that the store keeps under `key` at `revision`. False when there is none. Seen after `publish`. */
export function removeResource(columns: Columns, key: ResourceKey, revision: number): boolean {
  const state = stateOf(columns);
  const id = publicId(key);
  const string = state.ends.strings > state.seen.strings ? findUnpublished(state, id) : findText(state, id);
  return string >= 0 && close(state, string, revision, (slot) => twinOfSlot(state, slot) === twinNumber(key));
}

function twinOfSlot(state: State, slot: number): number {
  return parseMeta(textOf(state, slotMeta(state, slot))).twin ?? 0;
}

/** A resource put and removed before anything was published: its id string may not be published either. */
function findUnpublished(state: State, id: string): number {
  const { strings } = state.seen;
  state.seen.strings = state.ends.strings;
  const string = findText(state, id);
  state.seen.strings = strings;
  return string;
}

/**
 * Makes everything put and removed so far visible, as revision `revision`. `base`: the oldest revision that views may have, where
 * that is later than before: what was replaced earlier has never been here.
 */
export function publish(columns: Columns, revision: number, base?: number): void {
  const state = stateOf(columns);
  if (base !== undefined) Atomics.store(state.header, Word.base, base);
  publishState(state, revision);
}

/** Applies one commit and publishes it; all of it, or nothing when one of its resources cannot be read (the error names it). */
export function applyCommit(columns: Columns, commit: Commit): void {
  const state = stateOf(columns);
  const first = state.ends.rows;
  const staged: Staged[] = [];
  for (const change of commit.changes) {
    if (change.kind === 'remove') continue;
    try {
      staged.push(stage(state, change.resource.xml, change.resource));
    } catch (error) {
      state.ends.rows = first;
      throw new Error(`Resource ${JSON.stringify(change.resource.id)} cannot be indexed. ${(error as Error).message}`, { cause: error });
    }
  }
  let next = 0;
  for (const change of commit.changes) {
    if (change.kind === 'remove') removeResource(columns, change.id, commit.revision);
    else settle(state, staged[next++]);
  }
  publishState(state, commit.revision);
}

/** Puts a batch of what a store lists, in its order; `publish` with the store's revision after the last batch. */
export function putResources(columns: Columns, resources: Iterable<StoredResource>): void {
  for (const resource of resources) {
    try {
      putResource(columns, resource.xml, resource);
    } catch (error) {
      throw new Error(`Resource ${JSON.stringify(resource.id)} cannot be indexed. ${(error as Error).message}`, { cause: error });
    }
  }
}
