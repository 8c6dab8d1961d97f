/** A file that is read again when it changes. A new one that cannot be used is reported, and the old one holds. */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { OnEvent } from '../events.js';
import { readPolicyText } from './policy-file.js';

export interface Reloading<T> {
  readonly current: T;
  /** why the newest file is not in force */
  readonly failure: string | undefined;
  /** Looks now. Never throws. */
  reload(): void;
  close(): void;
}

/** Editors and configuration managers write in several steps: changes are read this many ms after the last one. */
const SETTLE = 50;
/** File systems that tell of no changes are looked at this often, in ms. */
const LOOK = 5_000;

/** @throws PolicyFileError when the file cannot be used to begin with */
export function reloading<T>(file: string, read: (text: string) => T, count: (value: T) => number, onEvent: OnEvent): Reloading<T> {
  let current: T;
  let failure: string | undefined;
  let version = versionOf(file);
  let content: string;

  const take = () => {
    const { text, warning } = readPolicyText(file);
    current = read(text);
    content = text;
    onEvent({ kind: 'access-loaded', file, principals: count(current) });
    if (warning !== undefined) onEvent({ kind: 'access-warned', file, reason: warning });
  };
  const reload = () => {
    version = versionOf(file);
    try {
      const { text } = readPolicyText(file);
      if (text !== content) take();
      failure = undefined;
    } catch (error) {
      failure = (error as Error).message;
      onEvent({ kind: 'access-refused', file, reason: failure });
    }
  };
  take();

  let soon: NodeJS.Timeout | undefined;
  const look = () => {
    if (versionOf(file) !== version) reload();
  };
  let watcher: FSWatcher | undefined;
  try {
    // The folder, because a file that is replaced is another file; and any name in it, because the file may be a link to one.
    watcher = watch(dirname(file), { persistent: false }, () => {
      clearTimeout(soon);
      soon = setTimeout(look, SETTLE).unref();
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // no more watches on this system: looking now and then is enough
  }
  const polling = setInterval(look, LOOK).unref();

  return {
    get current() {
      return current;
    },
    get failure() {
      return failure;
    },
    reload,
    close() {
      watcher?.close();
      clearTimeout(soon);
      clearInterval(polling);
    },
  };
}

/** Changes whenever the file does. */
function versionOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.size}`;
}
