import type { Problem } from '../model/index.js';
import type { Batch, BatchItem, WireResult } from './pool-messages.js';

/** One document that waits. */
export interface Job {
  readonly bytes: Uint8Array;
  readonly item: Omit<BatchItem, 'start' | 'end'>;
  readonly settle: (result: WireResult | Problem) => void;
  /** An instance was lost with it: the next try is the last, and by itself. */
  readonly suspect?: boolean;
}

/** Documents that wait, in two lines: those of a bulk go behind single ones, which somebody waits for. */
export interface Queue {
  readonly bytes: number;
  push(line: 'single' | 'bulk', job: Job): void;
  /** Puts documents back, before all others. */
  putBack(jobs: readonly Job[]): void;
  /** The next batch for one of `sharers` idle instances; empty when nothing waits. */
  take(sharers: number): Job[];
}

/** Bounds of one message: enough to make its cost small, little enough that work is shared well. */
const BATCH = { documents: 32, bytes: 512 * 1024 };

export function createQueue(): Queue {
  const lines = { single: newLine(), bulk: newLine() };
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    push(name, job) {
      lines[name].push(job);
      bytes += job.bytes.length;
    },
    putBack(jobs) {
      lines.single.unshift(jobs);
      for (const job of jobs) bytes += job.bytes.length;
    },
    take(sharers) {
      const line = lines.single.length > 0 ? lines.single : lines.bulk;
      const most = Math.min(BATCH.documents, Math.ceil(line.length / sharers));
      const jobs: Job[] = [];
      let size = 0;
      while (jobs.length < most) {
        const job = line.peek() as Job;
        if (jobs.length > 0 && (job.suspect || size + job.bytes.length > BATCH.bytes)) break;
        line.shift();
        jobs.push(job);
        size += job.bytes.length;
        if (job.suspect) break;
      }
      bytes -= size;
      return jobs;
    },
  };
}

/** First in, first out. An array's own `shift` moves everything behind, which a bulk of 100 000 would feel. */
function newLine() {
  /** those before `head` are gone, and must not be held: with each goes a whole request */
  let jobs: (Job | undefined)[] = [];
  let head = 0;
  return {
    get length() {
      return jobs.length - head;
    },
    push: (job: Job) => void jobs.push(job),
    peek: (): Job | undefined => jobs[head],
    shift() {
      jobs[head++] = undefined;
      if (head < 1024 && head < jobs.length) return;
      jobs = jobs.slice(head);
      head = 0;
    },
    unshift(again: readonly Job[]) {
      jobs = [...again, ...jobs.slice(head)];
      head = 0;
    },
  };
}

/** One message of many documents: their bytes in one buffer, which is transferred, not copied. */
export function pack(jobs: readonly Job[]): Batch {
  const bytes = new Uint8Array(jobs.reduce((sum, job) => sum + job.bytes.length, 0));
  let end = 0;
  const items = jobs.map(({ bytes: own, item }): BatchItem => {
    bytes.set(own, end);
    end += own.length;
    return { ...item, start: end - own.length, end };
  });
  return { bytes, items };
}
