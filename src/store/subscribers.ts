/** The listeners of a store, the same for every driver. */
import { type Change, type Commit, Problem, type ResourceId } from '../model/index.js';
import type { StoreEvent } from './options.js';

export interface Subscribers {
  subscribe(listener: (commit: Commit) => void): () => void;
  publish(commit: Commit): void;
}

/** A listener that throws is reported and stops nobody: the commit is durable, whatever it thinks of it. */
export function subscribers(observe: (event: StoreEvent) => void): Subscribers {
  // A map of tickets, so that one function subscribed twice is called twice.
  const listeners = new Map<symbol, (commit: Commit) => void>();
  return {
    subscribe(listener) {
      const ticket = Symbol();
      listeners.set(ticket, listener);
      return () => {
        listeners.delete(ticket);
      };
    },
    publish(commit) {
      for (const listener of listeners.values()) {
        try {
          listener(commit);
        } catch (error) {
          observe({ kind: 'listener-failed', revision: commit.revision, error });
        }
      }
    },
  };
}

/** A commit touches each resource at most once; a writer that asks for more has a bug. */
export function refuseRepeats(changes: readonly Change[]): void {
  const seen = new Set<ResourceId>();
  for (const { id } of changes) {
    if (seen.has(id)) throw new Problem('bad-request', { detail: `One write may change "${id}" only once.` });
    seen.add(id);
  }
}
