/**
 * Which resources to look at next. Renewals do not touch it: a resource stands under the time at which its first lease would have
 * ended when it was last looked at, and whoever looks finds out that it was renewed meanwhile and puts it under a later time.
 */
import type { ResourceKey } from '../../model/index.js';

export interface Due {
  /** Looks at `key` at `time` (ms of directory time), or earlier if it was to be looked at earlier. */
  put(key: ResourceKey, time: number): void;
  forget(key: ResourceKey): void;
  /** Takes at most `limit` of those whose time has come. */
  take(now: number, limit: number): ResourceKey[];
}

/** Seconds are told apart, no less: buckets by second, found in order of time. */
export function createDue(): Due {
  const buckets = new Map<number, Set<ResourceKey>>();
  const when = new Map<ResourceKey, number>();
  let next = Number.POSITIVE_INFINITY;

  return {
    put(key, time) {
      const second = Math.ceil(time / 1000);
      const before = when.get(key);
      if (before !== undefined && before <= second) return;
      if (before !== undefined) buckets.get(before)?.delete(key);
      when.set(key, second);
      const bucket = buckets.get(second) ?? new Set();
      buckets.set(second, bucket);
      bucket.add(key);
      next = Math.min(next, second);
    },
    forget(key) {
      const second = when.get(key);
      if (second === undefined) return;
      when.delete(key);
      buckets.get(second)?.delete(key);
    },
    take(now, limit) {
      const taken: ResourceKey[] = [];
      const second = Math.floor(now / 1000);
      while (next <= second && taken.length < limit) {
        const bucket = buckets.get(next);
        if (bucket === undefined || bucket.size === 0) {
          buckets.delete(next);
          // a long silence is one step, not one for each second of it
          next = buckets.size === 0 ? Number.POSITIVE_INFINITY : bucket === undefined ? Math.min(...buckets.keys()) : next + 1;
          continue;
        }
        for (const key of bucket) {
          if (taken.length === limit) break;
          bucket.delete(key);
          when.delete(key);
          taken.push(key);
        }
      }
      return taken;
    },
  };
}
