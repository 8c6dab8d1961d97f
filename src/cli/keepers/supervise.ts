/** Runs the keepers of several files in one process, and heeds it when the files change. */
import { ConfigFault, type Keeper, type KeeperConfig, readConfigFile, watchInputs } from '../../keeper/index.js';
import { assemble, type Surroundings } from './assemble.js';

interface Running {
  readonly config: KeeperConfig;
  readonly keeper: Keeper;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Resolves when all have ended after the signal. Rejects with what ended one of them. */
export async function supervise(configs: readonly KeeperConfig[], surroundings: Surroundings, signal: AbortSignal): Promise<void> {
  const { session, log } = surroundings;
  const running = new Map<string, Running>();
  let failed: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    failed = reject;
  });

  function start(config: KeeperConfig): void {
    const stop = new AbortController();
    const { keeper, release } = assemble(config, surroundings);
    log.info({ keeper: config.name, file: config.file, directory: config.directory.url ?? session.settings.url }, 'keeping');
    const ended = keeper.keep(stop.signal).finally(release);
    ended.catch(failed);
    running.set(config.file, { config, keeper, stop, ended });
  }

  async function reread(file: string): Promise<void> {
    const before = running.get(file);
    if (before === undefined) return;
    let next: KeeperConfig;
    try {
      next = readConfigFile(file);
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error;
      for (const { line, message, hint } of error.violations)
        log.error(
          { file: line === undefined ? file : `${file}:${line}`, why: message, hint },
          'the file cannot be used; what it said before goes on',
        );
      return;
    }
    if (next.digest === before.config.digest) return;
    log.info({ file }, 'the file has changed');
    if (identity(next) === identity(before.config)) {
      before.keeper.change(next);
      running.set(file, { ...before, config: next });
    } else {
      before.stop.abort();
      await before.ended;
      start(next);
    }
  }

  const files = watchInputs((paths) => {
    for (const path of paths) reread(path).catch(failed);
  });
  try {
    for (const config of configs) start(config);
    await files.watch(configs.map(({ file }) => file));
    await Promise.race([
      failure,
      new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }))),
    ]);
  } finally {
    await files.close();
    for (const { stop } of running.values()) stop.abort();
    await Promise.allSettled([...running.values()].map(({ ended }) => ended));
  }
}

/** Who it is to the directory: another name or address is another keeper. */
function identity({ name, directory }: KeeperConfig): string {
  return JSON.stringify([name, directory]);
}
