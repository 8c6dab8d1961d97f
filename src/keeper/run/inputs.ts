/** Files and folders that runs depend on. */
import { watch } from 'chokidar';

export interface Inputs {
  /** Watches exactly these, absolute. */
  watch(paths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** ms that changes gather before they are told: who saves a file writes it more than once */
const QUIET = 150;

/** `onChange`: those of the watched paths in which something changed. */
export function watchInputs(onChange: (paths: readonly string[]) => void): Inputs {
  const watchers = new Map<string, ReturnType<typeof watch>>();
  const touched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function note(path: string): void {
    touched.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const paths = [...touched];
      touched.clear();
      onChange(paths);
    }, QUIET);
  }

  return {
    async watch(paths) {
      for (const [path, watcher] of watchers) {
        if (paths.includes(path)) continue;
        watchers.delete(path);
        await watcher.close();
      }
      for (const path of paths) {
        if (watchers.has(path)) continue;
        const watcher = watch(path, { ignoreInitial: true });
        watchers.set(path, watcher);
        await new Promise<void>((resolve) => void watcher.once('ready', resolve));
        watcher.on('all', () => note(path)).on('error', () => note(path));
      }
    },
    async close() {
      clearTimeout(timer);
      await Promise.all([...watchers.values()].map((watcher) => watcher.close()));
      watchers.clear();
    },
  };
}
