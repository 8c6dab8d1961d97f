/** What waits for one reader. It is bounded: who does not keep up is cut off, and nobody else waits for it. */
import type { Revision } from '../../model/index.js';
import type { Delta } from './selection.js';

/** A change of the answer, and where in which commit it was made. */
export interface Told {
  readonly delta: Delta;
  readonly revision: Revision;
  /** changes of that commit up to this one, and all of them */
  readonly done: number;
  readonly of: number;
  /** about how large it is */
  readonly bytes: number;
}

export interface Inbox {
  push(told: Told): void;
  take(): Told | undefined;
  /** Resolves when something is there, when it was cut off, or after `ms`. */
  wait(ms: number, signals: readonly AbortSignal[]): Promise<void>;
  readonly bytes: number;
  /** it was full once, and holds nothing any more */
  readonly full: boolean;
  /** The question cannot be answered any more. */
  fail(error: unknown): void;
  readonly failure: unknown;
}

const BYTES = 1024 * 1024;
const EVENTS = 10_000;

export function createInbox(onFull: () => void): Inbox {
  let queue: Told[] = [];
  let bytes = 0;
  let full = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  return {
    push(told) {
      if (full) return;
      queue.push(told);
      bytes += told.bytes;
      if (bytes > BYTES || queue.length > EVENTS) {
        full = true;
        queue = [];
        bytes = 0;
        onFull();
      }
      wake?.();
    },
    take() {
      const told = queue.shift();
      bytes -= told?.bytes ?? 0;
      return told;
    },
    async wait(ms, signals) {
      if (queue.length > 0 || full || failure !== undefined || signals.some(({ aborted }) => aborted)) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        for (const signal of signals) signal.addEventListener('abort', done, { once: true });
        wake = done;
        function done(): void {
          clearTimeout(timer);
          for (const signal of signals) signal.removeEventListener('abort', done);
          wake = undefined;
          resolve();
        }
      });
    },
    get bytes() {
      return bytes;
    },
    get full() {
      return full;
    },
    fail(error) {
      failure ??= error;
      wake?.();
    },
    get failure() {
      return failure;
    },
  };
}
