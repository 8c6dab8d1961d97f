/** One process at a time works in a folder: its number and the time it was started stand in a file there. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../exit-code.js';

/** Returns what lets go of the folder. Throws UsageError when a living process has it. */
export function claim(folder: string, what: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'process');
  const own = `${process.pid} ${startedAt(process.pid)}`;
  const before = textIn(file);
  const [pid, started] = before.split(' ');
  // A number alone may belong to another process by now.
  if (before !== own && pid !== undefined && pid !== '' && startedAt(Number(pid)) === started)
    throw new UsageError(`${what} is kept by process ${pid} already`, `stop that one, or give this one another --state folder`);
  writeFileSync(file, own, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Field 22 of /proc/PID/stat, proc(5); '' when there is no such process. */
function startedAt(pid: number): string {
  const stat = textIn(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
