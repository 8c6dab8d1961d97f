/**
 * A snapshot: what cannot be derived, as bytes. Rows and the heap only ever grow, so below the published counts they do not
 * change while they are being written, however slowly; what may change is copied here (some 5 ms for 100 000 resources).
 * Hash directories, label lists and postings are not kept: restore.ts makes them anew from the rows while it checks them.
 * Bytes are as this machine holds them (little-endian everywhere Node runs).
 */
import { stateOf } from './columns.js';
import type { Columns } from './contract.js';
import { labelKind, labelName, labelParent } from './labels.js';
import { CLASSES } from './signatures.js';
import { ALIVE } from './slots.js';
import { type ArrayName, elementBytes, FACTS, NAME, SLOT, STRING, type State, Word } from './state.js';
import { HASH } from './strings.js';

export const SNAPSHOT_FORMAT = 'facetry-columns';
export const SNAPSHOT_VERSION = 3;

/** Goes into the file as JSON. Which store it belongs to and the digest of the bytes are the caller's to add. */
export interface SnapshotHeader {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly version: number;
  readonly revision: number;
  readonly base: number;
  readonly seed: number;
  readonly factor: number;
  readonly counts: {
    readonly rows: number;
    readonly slots: number;
    readonly strings: number;
    readonly names: number;
    readonly labels: number;
  };
  /** first and last signature block of each length class */
  readonly classes: readonly number[];
  /** in the order in which they are to be written and read */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

export interface SnapshotPart {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The parts of a snapshot of what is published now. Their bytes stay as they are while commits go on. */
export function snapshotParts(columns: Columns): { readonly header: SnapshotHeader; readonly parts: readonly SnapshotPart[] } {
  const state = stateOf(columns);
  const { seen } = state;
  const heapEnd = state.strings[seen.strings * STRING];
  const parts: SnapshotPart[] = [
    part(state, 'heap', heapEnd),
    { name: 'strings', bytes: bytesOf(stringPairs(state)) },
    part(state, 'stringFlags', seen.strings),
    { name: 'names', bytes: bytesOf(state.names.slice(0, seen.names * NAME)) },
    { name: 'labels', bytes: bytesOf(labelTriples(state)) },
    part(state, 'rowLabel', seen.rows),
    part(state, 'rowParent', seen.rows),
    part(state, 'rowData', seen.rows),
    part(state, 'rowLink', seen.rows),
    { name: 'slots', bytes: bytesOf(slotRecords(state)) },
    part(state, 'slotFacts', seen.slots * FACTS),
    { name: 'signatures', bytes: bytesOf(state.signatures.slice(0, state.ends.signatures)) },
  ];
  const header: SnapshotHeader = {
    format: SNAPSHOT_FORMAT,
    version: SNAPSHOT_VERSION,
    revision: seen.revision,
    base: seen.base,
    seed: state.header[Word.seed],
    factor: state.header[Word.factor],
    counts: { rows: seen.rows, slots: seen.slots, strings: seen.strings, names: seen.names, labels: seen.labels },
    classes: [...state.header.subarray(Word.classes, Word.classes + 2 * CLASSES)],
    parts: parts.map(({ name, bytes }) => ({ name, bytes: bytes.length })),
  };
  return { header, parts };
}

function part(state: State, name: ArrayName, length: number): SnapshotPart {
  return { name, bytes: new Uint8Array(state.buffers[name], 0, length * elementBytes(name)) };
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** Offset and hash of each string, and at last the end of the heap. */
function stringPairs(state: State): Uint32Array {
  const { strings, seen } = state;
  const pairs = new Uint32Array(seen.strings * 2 + 1);
  for (let id = 0; id < seen.strings; id++) {
    pairs[id * 2] = strings[id * STRING];
    pairs[id * 2 + 1] = strings[id * STRING + HASH];
  }
  pairs[seen.strings * 2] = strings[seen.strings * STRING];
  return pairs;
}

/** parent, kind, name of each label: the rest follows from these and the rows. */
function labelTriples(state: State): Uint32Array {
  const triples = new Uint32Array(state.seen.labels * 3);
  for (let label = 0; label < state.seen.labels; label++)
    triples.set([labelParent(state, label), labelKind(state, label), labelName(state, label)], label * 3);
  return triples;
}

/** Slots as they are at the published revision: one that a commit under way has closed is still open. */
function slotRecords(state: State): Uint32Array {
  const records = state.slots.slice(0, (state.seen.slots + 1) * SLOT);
  for (let at = SLOT + 3; at < records.length; at += SLOT) if (records[at] > state.seen.revision) records[at] = ALIVE;
  return records;
}
