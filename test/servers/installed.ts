import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A program the tests need, and the Debian package that brings it. */
export interface Need {
  readonly name: string;
  /** is it there? */
  found(): boolean;
  readonly packages: readonly string[];
}

/**
 * Installs what is missing when run as root. Resolves to undefined when it is there, else to the reason why not;
 * under CI=true a missing program is an error, because a suite that silently skips proves nothing.
 */
export async function ensureInstalled(need: Need): Promise<string | undefined> {
  if (need.found()) return undefined;
  let reason = `${need.name} is not installed (apt-get install ${need.packages.join(' ')})`;
  if (process.getuid?.() === 0) {
    try {
      await apt('update', '-qq');
      await apt('install', '-y', '-qq', '--no-install-recommends', ...need.packages);
      if (need.found()) return undefined;
      reason = `${need.packages.join(' ')} did not bring ${need.name}`;
    } catch (error) {
      reason = `${need.name} could not be installed: ${(error as Error).message.trim().split('\n').at(-1)}`;
    }
  }
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** Skips a mocha suite with a printed reason when `reason` is given. */
export function skipWhen(suite: { skip(): never; test?: { parent?: { title: string } } }, reason: string | undefined): void {
  if (reason === undefined) return;
  if (process.env.CI === 'true') throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  suite.skip();
}

async function apt(...args: string[]): Promise<void> {
  await run('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 1 << 26,
  });
}
