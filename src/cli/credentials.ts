/** Whom the commands about data act for. A token is never an argument: everybody on the machine can read those. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ClientOptions } from '../client/index.js';
import type { Configuration } from './config/configuration.js';
import { UsageError } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** `--token-file`, else the variable FACETRY_TOKEN, else the token file of the configuration; and the scope. */
export function credentials(
  { settings, origins }: Pick<Configuration, 'settings' | 'origins'>,
  { env, cwd }: Pick<Terminal, 'env' | 'cwd'>,
): Pick<ClientOptions, 'token' | 'scope'> {
  const file = settings['token-file'];
  const variable = env.FACETRY_TOKEN?.trim() || undefined;
  const asked = origins['token-file'].startsWith('flag');
  const token =
    file !== undefined && (asked || variable === undefined) ? tokenIn(resolve(cwd, file), file) : checked(variable, 'FACETRY_TOKEN');
  return {
    ...(token === undefined ? {} : { token }),
    ...(settings.scope === undefined ? {} : { scope: settings.scope }),
  };
}

function tokenIn(path: string, name: string): string {
  let text: string;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o004) !== 0)
      throw new UsageError(`${name} can be read by everybody, so its token is none any more`, `chmod 600 ${name}, and get another token`);
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the token file ${name} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (text === '') throw new UsageError(`the token file ${name} is empty`);
  return checked(text, name) as string;
}

/** What cannot be sent is refused here, without showing it. */
function checked(token: string | undefined, where: string): string | undefined {
  if (token !== undefined && !/^[\w.~+/-]+=*$/.test(token)) throw new UsageError(`${where} does not hold a token`, 'a token is one word');
  return token;
}
