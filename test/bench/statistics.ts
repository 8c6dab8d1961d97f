/** Plain statistics over samples; times in milliseconds. */
export function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const a = sorted[low] as number;
  const b = sorted[Math.ceil(at)] as number;
  return a + (b - a) * (at - low);
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * Runs `work` at least `least` times and until `ms` have gone by (at most `most` times); the first run is not counted
 * when there are others. Returns the milliseconds of each.
 */
export async function sample(work: () => unknown, { least = 5, most = 200, ms = 300 } = {}): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + ms;
  await work();
  while (times.length < least || (times.length < most && performance.now() < end)) {
    const start = performance.now();
    const result = work();
    if (result instanceof Promise) await result;
    times.push(performance.now() - start);
  }
  return times;
}
