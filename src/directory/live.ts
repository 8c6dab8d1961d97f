/**
 * The columns, kept level with the store. They are a reader of its commits and nothing else: what this process wrote,
 * what another one wrote, and what came while starting all enter by the same door, in order and without gaps.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { publish, putResource, removeResource } from '../discovery/columns/index.js';
import type { Columns, View } from '../discovery/index.js';
import { type AppliedChange, type Commit, Problem, type Revision } from '../model/index.js';
import type { Store } from '../store/index.js';

export interface Live {
  readonly columns: Columns;
  readonly revision: Revision;
  /** Resolves when the columns show this revision. */
  reached(revision: Revision): Promise<void>;
  /** The same caller's view of an earlier state; Problem `cursor-expired` when that is gone. */
  viewAt(view: View, revision: Revision): View;
  /** Runs `step` unless a commit is being applied in slices just now; false when it is. */
  between(step: () => boolean): boolean;
  /** `between` waits while one of these says true. Returns what takes it off again. */
  hold(busy: () => boolean): () => void;
  /** Puts other columns in place of the present ones; they must show the same revision. */
  replace(columns: Columns): void;
  /** Called for each commit once it is visible. */
  subscribe(listener: (commit: Commit) => void): () => void;
  /** Why the columns stopped following, if they did: then answers would grow stale, so the directory is not ready. */
  readonly failure: unknown;
  close(): void;
}

/** Resources put between two looks at the event loop. */
const SLICE = 100;
/** Commits asked of the store at once when a gap has to be filled. */
const BACKLOG = 500;

/** `columns` show `store`'s state at their revision; what has been committed since is caught up before this resolves. */
export async function follow(store: Store, columns: Columns): Promise<Live> {
  let current = columns;
  let failure: unknown;
  let working: Promise<void> | undefined;
  const queue: Commit[] = [];
  const waiting: { readonly revision: Revision; readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = [];
  const listeners = new Set<(commit: Commit) => void>();
  const holds = new Set<() => boolean>();

  function applied(commit: Commit): void {
    for (const listener of listeners) listener(commit);
    for (let k = waiting.length - 1; k >= 0; k--) {
      if (waiting[k].revision <= commit.revision) waiting.splice(k, 1)[0].resolve();
    }
  }

  /** A small commit that is next in line is applied on the spot; everything else takes its turn. */
  function accept(commit: Commit): void {
    queue.push(commit);
    if (working !== undefined || failure !== undefined) return;
    if (queue.length === 1 && commit.revision === current.revision + 1 && commit.changes.length <= SLICE) {
      try {
        applySlice(current, commit, commit.changes);
        publish(current, commit.revision);
        queue.length = 0;
        applied(commit);
        return;
      } catch (error) {
        fail(error);
        return;
      }
    }
    working = work()
      .catch(fail)
      .finally(() => {
        working = undefined;
      });
  }

  async function work(): Promise<void> {
    for (;;) {
      const commit = queue[0];
      if (commit === undefined) return;
      if (commit.revision <= current.revision) queue.shift();
      else if (commit.revision > current.revision + 1) await fillGap(commit.revision);
      else {
        await applyInSlices(current, commit);
        queue.shift();
        applied(commit);
      }
    }
  }

  async function fillGap(before: Revision): Promise<void> {
    const missed = await store.commits(current.revision, BACKLOG);
    if (missed === undefined || missed.length === 0)
      throw new Error(`the store's history no longer reaches back from ${before} to ${current.revision}`);
    for (const commit of missed) {
      if (commit.revision !== current.revision + 1) break;
      await applyInSlices(current, commit);
      applied(commit);
    }
  }

  function fail(error: unknown): void {
    failure = error;
    for (const { reject } of waiting.splice(0))
      reject(new Problem('internal-error', { detail: 'the directory cannot index a commit', cause: error }));
  }

  const unsubscribe = store.subscribe(accept);
  const latest = await store.revision();
  while (failure === undefined && current.revision < latest) await fillGap(latest + 1);

  return {
    get columns() {
      return current;
    },
    get revision() {
      return current.revision;
    },
    get failure() {
      return failure;
    },
    reached(revision) {
      if (current.revision >= revision) return Promise.resolve();
      return new Promise((resolve, reject) => (failure === undefined ? waiting.push({ revision, resolve, reject }) : reject(failure)));
    },
    viewAt(view, revision) {
      if (revision > current.revision || revision < current.base) {
        throw new Problem('cursor-expired', {
          detail: 'the state of the directory that this cursor belongs to is gone',
          hint: 'ask the question again, without a cursor',
        });
      }
      return { ...view, revision };
    },
    between(step) {
      return working === undefined && ![...holds].some((busy) => busy()) && step();
    },
    hold(busy) {
      holds.add(busy);
      return () => holds.delete(busy);
    },
    replace(columns) {
      if (columns.revision !== current.revision)
        throw new Error(`columns of revision ${columns.revision} cannot replace those of ${current.revision}`);
      current = columns;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      unsubscribe();
    },
  };
}

async function applyInSlices(columns: Columns, commit: Commit): Promise<void> {
  for (let from = 0; from < commit.changes.length; from += SLICE) {
    if (from > 0) await breathe();
    applySlice(columns, commit, commit.changes.slice(from, from + SLICE));
  }
  publish(columns, commit.revision);
}

function applySlice(columns: Columns, commit: Commit, changes: readonly AppliedChange[]): void {
  for (const change of changes) {
    if (change.kind === 'put') putResource(columns, change.resource.xml, change.resource);
    else removeResource(columns, change.id, commit.revision);
  }
}
