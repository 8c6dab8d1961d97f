import { type OpenStack, startOpenStack } from './index.js';

/** Mocha loads some files with `require` and some with `import`, and each has modules of its own: the process has one. */
const SITE = Symbol.for('facetry: the OpenStack site of this run');
const run = globalThis as { [SITE]?: Promise<OpenStack> };

/**
 * One site for all suites of a run that ask nothing special of it and leave nothing on it: starting one takes longer than many
 * suites. It outlives them; whoever halts a part of it resumes it.
 */
export function sharedOpenStack(): Promise<OpenStack> {
  run[SITE] ??= startOpenStack();
  return run[SITE];
}

after(async function () {
  this.timeout(60_000);
  const site = run[SITE];
  delete run[SITE];
  await (await site)?.stop();
});
