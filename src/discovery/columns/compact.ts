/**
 * Compaction: what is alive, copied in publication order into fresh columns. Dead rows, and strings and labels that nobody uses
 * any more, stay behind. It runs in small steps between commits and questions, which go on with the old columns; what is
 * committed meanwhile is caught up with, until in one step nothing is left to do. In the same breath the owner swaps.
 */
import { createColumns, publishState, stateOf } from './columns.js';
import { type Columns, SUBTREE } from './contract.js';
import { internLabel, labelKind, labelName, labelParent } from './labels.js';
import { internName, nameLocal, nameNs, namePrefix, nameWritten } from './names.js';
import { appendRow, indexRows, reserveRows } from './rows.js';
import { ALIVE, appendSlot, closeSlot, slotBorn, slotDied, slotFactsOf, slotId, slotMeta, slotOrdinal, slotRow } from './slots.js';
import { STRING, type State, Word } from './state.js';
import { HASH, internBytes } from './strings.js';

export interface Compaction {
  /**
   * Works for about `ms`. True: `columns` hold all that the source holds, as of its revision; swap before anything is written
   * to the source again. (Otherwise the next step goes on catching up.)
   */
  step(ms: number): boolean;
  readonly columns: Columns;
  /** slots copied or skipped, of those known so far */
  readonly done: number;
  readonly total: number;
}

/** Which part of the rows is dead: when to compact is the owner's decision. 0 … 1 */
export function deadFraction(columns: Columns): number {
  const state = stateOf(columns);
  return 1 - (state.header[Word.liveRows] + 1) / state.ends.rows;
}

/** Rows copied between two looks at the clock: some tenths of a millisecond. */
const SLICE = 1024;

/** `now`: milliseconds of a clock that does not jump. Call it, and each step, between commits. */
export function startCompaction(source: Columns, now: () => number): Compaction {
  const from = stateOf(source);
  const columns = createColumns();
  const to = stateOf(columns);
  // the same hash function, so that no string has to be hashed again
  to.header[Word.seed] = from.header[Word.seed];
  to.header[Word.factor] = from.header[Word.factor];
  const progress = { done: 0, total: from.seen.slots };
  const work = copyAll(from, to, progress);
  return {
    columns,
    step(ms) {
      const end = now() + ms;
      do {
        // `work` yields true when it has caught up, and goes on from there when it is asked again
        if (work.next().value === true) return true;
      } while (now() < end);
      return false;
    },
    get done() {
      return progress.done;
    },
    get total() {
      return progress.total;
    },
  };
}

function* copyAll(from: State, to: State, progress: { done: number; total: number }): Generator<boolean, never, undefined> {
  const translation = createTranslation();
  /** source slot → fresh slot + 1 */
  let copied: Uint32Array = new Uint32Array(from.seen.slots + 1024);
  let known = from.seen.slots;
  const copy = function* (slot: number): Generator<boolean, void, undefined> {
    progress.done++;
    if (slotDied(from, slot) !== ALIVE) return;
    const fresh = yield* copySlot(from, to, translation, slot);
    copied[slot] = fresh + 1;
  };

  for (const slot of yield* inPublicationOrder(from, known)) yield* copy(slot);
  for (;;) {
    for (; known < from.seen.slots; known++) {
      if (known >= copied.length) copied = enlarged(copied);
      yield* copy(known);
    }
    progress.total = known;
    if (known < from.seen.slots) continue;
    for (let slot = 0; slot < known; slot++) {
      if (copied[slot] !== 0 && slotDied(from, slot) !== ALIVE) {
        const fresh = copied[slot] - 1;
        closeSlot(to, fresh, slotDied(from, slot));
        to.header[Word.liveRows] -= rowsOf(to, slotRow(to, fresh));
        copied[slot] = 0;
      }
    }
    to.header[Word.base] = from.seen.revision;
    publishState(to, from.seen.revision);
    yield true;
  }
}

function enlarged(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function rowsOf(state: State, root: number): number {
  return state.rowData[root] - SUBTREE + 1;
}

/** Slots 0 … count-1 by ordinal: a merge sort that can pause. */
function* inPublicationOrder(state: State, count: number): Generator<boolean, Uint32Array, undefined> {
  let slots = new Uint32Array(count);
  for (let slot = 0; slot < count; slot++) slots[slot] = slot;
  let other = new Uint32Array(count);
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takeLeft = left < middle && (right === end || slotOrdinal(state, slots[left]) <= slotOrdinal(state, slots[right]));
        other[at] = takeLeft ? slots[left++] : slots[right++];
        if ((at & 4095) === 4095) yield false;
      }
    }
    [slots, other] = [other, slots];
  }
  return slots;
}

/** Ids of the source → ids of the fresh columns; 0 = not met yet. */
interface Translation {
  strings: Uint32Array;
  readonly names: number[];
  readonly labels: number[];
}

function createTranslation(): Translation {
  return { strings: new Uint32Array(1024), names: [0], labels: [0] };
}

function translateString(from: State, to: State, translation: Translation, id: number): number {
  if (id === 0) return 0;
  while (id >= translation.strings.length) translation.strings = enlarged(translation.strings);
  const known = translation.strings[id];
  if (known !== 0) return known;
  const at = id * STRING;
  const fresh = internBytes(to, from.heap, from.strings[at], from.strings[at + STRING], from.strings[at + HASH]);
  if (from.stringNumbers[id] !== 0) to.stringNumbers[fresh] = from.stringNumbers[id];
  translation.strings[id] = fresh;
  return fresh;
}

function translateName(from: State, to: State, translation: Translation, name: number): number {
  const string = (id: number) => translateString(from, to, translation, id);
  translation.names[name] ??= internName(
    to,
    string(namePrefix(from, name)),
    string(nameNs(from, name)),
    string(nameLocal(from, name)),
    string(nameWritten(from, name)),
  );
  return translation.names[name];
}

function translateLabel(from: State, to: State, translation: Translation, label: number): number {
  const known = translation.labels[label];
  if (known !== undefined) return known;
  // from the root down, without recursion: documents may be deep
  const path = [label];
  while (translation.labels[labelParent(from, path[path.length - 1])] === undefined) path.push(labelParent(from, path[path.length - 1]));
  for (const inner of path.reverse()) {
    const parent = translation.labels[labelParent(from, inner)];
    translation.labels[inner] = internLabel(
      to,
      parent,
      labelKind(from, inner),
      translateName(from, to, translation, labelName(from, inner)),
    );
  }
  return translation.labels[label];
}

function* copySlot(from: State, to: State, translation: Translation, slot: number): Generator<boolean, number, undefined> {
  const root = slotRow(from, slot);
  const count = rowsOf(from, root);
  const target = to.ends.rows;
  for (let start = 0; start < count; start += SLICE) {
    const end = Math.min(start + SLICE, count);
    reserveRows(to, end - start);
    for (let offset = start; offset < end; offset++) {
      const row = root + offset;
      const label = translateLabel(from, to, translation, from.rowLabel[row]);
      const parent = offset === 0 ? 0 : target + from.rowParent[row] - root;
      const data = from.rowData[row];
      appendRow(to, label, parent, data >= SUBTREE ? data : translateString(from, to, translation, data));
    }
    indexRows(to, target + start, target + end);
    yield false;
  }
  const fresh = appendSlot(to, target, translateString(from, to, translation, slotId(from, slot)), slotBorn(from, slot), {
    ...slotFactsOf(from, slot),
    meta: translateString(from, to, translation, slotMeta(from, slot)),
  });
  to.rowLink[target] = fresh;
  to.header[Word.liveRows] += count;
  return fresh;
}
