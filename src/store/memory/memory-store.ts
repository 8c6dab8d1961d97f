/**
 * The simple twin: the contract in a map and an array, without disk or threads. Property tests hold other drivers
 * against it. A write is applied at once; as with any driver, nobody hears of it before the next turn.
 */
import { type AppliedChange, type Change, type Commit, Problem, type StoredResource } from '../../model/index.js';
import { HISTORY, type StoreOptions } from '../options.js';
import type { Conflict, Store, WriteResult } from '../store.js';
import { refuseRepeats, subscribers } from '../subscribers.js';

const BATCH = 256;

export function openMemory({ history, now = Date.now, observe = () => {} }: StoreOptions = {}): Store {
  const bounds = { ...HISTORY, ...history };
  const resources = new Map<string, StoredResource>();
  const listeners = subscribers(observe);
  let commits: Commit[] = [];
  let revision = 0;
  let at = 0;
  let closed = false;
  const refuse = () => {
    if (closed) throw new Problem('store-unavailable', { detail: 'The store is closed.' });
  };
  observe({ kind: 'opened', revision, file: 'memory:' });

  return {
    supports: { durable: false, onlineBackup: false, exclusive: false },
    async write(changes): Promise<WriteResult> {
      refuse();
      refuseRepeats(changes);
      if (changes.length === 0) return { ok: true, revision };
      const conflicts = changes.flatMap((change) => conflictOf(change, resources.get(change.id)) ?? []);
      if (conflicts.length > 0) return { ok: false, conflicts };
      revision++;
      at = Math.max(at, now());
      const commit: Commit = { revision, at, changes: changes.map(apply) };
      commits.push(commit);
      prune();
      listeners.publish(commit);
      return { ok: true, revision: commit.revision };
    },
    async get(id) {
      refuse();
      return resources.get(id);
    },
    async revision() {
      refuse();
      return revision;
    },
    async commits(after, limit) {
      refuse();
      const floor = revision - commits.length;
      if (after < floor || after > revision) return undefined;
      return commits.slice(after - floor, after - floor + Math.max(limit, 0));
    },
    subscribe: listeners.subscribe,
    async resources() {
      refuse();
      const all = [...resources.values()].sort((a, b) => a.created - b.created || a.createdSeq - b.createdSeq);
      return { revision, count: all.length, batches: batches(all) };
    },
    async backup() {
      refuse();
      throw new Problem('bad-request', { detail: 'A store in memory has no backup.', hint: 'Use an embedded store.' });
    },
    async *check() {
      refuse();
      yield* []; // there is no file that could differ from what is held
    },
    async close() {
      if (closed) return;
      closed = true;
      observe({ kind: 'closed' });
    },
  };

  function apply(change: Change, seq: number): AppliedChange {
    const { id } = change;
    if (change.kind === 'remove') {
      resources.delete(id);
      return { kind: 'remove', id };
    }
    const { created, createdSeq, createdAt } = resources.get(id) ?? { created: revision, createdSeq: seq, createdAt: at };
    const state = { id, xml: change.xml, revision, created, createdSeq, createdAt, modifiedAt: at };
    const resource = change.meta === undefined ? state : { ...state, meta: change.meta };
    resources.set(id, resource);
    return { kind: 'put', resource };
  }

  function prune(): void {
    let changes = 0;
    let bytes = 0;
    let keep = 0;
    for (const commit of commits.toReversed()) {
      changes += commit.changes.length;
      for (const change of commit.changes) if (change.kind === 'put') bytes += change.resource.xml.byteLength;
      if (keep > 0 && (changes > bounds.changes || bytes > bounds.bytes)) break;
      keep++;
    }
    commits = commits.slice(-keep);
  }
}

async function* batches(all: readonly StoredResource[]) {
  for (let at = 0; at < all.length; at += BATCH) yield all.slice(at, at + BATCH);
}

function conflictOf({ kind, id, expect }: Change, current: StoredResource | undefined): Conflict | undefined {
  const asExpected = expect === undefined || ('absent' in expect ? current === undefined : current?.revision === expect.revision);
  if (asExpected && (kind === 'put' || current !== undefined)) return undefined;
  return current === undefined ? { id, expected: expect } : { id, expected: expect, actual: current.revision };
}
