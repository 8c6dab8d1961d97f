/** A file of tokens gets one more entry: as a whole or not at all, with its comments kept, and for its owner only. */
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { isMap, isSeq, parseDocument } from 'yaml';
import { PolicyFileError, readTokens, type TokenEntry } from '../http/auth/index.js';
import { UsageError } from './exit-code.js';
import { FileError } from './output/file-error.js';

/** @throws FileError when the file holds something else, UsageError when somebody else is changing it */
export function appendToken(path: string, entry: TokenEntry): void {
  const file = existsSync(path) ? realpathSync(path) : path;
  // Made by one process only, so it is a lock as well.
  const next = `${file}.new`;
  let fd: number;
  try {
    fd = openSync(next, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${next} exists: somebody else is changing the file`, 'if nobody is, remove it');
  }
  try {
    const text = withEntry(file, existsSync(file) ? readFileSync(file, 'utf8') : '', entry);
    writeSync(fd, text);
    fsyncSync(fd);
    closeSync(fd);
    keepOwner(file, next);
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

function withEntry(file: string, text: string, entry: TokenEntry): string {
  try {
    if (text.trim() !== '') readTokens(file, text);
    const document = parseDocument(text.trim() === '' ? 'tokens: []\n' : text);
    const list = isMap(document.contents) ? document.get('tokens') : undefined;
    if (!isSeq(list)) throw new TypeError('a valid file has a list');
    if (list.items.length === 0) list.flow = false;
    list.add(document.createNode(entry));
    const grown = document.toString({ lineWidth: 0 });
    readTokens(file, grown);
    return grown;
  } catch (error) {
    if (error instanceof PolicyFileError) throw new FileError(file, '', error.violations);
    throw error;
  }
}

/** Who adds a token may be root; who reads the file is the server. */
function keepOwner(file: string, next: string): void {
  const before = statSync(file, { throwIfNoEntry: false });
  if (before === undefined) return;
  try {
    chownSync(next, before.uid, before.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}
