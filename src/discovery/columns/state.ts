/**
 * The arrays themselves. Everything a directory knows of its resources stands in these 21 arrays and nowhere else, so a
 * second thread can read them where they are, a snapshot is their bytes, and a restart is reading those bytes back.
 *
 *   rows (four columns)      label | parent | data | link                            see contract.ts
 *
 *   strings   heap           …the UTF-8 bytes of all strings, end to end…
 *             strings        id ▸ offset · hash · next in bucket · first posting      its length is the next offset less its own
 *             stringFlags    id ▸ what has to be escaped, is it ASCII, prints of its beginnings
 *             stringNumbers  id ▸ number(), once asked for
 *   names     names          id ▸ prefix · namespace · local · as written · next      the first four are string ids
 *   labels    labels         id ▸ parent, kind, name, relatives, run list             see labels.ts
 *             runs           …blocks of rows with their data, one chain per label…     see label-rows.ts
 *   postings  postings       id ▸ newest row · rows · next · label                    see postings.ts
 *   slots     slots          id ▸ row · id string · born · died · elder · next
 *             slotFacts      id ▸ ordinal · created at · modified at · created revision   as doubles
 *   signatures               …bit-sliced blocks over the long strings…                see signatures.ts
 *   …Buckets                 five hash directories: bucket ▸ first entry              see hash-index.ts
 *   header                   how much of all that is published                       see Word
 *
 * A *shared* set lies in growable SharedArrayBuffers: address space is reserved once, growing never copies and never moves, so
 * a reader's views stay valid and merely become too short. Views have a fixed length (views that track the length of a
 * growable buffer scan seven times slower) and are made anew after growing. A *local* set, for one plain document, lies in
 * small ArrayBuffers that double by copying: thousands of them may live at once.
 */

export interface Views {
  heap: Uint8Array;
  strings: Uint32Array;
  stringFlags: Uint16Array;
  stringNumbers: Float64Array;
  stringBuckets: Uint32Array;
  names: Uint32Array;
  nameBuckets: Uint32Array;
  labels: Uint32Array;
  labelBuckets: Uint32Array;
  runs: Uint32Array;
  rowLabel: Uint32Array;
  rowParent: Uint32Array;
  rowData: Uint32Array;
  rowLink: Uint32Array;
  postings: Uint32Array;
  postingBuckets: Uint32Array;
  slots: Uint32Array;
  slotFacts: Float64Array;
  slotBuckets: Uint32Array;
  signatures: Uint32Array;
}

export type ArrayName = keyof Views;

/** Element type and first length of each array. */
const SHAPES: {
  readonly [N in ArrayName]: {
    readonly type: new (buffer: ArrayBufferLike, offset: number, length: number) => Views[N];
    readonly bytes: number;
    readonly first: number;
  };
} = {
  heap: { type: Uint8Array, bytes: 1, first: 1024 },
  strings: { type: Uint32Array, bytes: 4, first: 256 },
  stringFlags: { type: Uint16Array, bytes: 2, first: 64 },
  stringNumbers: { type: Float64Array, bytes: 8, first: 64 },
  stringBuckets: { type: Uint32Array, bytes: 4, first: 32 },
  names: { type: Uint32Array, bytes: 4, first: 80 },
  nameBuckets: { type: Uint32Array, bytes: 4, first: 16 },
  labels: { type: Uint32Array, bytes: 4, first: 192 },
  labelBuckets: { type: Uint32Array, bytes: 4, first: 16 },
  runs: { type: Uint32Array, bytes: 4, first: 128 },
  rowLabel: { type: Uint32Array, bytes: 4, first: 64 },
  rowParent: { type: Uint32Array, bytes: 4, first: 64 },
  rowData: { type: Uint32Array, bytes: 4, first: 64 },
  rowLink: { type: Uint32Array, bytes: 4, first: 64 },
  postings: { type: Uint32Array, bytes: 4, first: 128 },
  postingBuckets: { type: Uint32Array, bytes: 4, first: 16 },
  slots: { type: Uint32Array, bytes: 4, first: 24 },
  slotFacts: { type: Float64Array, bytes: 8, first: 16 },
  slotBuckets: { type: Uint32Array, bytes: 4, first: 16 },
  signatures: { type: Uint32Array, bytes: 4, first: 16 },
};

export const ARRAY_NAMES = Object.keys(SHAPES) as readonly ArrayName[];

export function elementBytes(name: ArrayName): number {
  return SHAPES[name].bytes;
}

/** Words of the header. Counts say what is published; a reader in another thread goes by them and by nothing else. */
export const Word = {
  revision: 0,
  /** the oldest revision at which reading still makes sense: that of the last compaction */
  base: 1,
  rows: 2,
  slots: 3,
  strings: 4,
  names: 5,
  labels: 6,
  flags: 7,
  /** of the string hash; random, so that nobody outside can choose strings that fall into one bucket */
  seed: 8,
  factor: 9,
  /** pairs of (buckets, version) of the hash directories */
  stringBuckets: 10,
  nameBuckets: 12,
  labelBuckets: 14,
  postingBuckets: 16,
  slotBuckets: 18,
  /** live rows, for deciding on compaction */
  liveRows: 20,
  /** odd while the counts are being published */
  publishing: 21,
  /** length classes of signatures: (first block, last block) each; see signatures.ts */
  classes: 24,
} as const;

export const HEADER_WORDS = 64;

/** Bits of Word.flags. */
export const SOME_DEAD = 1;
export const OUT_OF_ORDER = 2;
/** some id is used by two resources at once, each in scopes of its own */
export const TWINS = 4;

