import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Why nobody should run this file, or undefined. Whoever may write a delegate, or put one in its folder, runs code as the keeper:
 * so neither may be writable by everybody, nor belong to somebody who is neither root nor the keeper's user.
 */
export function unsafePath(path: string): string | undefined {
  return unsafe(path, statSync(path), 'the file') ?? unsafe(dirname(path), statSync(dirname(path)), 'its folder');
}

function unsafe(path: string, { mode, uid }: Stats, what: string): string | undefined {
  if ((mode & 0o002) !== 0) return `${what} can be written by everybody: chmod o-w ${path}`;
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0)
    return `${what} belongs to user ${uid}, who is neither root nor the user that runs the keeper`;
  return undefined;
}

/** Changes when the file does. */
export function stampOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino}-${size}-${mtimeMs}-${ctimeMs}`;
}
