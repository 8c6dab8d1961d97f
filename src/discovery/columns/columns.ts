/** Columns as their readers see them (contract.ts), over the arrays; and new, empty ones. */
import { type Columns, Kind, type Labels, type Names, type Postings, type Rows, type Slots, type Strings } from './contract.js';
import { FIRST_BUCKETS } from './hash-index.js';
import { labelRowCount, labelRuns, labelValues } from './label-rows.js';
import { firstChild, initLabels, labelDepth, labelIsScope, labelKind, labelName, labelParent, nextSibling } from './labels.js';
import { matcherOf } from './matcher.js';
import { initNames, type NameTexts, nameTexts } from './names.js';
import { initPostings, postingCount, postingHead } from './postings.js';
import { appendRow, reserveRows } from './rows.js';
import { slotAt, slotBorn, slotDied, slotFactsOf, slotId, slotMeta, slotOrdinal, slotRow, twinOf } from './slots.js';
import { allocateState, OUT_OF_ORDER, SOME_DEAD, type State, Word } from './state.js';
import { findText, initStrings, numberOfString, stringEnd, stringStart, textOf } from './strings.js';

export interface ColumnsOptions {
  /**
   * `directory` (the default): shared, growing in place to 4 GiB an array. `document`: small and local, for one plain document.
   */
  readonly size?: 'directory' | 'document';
  /** of the string hash; default random. Give one for reproducible tests only: who knows it can slow interning down. */
  readonly seed?: number;
}

const states = new WeakMap<Columns, State>();

/** The arrays behind columns, for the parts of this room that write, copy or serialise them. */
export function stateOf(columns: Columns): State {
  const state = states.get(columns);
  if (state === undefined) throw new TypeError('These columns were not made by createColumns, attachColumns or restoreColumns');
  return state;
}

/** Empty columns: the root row and nothing below. */
export function createColumns(options: ColumnsOptions = {}): Columns {
  const state = allocateState(options.size !== 'document');
  const seeds =
    options.seed === undefined
      ? crypto.getRandomValues(new Uint32Array(2))
      : [options.seed >>> 0, Math.imul(options.seed, 0x9e37_79b1) >>> 0];
  state.header[Word.seed] = seeds[0];
  // odd and ≡ 5 mod 8: a factor whose powers run through as many values as there are
  state.header[Word.factor] = ((seeds[1] & ~7) | 5) >>> 0;
  for (const word of [Word.stringBuckets, Word.nameBuckets, Word.labelBuckets, Word.postingBuckets, Word.slotBuckets])
    state.header[word] = FIRST_BUCKETS;
  initStrings(state);
  initNames(state);
  initLabels(state);
  initPostings(state);
  reserveRows(state, 1);
  appendRow(state, 0, 0, 0);
  publishState(state, 0);
  return columnsOver(state);
}

/** Makes everything appended so far visible, as of `revision`. */
export function publishState(state: State, revision: number): void {
  const { header, ends } = state;
  Atomics.add(header, Word.publishing, 1);
  Atomics.store(header, Word.rows, ends.rows);
  Atomics.store(header, Word.slots, ends.slots);
  Atomics.store(header, Word.strings, ends.strings);
  Atomics.store(header, Word.names, ends.names);
  Atomics.store(header, Word.labels, ends.labels);
  Atomics.store(header, Word.revision, revision);
  Atomics.add(header, Word.publishing, 1);
  look(state);
}

/** Takes over what is published: all of one publication, however fast the next ones follow. */
export function look(state: State): void {
  const { header, seen } = state;
  for (;;) {
    const publication = Atomics.load(header, Word.publishing);
    seen.revision = Atomics.load(header, Word.revision);
    seen.base = Atomics.load(header, Word.base);
    seen.rows = Atomics.load(header, Word.rows);
    seen.slots = Atomics.load(header, Word.slots);
    seen.strings = Atomics.load(header, Word.strings);
    seen.names = Atomics.load(header, Word.names);
    seen.labels = Atomics.load(header, Word.labels);
    seen.flags = Atomics.load(header, Word.flags);
    if ((publication & 1) === 0 && Atomics.load(header, Word.publishing) === publication) return;
  }
}