/** Strides of the record arrays, in elements. */
export const STRING = 4;
export const NAME = 5;
export const LABEL = 12;
export const POSTING = 4;
export const SLOT = 7;
export const FACTS = 4;

/** Ends of the filled parts: the next free row, id, byte or word. */
export interface Ends {
  rows: number;
  slots: number;
  strings: number;
  names: number;
  labels: number;
  postings: number;
  /** those in the hash directory: postings of a string under its second and further labels */
  laterPostings: number;
  runs: number;
  signatures: number;
  heap: number;
}

/** Node's direct decoders; @types/node 20 does not list them. `toString` does the same, a quarter slower on short strings. */
export type TextBuffer = Buffer & { latin1Slice(start: number, end: number): string; utf8Slice(start: number, end: number): string };

export interface State extends Views {
  readonly shared: boolean;
  readonly header: Uint32Array;
  readonly buffers: { [N in ArrayName]: ArrayBufferLike };
  /** the heap again: only Buffer decodes bytes of a SharedArrayBuffer without copying them first */
  heapText: TextBuffer;
  /** what the one writer has appended, published or not (a reader does not use it) */
  readonly ends: Ends;
  /** what readers of this thread go by: the header's counts when it was last published or refreshed */
  readonly seen: {
    revision: number;
    base: number;
    rows: number;
    slots: number;
    strings: number;
    names: number;
    labels: number;
    flags: number;
  };
  /** string id → row of the element with that ID, in a plain document whose DTD types attributes as ID */
  readonly elementIds: Map<number, number>;
}

const RESERVED = 2 ** 32 - 65536;

function allocate(shared: boolean, bytes: number): ArrayBufferLike {
  return shared ? new SharedArrayBuffer(pages(bytes), { maxByteLength: RESERVED }) : new ArrayBuffer(bytes);
}

function pages(bytes: number): number {
  return Math.ceil(bytes / 65536) * 65536;
}

/** An array over `buffer` as far as the buffer reaches now. */
function view<N extends ArrayName>(name: N, buffer: ArrayBufferLike): Views[N] {
  const { type, bytes } = SHAPES[name];
  return new type(buffer, 0, Math.floor(buffer.byteLength / bytes));
}

function textBuffer(heap: ArrayBufferLike, length: number): TextBuffer {
  return Buffer.from(heap as ArrayBuffer, 0, length) as unknown as TextBuffer;
}

/** Empty arrays; `lengths` gives the elements wanted at once where that is known. */
export function allocateState(shared: boolean, lengths: Partial<Record<ArrayName, number>> = {}): State {
  const buffers = Object.fromEntries(
    ARRAY_NAMES.map((name) => [name, allocate(shared, Math.max(SHAPES[name].first, lengths[name] ?? 0) * SHAPES[name].bytes)]),
  ) as State['buffers'];
  const header = shared ? new SharedArrayBuffer(HEADER_WORDS * 4) : new ArrayBuffer(HEADER_WORDS * 4);
  return stateOver(header, buffers);
}

/** A state over given buffers: those just allocated, or those another thread has sent. */
export function stateOver(header: ArrayBufferLike, buffers: State['buffers']): State {
  const views = Object.fromEntries(ARRAY_NAMES.map((name) => [name, view(name, buffers[name])])) as unknown as Views;
  return {
    ...views,
    shared: header instanceof SharedArrayBuffer,
    header: new Uint32Array(header),
    buffers,
    heapText: textBuffer(buffers.heap, views.heap.length),
    ends: { rows: 0, slots: 0, strings: 0, names: 0, labels: 0, postings: 0, laterPostings: 0, runs: 0, signatures: 0, heap: 0 },
    seen: { revision: 0, base: 0, rows: 0, slots: 0, strings: 0, names: 0, labels: 0, flags: 0 },
    elementIds: new Map(),
  };
}

/** Makes array `name` at least `length` elements long. Throws when the columns are full (4 GiB an array). */
export function grow(state: State, name: ArrayName, length: number): void {
  if (length <= state[name].length) return;
  const old = state.buffers[name];
  const wanted = length * SHAPES[name].bytes;
  if (state.shared) {
    // growing costs a system call and new views, not a copy: small steps keep memory close to what is used
    const bytes = pages(Math.max(wanted, old.byteLength + old.byteLength / 16));
    if (wanted > RESERVED) throw new Error(`The columns are full: ${name} would need ${wanted} bytes and ${RESERVED} are reserved`);
    (old as SharedArrayBuffer).grow(Math.min(bytes, RESERVED));
  } else {
    const buffer = new ArrayBuffer(Math.max(wanted, old.byteLength * 2));
    new Uint8Array(buffer).set(new Uint8Array(old));
    state.buffers[name] = buffer;
  }
  renew(state, name);
}

function renew(state: State, name: ArrayName): void {
  (state as { [N in ArrayName]: Views[ArrayName] })[name] = view(name, state.buffers[name]);
  if (name === 'heap') state.heapText = textBuffer(state.buffers.heap, state.heap.length);
}

/**
 * Reader in another thread: makes views anew where the writer has grown a buffer. A SharedArrayBuffer's length is itself the
 * generation counter: it only rises, and reading it synchronises with `grow`.
 */
export function renewViews(state: State): void {
  for (const name of ARRAY_NAMES) {
    if (state.buffers[name].byteLength > state[name].byteLength + 7) renew(state, name);
  }
}
