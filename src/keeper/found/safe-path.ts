import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Why nobody should run this file, or undefined. Whoever may write a delegate, or put one in its folder, runs code as the keeper:
 * so neither may be writable by everybody, nor belong to somebody who is neither root nor the keeper's user. A link counts as what it
 * leads to, and in no folder above may everybody put another one in the place of the way down.
 */
export function unsafePath(path: string): string | undefined {
  const real = realpathSync(path);
  for (const folder of new Set([dirname(path), dirname(real)])) {
    const why = unsafe(folder, statSync(folder), 'its folder');
    if (why !== undefined) return why;
  }
  return unsafe(real, statSync(real), 'the file') ?? unsafeAbove(dirname(real));
}

/** A sticky folder such as /tmp lets nobody move what is another's (inode(7)). */
function unsafeAbove(folder: string): string | undefined {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const { mode } = statSync(above);
    if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) return `a folder above it can be written by everybody: chmod o-w ${above}`;
    if (above === dirname(above)) return undefined;
  }
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
