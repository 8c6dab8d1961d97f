/** So many at once; the others wait their turn. */
export interface Lane {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Another number from now on. */
  widen(width: number): void;
}

export function lane(width: number): Lane {
  let most = width;
  let running = 0;
  const waiting: (() => void)[] = [];
  const go = () => {
    while (running < most && waiting.length > 0) {
      running++;
      waiting.shift()?.();
    }
  };
  return {
    async run(work) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        go();
      });
      try {
        return await work();
      } finally {
        running--;
        go();
      }
    },
    widen(next) {
      most = next;
      go();
    },
  };
}
