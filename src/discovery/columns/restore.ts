/**
 * Reads a snapshot back, straight into shared memory. Everything read is held against everything else before it is believed:
 * what is torn, or of another format, is refused with the reason, and the owner rebuilds from the store instead.
 */
import { createColumns, publishState, stateOf } from './columns.js';
import { type Columns, Kind, SUBTREE } from './contract.js';
import { appendLabelRow } from './label-rows.js';
import { internLabel, labelKind, labelParent } from './labels.js';
import { internName } from './names.js';
import { restorePosting } from './postings.js';
import { restoreSignatures } from './signatures.js';
import { ALIVE, appendSlot, closeSlot } from './slots.js';
import { SNAPSHOT_FORMAT, SNAPSHOT_VERSION, type SnapshotHeader } from './snapshot.js';
import { type ArrayName, elementBytes, FACTS, grow, NAME, SLOT, type State, Word } from './state.js';
import { restoreStrings } from './strings.js';

export interface SnapshotReader {
  /** as it was read, unchecked */
  readonly header: unknown;
  /** Fills `into` with the next part; rejects when the file is shorter. `into` lies in shared memory. */
  read(name: string, into: Uint8Array): Promise<void> | void;
  /** Called every few milliseconds of reckoning, so that others get their turn. */
  rest(): Promise<void> | void;
}

export type Restored = { readonly ok: true; readonly columns: Columns } | { readonly ok: false; readonly reason: string };

/** That it is the snapshot of this store, and its digest, is for the caller to check. Rejects only when `read` does. */
export async function restoreColumns(reader: SnapshotReader): Promise<Restored> {
  const header = checkedHeader(reader.header);
  if (typeof header === 'string') return { ok: false, reason: header };
  const columns = createColumns();
  const state = stateOf(columns);
  state.header[Word.seed] = header.seed;
  state.header[Word.factor] = header.factor;
  const parts = new Map<string, Uint32Array | Float64Array>();
  for (const { name, bytes } of header.parts) await reader.read(name, target(state, name, bytes, parts));
  const wrong = await restore(state, header, parts, () => reader.rest());
  return wrong === undefined ? { ok: true, columns } : { ok: false, reason: `The snapshot contradicts itself: ${wrong}` };
}

/** Where a part is read to: the array itself, or a temporary copy of a small one that is entered record by record. */
function target(state: State, name: string, bytes: number, parts: Map<string, Uint32Array | Float64Array>): Uint8Array {
  if (name === 'strings' || name === 'names' || name === 'labels' || name === 'slots' || name === 'slotFacts') {
    const buffer = new ArrayBuffer(bytes);
    parts.set(name, name === 'slotFacts' ? new Float64Array(buffer) : new Uint32Array(buffer));
    return new Uint8Array(buffer);
  }
  grow(state, name as ArrayName, bytes / elementBytes(name as ArrayName));
  return new Uint8Array(state.buffers[name as ArrayName], 0, bytes);
}

/** The header, or why it is none. */
function checkedHeader(value: unknown): SnapshotHeader | string {
  const header = value as SnapshotHeader;
  if (header?.format !== SNAPSHOT_FORMAT) return 'It is not a snapshot of columns';
  if (header.version !== SNAPSHOT_VERSION) return `It has version ${header.version}; this program reads version ${SNAPSHOT_VERSION}`;
  const { rows, slots, strings, names, labels } = header.counts ?? {};
  const counts = [
    rows,
    slots,
    strings,
    names,
    labels,
    header.revision,
    header.base,
    header.seed,
    header.factor,
    ...(header.classes ?? [Number.NaN]),
  ];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0 && count < 2 ** 32)) return 'Its counts are not numbers';
  if (rows < 1 || strings < 1 || names < 1 || labels < 1) return 'It lacks the root';
  const sizes = new Map((header.parts ?? []).map(({ name, bytes }) => [name, bytes]));
  const expected: Record<string, number> = {
    strings: strings * 8 + 4,
    stringFlags: strings * 2,
    names: names * NAME * 4,
    labels: labels * 12,
    rowLabel: rows * 4,
    rowParent: rows * 4,
    rowData: rows * 4,
    rowLink: rows * 4,
    slots: (slots + 1) * SLOT * 4,
    slotFacts: slots * FACTS * 8,
  };
  for (const [name, bytes] of Object.entries(expected))
    if (sizes.get(name) !== bytes) return `Its part ${name} has ${sizes.get(name)} bytes, not ${bytes}`;
  for (const name of ['heap', 'signatures']) {
    const bytes = sizes.get(name) ?? -1;
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > 2 ** 32 || (name === 'signatures' && bytes % 4 !== 0))
      return `Its part ${name} has no size`;
  }
  return sizes.size === Object.keys(expected).length + 2 ? header : 'It has parts that are not known';
}

/** Derives everything else. Returns what is wrong, if something is. */
async function restore(
  state: State,
  header: SnapshotHeader,
  parts: ReadonlyMap<string, Uint32Array | Float64Array>,
  rest: () => Promise<void> | void,
): Promise<string | undefined> {
  const { counts } = header;
  const size = (name: string) => header.parts.find((part) => part.name === name)?.bytes ?? 0;
  if (!(await allOf(restoreStrings(state, parts.get('strings') as Uint32Array, counts.strings, size('heap')), rest)))
    return 'a string is not what its record says';
  if (!restoreNames(state, parts.get('names') as Uint32Array, counts.names)) return 'a name';
  if (!restoreLabels(state, parts.get('labels') as Uint32Array, counts.labels)) return 'a label';
  if (!restoreSignatures(state, header.classes, size('signatures') / 4)) return 'the signatures';
  const roots: number[] = [];
  if (!(await allOf(restoreRows(state, counts.rows, roots), rest))) return `row ${state.ends.rows}`;
  state.header[Word.base] = header.base;
  const [slots, facts] = [parts.get('slots') as Uint32Array, parts.get('slotFacts') as Float64Array];
  if (!(await allOf(restoreSlots(state, header, slots, facts, roots), rest))) return 'a slot';
  publishState(state, header.revision);
  return undefined;
}

