/** The password for BaseX: in a file or a variable, never in a URL or an argument. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Settings } from './config/settings.js';
import { UsageError } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** Throws UsageError when there is none. */
export function basexPassword(settings: Pick<Settings, 'basex-password-file'>, { cwd, env }: Pick<Terminal, 'cwd' | 'env'>): string {
  const file = settings['basex-password-file'];
  if (file === undefined) {
    const variable = env.FACETRY_BASEX_PASSWORD;
    if (variable === undefined || variable === '')
      throw new UsageError('there is no password for BaseX', 'set FACETRY_BASEX_PASSWORD, or name a file with --basex-password-file');
    return variable;
  }
  const path = resolve(cwd, file);
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0)
      throw new UsageError(`${file} can be read by everybody`, `chmod 600 ${file}, and choose another password`);
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the password file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
