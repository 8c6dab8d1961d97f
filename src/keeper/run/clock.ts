/** The wall clock, and whether somebody has set it. */
export interface Clock {
  /** ms since the epoch */
  now(): number;
  /** ms by which the wall clock went ahead of (or behind) real time since it was last asked; less than two seconds count as none */
  jump(): number;
  sleep(ms: number): Promise<void>;
}

const TOLERATED = 2000;

export function createClock(wall: () => number = Date.now, monotonic: () => number = () => performance.now()): Clock {
  let ahead = wall() - monotonic();
  return {
    now: wall,
    jump() {
      const before = ahead;
      ahead = wall() - monotonic();
      return Math.abs(ahead - before) < TOLERATED ? 0 : ahead - before;
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        setTimeout(resolve, ms);
      }),
  };
}
