/** The wall clock, and whether somebody has set it. */
export interface Clock {
  /** ms since the epoch */
  now(): number;
  /** ms by which the wall clock went ahead of (or behind) real time since it was last asked; less than two seconds count as none */
  jump(): number;
  /** Resolves when the work does, or when the time is over: then it goes on by itself. */
  within(work: Promise<unknown>, ms: number): Promise<void>;
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
    async within(work, ms) {
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      try {
        await Promise.race([work, over]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
