import type { Logger } from 'pino';

/** Resolves at the first SIGTERM or Ctrl-C; the second one ends the process at once. */
export function untilStopped(log: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let told = false;
    const stop = (signal: NodeJS.Signals) => {
      if (told) process.exit(signal === 'SIGINT' ? 130 : 143);
      told = true;
      log.info({ signal }, 'stopping; once more to end at once');
      resolve(signal);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
