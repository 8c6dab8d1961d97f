/** The same columns in another thread: what is sent are handles on shared memory, nothing is copied. */
import { columnsOver, look, stateOf } from './columns.js';
import type { Columns } from './contract.js';
import { renewViews, type State, stateOver } from './state.js';

/** Goes through postMessage. */
export interface SharedColumns {
  readonly header: SharedArrayBuffer;
  readonly buffers: Readonly<Record<string, SharedArrayBuffer>>;
}

/** Columns as another thread reads them: as of the last `refresh` (the first one is attaching), whatever the writer does meanwhile. */
export interface AttachedColumns extends Columns {
  /** Takes over what the writer has published since. Arrays taken from `rows` before are out of date then. */
  refresh(): void;
}

export function shareColumns(columns: Columns): SharedColumns {
  const state = stateOf(columns);
  if (!state.shared) throw new TypeError('Columns of size "document" stay in their thread');
  return { header: state.header.buffer as SharedArrayBuffer, buffers: state.buffers as Record<string, SharedArrayBuffer> };
}

export function attachColumns(shared: SharedColumns): AttachedColumns {
  const state = stateOver(shared.header, shared.buffers as unknown as State['buffers']);
  const refresh = (): void => {
    look(state);
    // what is counted was written before it was counted, so these views reach it
    renewViews(state);
  };
  refresh();
  return Object.assign(columnsOver(state), { refresh });
}
