/** Keeps the columns compact: when many of their rows are dead, what is alive is copied to fresh ones, a few ms at a time. */
import { setTimeout as pause } from 'node:timers/promises';
import { deadFraction, startCompaction } from '../discovery/columns/index.js';
import type { DirectoryEvent, Upkeep } from './events.js';
import type { Live } from './live.js';

/** dead part of the rows from which copying pays */
const FRACTION = 0.4;
/** columns smaller than this are left alone */
const ROWS = 100_000;
/** ms of copying, and of rest after it */
const STEP = 2;
const REST = 4;
/** ms between two looks */
const INTERVAL = 5000;

export function keepCompact(
  live: Live,
  onEvent: (event: DirectoryEvent) => void,
  bounds: { readonly fraction: number; readonly rows: number; readonly interval: number } = {
    fraction: FRACTION,
    rows: ROWS,
    interval: INTERVAL,
  },
): Upkeep {
  const stop = new AbortController();
  const work = (async () => {
    while (!stop.signal.aborted) {
      await pause(bounds.interval, undefined, { signal: stop.signal, ref: false });
      if (live.columns.rows.count < bounds.rows || deadFraction(live.columns) < bounds.fraction) continue;
      await compact(live, onEvent, stop.signal);
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    async close() {
      stop.abort();
      await work;
    },
  };
}

async function compact(live: Live, onEvent: (event: DirectoryEvent) => void, signal: AbortSignal): Promise<void> {
  const started = performance.now();
  const source = live.columns;
  const compaction = startCompaction(source, () => performance.now());
  const step = (): boolean => {
    const caughtUp = compaction.step(STEP);
    // Steps run between commits: in the breath in which one has caught up, nothing can come in before the swap.
    if (caughtUp) live.replace(compaction.columns);
    return caughtUp;
  };
  while (!live.between(step)) await pause(REST, undefined, { signal, ref: false });
  onEvent({ kind: 'compacted', ms: performance.now() - started, rows: live.columns.rows.count });
}
