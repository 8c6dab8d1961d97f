import type { Logger } from 'pino';

export interface Stopping {
  /** settles at the first SIGTERM or Ctrl-C; the second one ends the process at once */
  readonly stopped: Promise<NodeJS.Signals>;
  /** Signals have their usual effect again. */
  release(): void;
}

export function untilStopped(log: Logger): Stopping {
  const signals = ['SIGTERM', 'SIGINT'] as const;
  let told = false;
  let stop: (signal: NodeJS.Signals) => void = () => {};
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    stop = (signal) => {
      if (told) process.exit(signal === 'SIGINT' ? 130 : 143);
      told = true;
      log.info({ signal }, 'stopping; once more to end at once');
      resolve(signal);
    };
  });
  for (const signal of signals) process.on(signal, stop);
  return {
    stopped,
    release() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
