/**
 * Group commit, seen from the thread of the callers: what is submitted while the disk is busy waits here and goes to the
 * writing thread together. Nothing waits for company when the disk is idle, except for the rest of the current turn of
 * the event loop, so that callers who were answered together also come back together.
 */
import type { Worker } from 'node:worker_threads';
import type { AppliedChange, Change, Commit, Problem, StoredResource } from '../../model/index.js';
import type { WriteResult } from '../store.js';
import { type FromWriter, fromPlain, type PackedChange, type PackedWrite, pack, type ToWriter, type WriteOutcome } from './messages.js';

const GROUP_WRITES = 128;
/** Documents in one group; a group has at least one write, however large. */
const GROUP_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly changes: readonly Change[];
  readonly at: number;
  readonly bytes: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (problem: Problem) => void;
}

export interface WriteQueue {
  submit(changes: readonly Change[], at: number): Promise<WriteResult>;
  /** the writing thread's answer to the group it was given last */
  answered(message: Extract<FromWriter, { kind: 'written' }>): void;
  /** resolves when everything submitted is answered */
  drained(): Promise<void>;
  /** rejects everything submitted: the writing thread is gone */
  fail(problem: Problem): void;
}

export function writeQueue(writer: Worker, publish: (commit: Commit) => void, grouped: (writes: number, ms: number) => void): WriteQueue {
  let waiting: Waiting[] = [];
  let sent: Waiting[] = [];
  let sentAt = 0;
  let scheduled = false;
  let onDrained: (() => void)[] = [];

  return {
    submit(changes, at) {
      return new Promise((resolve, reject) => {
        let bytes = 0;
        for (const change of changes) if (change.kind === 'put') bytes += change.xml.byteLength;
        waiting.push({ changes, at, bytes, resolve, reject });
        schedule();
      });
    },
    answered({ outcomes }) {
      const group = sent;
      sent = [];
      grouped(group.length, performance.now() - sentAt);
      for (let i = 0; i < group.length; i++) answer(group[i], outcomes[i], publish);
      schedule();
    },
    drained() {
      if (sent.length === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        onDrained.push(resolve);
      });
    },
    fail(problem) {
      for (const { reject } of [...sent, ...waiting]) reject(problem);
      sent = [];
      waiting = [];
      schedule();
    },
  };

  function schedule(): void {
    if (scheduled || sent.length > 0) return;
    scheduled = true;
    setImmediate(send);
  }

  function send(): void {
    scheduled = false;
    if (waiting.length === 0) {
      for (const resolve of onDrained) resolve();
      onDrained = [];
      return;
    }
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && count < GROUP_WRITES && (count === 0 || bytes + waiting[count].bytes <= GROUP_BYTES)) {
      bytes += waiting[count++].bytes;
    }
    sent = waiting.splice(0, count);
    sentAt = performance.now();
    const block = pack(sent.flatMap(({ changes }) => changes.flatMap((change) => (change.kind === 'put' ? [change.xml] : []))));
    writer.postMessage({ kind: 'write', writes: sent.map(packWrite), block } satisfies ToWriter, [block.buffer]);
  }
}

function packWrite({ changes, at }: Waiting): PackedWrite {
  return { changes: changes.map(packChange), at };
}

function packChange(change: Change): PackedChange {
  const { id, expect } = change;
  return change.kind === 'put' ? { id, meta: change.meta, expect, bytes: change.xml.byteLength } : { id, expect, bytes: -1 };
}

function answer({ changes, resolve, reject }: Waiting, outcome: WriteOutcome, publish: (commit: Commit) => void): void {
  if (outcome.kind === 'failed') {
    reject(fromPlain(outcome.problem));
  } else if (outcome.kind === 'conflict') {
    resolve({ ok: false, conflicts: outcome.conflicts });
  } else {
    publish(commitOf(changes, outcome));
    resolve({ ok: true, revision: outcome.revision });
  }
}

/** The commit as readers see it, from the caller's own bytes: they need not come back from the writing thread. */
function commitOf(changes: readonly Change[], { revision, at, origins }: Extract<WriteOutcome, { kind: 'committed' }>): Commit {
  const applied = changes.map((change, seq): AppliedChange => {
    if (change.kind === 'remove') return { kind: 'remove', id: change.id };
    const [created, createdSeq, createdAt] = origins[seq] ?? [revision, seq, at];
    const { id, xml, meta } = change;
    const state = { id, xml, revision, created, createdSeq, createdAt, modifiedAt: at };
    const resource: StoredResource = meta === undefined ? state : { ...state, meta };
    return { kind: 'put', resource };
  });
  return { revision, at, changes: applied };
}
