/** The setting `auth`: who may do what, from `open`, `tokens:FILE` or `oidc:FILE`. */
import { isAbsolute, resolve } from 'node:path';
import { type Access, openAccess, PolicyFileError } from '../../http/auth/index.js';
import type { OnEvent } from '../../http/index.js';
import { FileError } from '../output/file-error.js';

/** Undefined: mode open. @throws FileError when the file cannot be used */
export function accessOf(auth: string, cwd: string, onEvent: OnEvent): Access | undefined {
  const [mode, file] = splitAuth(auth);
  if (mode === 'open') return undefined;
  try {
    return openAccess(mode, isAbsolute(file) ? file : resolve(cwd, file), { onEvent });
  } catch (error) {
    // Lines of this file are not shown: in one of them there may stand a secret.
    if (error instanceof PolicyFileError) throw new FileError(error.file, '', error.violations);
    throw error;
  }
}

/** `tokens:/etc/facetry/tokens.yaml` → `['tokens', '/etc/facetry/tokens.yaml']` */
export function splitAuth(auth: string): readonly ['open', ''] | readonly ['tokens' | 'oidc', string] {
  if (auth === 'open') return ['open', ''];
  const at = auth.indexOf(':');
  return [auth.slice(0, at) as 'tokens' | 'oidc', auth.slice(at + 1)];
}
