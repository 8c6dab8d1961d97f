/** Appends one XML document of any shape, event by event: for plain documents, not for resources (shred.ts is faster). */

import { publishState, stateOf } from './columns.js';
import { type Columns, Kind, SUBTREE } from './contract.js';
import { internLabel } from './labels.js';
import { internNameTexts } from './names.js';
import { appendRow, indexRows, reserveRows } from './rows.js';
import { appendSlot } from './slots.js';
import type { State } from './state.js';
import { internText } from './strings.js';

/**
 * Call in document order: after startElement first its declarations, then its attributes, then its content. Text that
 * comes in pieces is one node; so is text around what the caller leaves out.
 */
export interface DocumentAppender {
  /** `ns` and `prefix` are empty where there is none */
  startElement(ns: string, prefix: string, local: string): void;
  /** a namespace declaration of the element just started; `prefix` empty for the default, `uri` empty to undeclare */
  declaration(prefix: string, uri: string): void;
  /** `isId`: the DTD types it as ID; the first element with an id keeps it */
  attribute(ns: string, prefix: string, local: string, value: string, isId?: boolean): void;
  text(value: string): void;
  comment(value: string): void;
  instruction(target: string, value: string): void;
  endElement(): void;
  /** Indexes and publishes the document as revision `revision`. Returns the row of its root element. */
  end(revision?: number): number;
}

interface Open {
  readonly row: number;
  readonly label: number;
}

/** One appender a document. Several documents in one set of columns stand one after the other, as resources do. */
export function createAppender(columns: Columns): DocumentAppender {
  const state = stateOf(columns);
  const first = state.ends.rows;
  const open: Open[] = [{ row: 0, label: 0 }];
  let pending = '';
  let root = 0;

  const current = () => open[open.length - 1];
  const add = (kind: Kind, name: number, value: string): number => {
    const { row, label } = current();
    return addRow(state, internLabel(state, label, kind, name), row, internText(state, value));
  };
  const flush = (): void => {
    if (pending !== '' && open.length > 1) add(Kind.Text, 0, pending);
    pending = '';
  };

  return {
    startElement(ns, prefix, local) {
      flush();
      if (open.length === 1 && root !== 0) throw new Error('A document has one root element');
      const label = internLabel(state, current().label, Kind.Element, internNameTexts(state, prefix, ns, local));
      const row = addRow(state, label, current().row, SUBTREE);
      if (open.length === 1) root = row;
      open.push({ row, label });
    },
    declaration(prefix, uri) {
      add(Kind.Declaration, internNameTexts(state, '', '', prefix), uri);
    },
    attribute(ns, prefix, local, value, isId = false) {
      const row = add(Kind.Attribute, internNameTexts(state, prefix, ns, local), value);
      const id = state.rowData[row];
      if (isId && !state.elementIds.has(id)) state.elementIds.set(id, current().row);
    },
    text(value) {
      pending += value;
    },
    comment(value) {
      flush();
      add(Kind.Comment, 0, value);
    },
    instruction(target, value) {
      flush();
      add(Kind.Instruction, internNameTexts(state, '', '', target), value);
    },
    endElement() {
      const { row } = current();
      if (open.length === 1) throw new Error('There is no element to end');
      if (row !== root && state.ends.rows === row + 1) {
        state.rowData[row] = internText(state, pending);
        pending = '';
      } else {
        flush();
        state.rowData[row] = (SUBTREE | (state.ends.rows - row - 1)) >>> 0;
      }
      open.pop();
    },
    end(revision = 0) {
      if (open.length > 1 || root === 0) throw new Error(root === 0 ? 'The document has no root element' : 'An element has not been ended');
      indexRows(state, first, state.ends.rows);
      const at = state.ends.slots;
      state.rowLink[root] = appendSlot(state, root, 0, revision, { ordinal: at, createdAt: 0, modifiedAt: 0, created: revision, meta: 0 });
      publishState(state, revision);
      return root;
    },
  };
}

function addRow(state: State, label: number, parent: number, data: number): number {
  reserveRows(state, 1);
  return appendRow(state, label, parent, data);
}
