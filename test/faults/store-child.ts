/**
 * A process that writes into a store and says what was acknowledged, one JSON line each, for tests that kill it or break
 * its disk. Arguments: folder, prefix of the writers' names, number of writers, writes each (0: until killed).
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../src/model/index.js';
import { openStore } from '../../src/store/index.js';
import { applyTo, changesOf } from './store-load.js';

export type Line =
  | { readonly said: 'open' }
  /** longest time, in ms, that the thread of the callers could not do anything else */
  | { readonly said: 'end'; readonly stalled: number }
  | { readonly said: 'ack'; readonly writer: string; readonly n: number; readonly revision: number }
  | { readonly said: 'refused'; readonly writer: string; readonly n: number; readonly code: string; readonly readable: boolean };

/** One write(2) a line: what the parent has read was acknowledged, what it has not may have been. */
function say(line: Line): void {
  const text = `${JSON.stringify(line)}\n`;
  for (;;) {
    try {
      writeSync(1, text);
      return;
    } catch (error) {
      // The pipe is full and its other end busy. Lines are shorter than PIPE_BUF: none is written in part (pipe(7)).
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

const [folder, prefix, writers, writes] = process.argv.slice(2);
let stalled = 0;
let ticked = performance.now();
setInterval(() => {
  stalled = Math.max(stalled, performance.now() - ticked);
  ticked = performance.now();
}, 5).unref();

const store = await openStore(`embedded:${folder}`);
say({ said: 'open' });
await Promise.all(Array.from({ length: Number(writers) }, (_, i) => write(`${prefix}${i}`, Number(writes) || Number.POSITIVE_INFINITY)));
await store.close();
say({ said: 'end', stalled });

async function write(writer: string, count: number): Promise<void> {
  const held = new Map<string, number>();
  for (let n = 0; n < count; ) {
    try {
      const result = await store.write(changesOf(writer, n, held));
      if (!result.ok) throw new Error(`unexpected conflict: ${JSON.stringify(result)}`);
      say({ said: 'ack', writer, n, revision: result.revision });
      applyTo(held, writer, n++);
    } catch (error) {
      const code = (error as Problem).code;
      if (code === undefined) throw error;
      const readable = n === 0 || (await store.get([...held.keys()][0]))?.xml.byteLength !== undefined;
      say({ said: 'refused', writer, n, code, readable });
      await sleep(50);
    }
  }
}
