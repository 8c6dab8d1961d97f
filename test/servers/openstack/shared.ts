import { type OpenStack, startOpenStack } from './index.js';

/**
 * One site for all suites of a run that ask nothing special of it and leave nothing on it: starting one takes longer than many
 * suites. It outlives them; whoever halts a part of it resumes it.
 */
let site: Promise<OpenStack> | undefined;

export function sharedOpenStack(): Promise<OpenStack> {
  site ??= startOpenStack();
  return site;
}

after(async function () {
  this.timeout(60_000);
  await (await site)?.stop();
});