/** Slice by slice; false as soon as one is wrong. */
async function allOf(slices: Iterable<boolean>, rest: () => Promise<void> | void): Promise<boolean> {
  for (const right of slices) {
    if (!right) return false;
    await rest();
  }
  return true;
}

function restoreNames(state: State, names: Uint32Array, count: number): boolean {
  for (let name = 1; name < count; name++) {
    const [prefix, ns, local, written] = names.subarray(name * NAME, name * NAME + 4);
    if (Math.max(prefix, ns, local, written) >= state.ends.strings || internName(state, prefix, ns, local, written) !== name) return false;
  }
  return true;
}

function restoreLabels(state: State, triples: Uint32Array, count: number): boolean {
  for (let label = 1; label < count; label++) {
    const [parent, kind, name] = triples.subarray(label * 3, label * 3 + 3);
    if (parent >= label || kind < Kind.Element || kind > Kind.Declaration || name >= state.ends.names) return false;
    if (internLabel(state, parent, kind, name) !== label) return false;
  }
  return true;
}

/** Rows, slots or strings of a slice: some milliseconds. */
const SLICE = 32_768;

/** What stands around a row while rows are gone through. */
interface Around {
  /** entry of each row's posting */
  readonly entryOf: Uint32Array;
  /** the elements around the row, and the last row of each */
  readonly open: number[];
  readonly ends: number[];
  /** rows of top-level elements so far */
  readonly roots: number[];
}

/** Fills `roots` with the rows of top-level elements. False: row `ends.rows` is wrong. */
function* restoreRows(state: State, count: number, roots: number[]): Generator<boolean, void, undefined> {
  const { rowLabel, rowParent, rowData, rowLink } = state;
  state.ends.rows = 0;
  if (rowLabel[0] !== 0 || rowParent[0] !== 0 || rowData[0] !== 0 || rowLink[0] !== 0) yield false;
  const around: Around = { entryOf: new Uint32Array(count), open: [0], ends: [count - 1], roots };
  for (let from = 1; from < count; from += SLICE) {
    const to = Math.min(count, from + SLICE);
    state.ends.rows = restoreRowsIn(state, from, to, around);
    yield state.ends.rows === to;
  }
  state.ends.rows = count;
}

/** `to`, or the first row that is wrong. */
function restoreRowsIn(state: State, from: number, to: number, { entryOf, open, ends, roots }: Around): number {
  const { rowLabel, rowParent, rowData, rowLink } = state;
  const strings = state.ends.strings;
  const labels = state.ends.labels;
  for (let row = from; row < to; row++) {
    while (ends[ends.length - 1] < row) {
      ends.pop();
      open.pop();
    }
    const label = rowLabel[row];
    const data = rowData[row];
    const parent = rowParent[row];
    if (label === 0 || label >= labels || parent !== open[open.length - 1] || labelParent(state, label) !== rowLabel[parent]) return row;
    const kind = labelKind(state, label);
    appendLabelRow(state, label, row);
    if (kind === Kind.Element && parent === 0) {
      if (data < SUBTREE || rowLink[row] !== roots.length) return row;
      roots.push(row);
    }
    if (data >= SUBTREE) {
      const end = row + data - SUBTREE;
      if (kind !== Kind.Element || end > ends[ends.length - 1] || (parent !== 0 && rowLink[row] !== 0)) return row;
      open.push(row);
      ends.push(end);
    } else if (data >= strings) return row;
    else if (kind === Kind.Declaration) {
      if (rowLink[row] !== 0) return row;
    } else if (!restorePosting(state, row, entryOf)) return row;
  }
  return to;
}

function* restoreSlots(
  state: State,
  header: SnapshotHeader,
  slots: Uint32Array,
  facts: Float64Array,
  roots: readonly number[],
): Generator<boolean, void, undefined> {
  if (roots.length !== header.counts.slots) yield false;
  let live = 0;
  for (let slot = 0; slot < roots.length; slot++) {
    if (slot % SLICE === SLICE - 1) yield true;
    const record = (slot + 1) * SLOT;
    const row = slots[record];
    const id = slots[record + 1];
    const born = slots[record + 2];
    const died = slots[record + 3];
    if (
      row !== roots[slot] ||
      id >= state.ends.strings ||
      slots[record + 6] >= state.ends.strings ||
      born > header.revision ||
      died < born ||
      (died !== ALIVE && died > header.revision)
    )
      yield false;
    const fact = slot * FACTS;
    appendSlot(state, row, id, born, {
      ordinal: facts[fact],
      createdAt: facts[fact + 1],
      modifiedAt: facts[fact + 2],
      created: facts[fact + 3],
      meta: slots[record + 6],
    });
    if (died !== ALIVE) closeSlot(state, slot, died);
    else live += state.rowData[row] - SUBTREE + 1;
  }
  state.header[Word.liveRows] = live;
}
