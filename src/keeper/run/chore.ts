/** Something that is done every so often beside everything else, and never twice at once. */
export interface Chore {
  /** Begins it when its time has come. Does not wait for it. */
  tick(): void;
  /** Its time is now. */
  soon(): void;
}

/** `everyMs`: from one beginning to the next, by real time: setting the clock changes nothing. */
export function chore(everyMs: () => number, work: () => Promise<void>, onFailure: (error: Error) => void): Chore {
  let running = false;
  let next = 0;
  return {
    tick() {
      if (running || performance.now() < next) return;
      running = true;
      next = performance.now() + everyMs();
      void work()
        .catch(onFailure)
        .finally(() => {
          running = false;
        });
    },
    soon() {
      next = 0;
    },
  };
}
