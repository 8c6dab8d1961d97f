/**
 * How long a group waits for company. An update for eight costs little more than one for one, and those who were answered together
 * come back together, a few milliseconds later. So a group is made when as many wait as wrote last time, or after a moment; who
 * writes alone never waits.
 */
const GATHER_MS = 4;

export interface Company {
  /** a group of so many commits is done while so many others wait */
  done(commits: number, waiting: number): void;
  /** so many wait now */
  waiting(commits: number): void;
  /** Resolves when they are all there, or it has taken too long. */
  gathered(waiting: number): Promise<void>;
}

export function company(): Company {
  let expected = 1;
  let go: (() => void) | undefined;
  return {
    done(commits, waiting) {
      expected = commits + waiting;
    },
    waiting(commits) {
      if (commits >= expected) go?.();
    },
    gathered(waiting) {
      if (waiting >= expected) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, GATHER_MS);
        go = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
