import type { ServerResponse } from 'node:http';

/**
 * Responses that are not out yet.
 *
 * Not a Set: one that is added to and taken from all the time makes itself a new table again and again, and each old table points to
 * the next (for iterators). Once the collector takes one table for long-lived, all later ones and all they held live on until the
 * next full collection: every request of some seconds was copied twice before it was let go.
 */
export interface InFlight extends Iterable<ServerResponse> {
  readonly size: number;
  /** Returns what takes it off again. */
  add(response: ServerResponse): () => void;
}

export function inFlight(): InFlight {
  const slots: (ServerResponse | undefined)[] = [];
  const free: number[] = [];
  return {
    get size() {
      return slots.length - free.length;
    },
    add(response) {
      const slot = free.pop() ?? slots.length;
      slots[slot] = response;
      return () => {
        slots[slot] = undefined;
        free.push(slot);
      };
    },
    *[Symbol.iterator]() {
      for (const response of slots) if (response !== undefined) yield response;
    },
  };
}
