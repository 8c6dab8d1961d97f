/**
 * thread/: how does a room start its worker? Knows nothing of what runs there; imports nothing of ours.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the module at `url` (named `./x.js`, relative to the caller's `import.meta.url`) in a worker thread.
 * Built code finds the `.js`; run from the sources, the `.ts` beside it is loaded through the same loader as the parent's.
 */
export function startWorker(url: URL, options: WorkerOptions = {}): Worker {
  if (existsSync(url)) return new Worker(url, options);
  const source = pathToFileURL(fileURLToPath(url).replace(/\.js$/, '.ts'));
  // tsx/esm/api, but by its place: import.meta.resolve is missing where a loader has turned this module into CommonJS,
  // and require.resolve finds the CommonJS twin, which does not load in a worker.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx'));
  const load = (url: URL) => `import(${JSON.stringify(url.href)})`;
  const boot = `${load(new URL('./esm/api/index.mjs', tsx))}.then(({ register }) => { register(); return ${load(source)}; })`;
  return new Worker(boot, { ...options, eval: true });
}