export function columnsOver(state: State): Columns {
  const { seen } = state;
  const columns: Columns = {
    rows: rowsOver(state),
    labels: labelsOver(state),
    names: namesOver(state),
    strings: stringsOver(state),
    postings: postingsOver(state),
    slots: slotsOver(state),
    elementIds: state.elementIds,
    get revision() {
      return seen.revision;
    },
    get base() {
      return seen.base;
    },
    get allAlive() {
      return (seen.flags & SOME_DEAD) === 0;
    },
    get orderIsRowOrder() {
      return (seen.flags & OUT_OF_ORDER) === 0;
    },
    slotOf: (row) => slotOf(state, row),
  };
  states.set(columns, state);
  return columns;
}

/** Slot of a row; -1 for the root, 0 for a comment or instruction beside a document's root element. */
export function slotOf(state: State, row: number): number {
  if (row === 0) return -1;
  const { rowParent } = state;
  let top = row;
  for (let parent = rowParent[top]; parent !== 0; parent = rowParent[top]) top = parent;
  return labelKind(state, state.rowLabel[top]) === Kind.Element ? state.rowLink[top] : 0;
}

function rowsOver(state: State): Rows {
  return {
    get count() {
      return state.seen.rows;
    },
    get label() {
      return state.rowLabel;
    },
    get parent() {
      return state.rowParent;
    },
    get data() {
      return state.rowData;
    },
    get link() {
      return state.rowLink;
    },
  };
}

function labelsOver(state: State): Labels {
  return {
    get count() {
      return state.seen.labels;
    },
    parent: (label) => labelParent(state, label),
    kind: (label) => labelKind(state, label),
    name: (label) => labelName(state, label),
    depth: (label) => labelDepth(state, label),
    firstChild: (label) => firstChild(state, label),
    nextSibling: (label) => nextSibling(state, label),
    rowCount: (label) => labelRowCount(state, label),
    runs: (label) => labelRuns(state, label),
    values: (label) => labelValues(state, label),
    isScope: (label) => labelIsScope(state, label),
  };
}

function namesOver(state: State): Names {
  const known: NameTexts[] = [];
  const texts = (name: number): NameTexts => {
    known[name] ??= nameTexts(state, name);
    return known[name];
  };
  return {
    get count() {
      return state.seen.names;
    },
    prefix: (name) => texts(name).prefix,
    ns: (name) => texts(name).ns,
    local: (name) => texts(name).local,
  };
}

function stringsOver(state: State): Strings {
  return {
    get count() {
      return state.seen.strings;
    },
    text: (id) => textOf(state, id),
    byteLength: (id) => stringEnd(state, id) - stringStart(state, id),
    number: (id) => numberOfString(state, id),
    find: (text) => findText(state, text),
    matcher: (kind, needle) => matcherOf(state, kind, needle),
  };
}

function postingsOver(state: State): Postings {
  return {
    head: (label, string) => postingHead(state, label, string),
    count: (label, string) => postingCount(state, label, string),
  };
}

function slotsOver(state: State): Slots {
  return {
    get count() {
      return state.seen.slots;
    },
    row: (slot) => slotRow(state, slot),
    born: (slot) => slotBorn(state, slot),
    died: (slot) => slotDied(state, slot),
    ordinal: (slot) => slotOrdinal(state, slot),
    id: (slot) => textOf(state, slotId(state, slot)),
    createdAt: (slot) => slotFactsOf(state, slot).createdAt,
    modifiedAt: (slot) => slotFactsOf(state, slot).modifiedAt,
    meta: (slot) => textOf(state, slotMeta(state, slot)),
    find: (id, revision) => {
      const string = findText(state, id);
      return string < 0 ? -1 : slotAt(state, string, revision);
    },
    twin: (slot, revision) => twinOf(state, slot, revision),
  };
}
