import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { Problem } from '../../model/index.js';

/** What wraps the keys of the records. `id` tells which key sealed a record and gives nothing of the key away. */
export interface MasterKey {
  readonly id: string;
  readonly bytes: Uint8Array;
}

const BYTES = 32;

/** A key written as 64 hexadecimal digits, as it stands in a file or in an environment variable. */
export function masterKey(text: string, from: string): MasterKey {
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new Problem('bad-request', {
      detail: `The master key in ${from} is not 64 hexadecimal digits`,
      hint: 'Make one with: openssl rand -hex 32',
    });
  }
  const bytes = Buffer.from(digits, 'hex');
  return { id: createHash('sha256').update('facetry vault key').update(bytes).digest('hex').slice(0, 16), bytes };
}

/** Reads a key file; one that others may read is refused, since the key is then no secret any more. */
export function readMasterKey(path: string): MasterKey {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new Problem('forbidden', {
      detail: `Others than its owner may read the master key in ${path}`,
      hint: `chmod 600 ${path}`,
    });
  }
  return masterKey(readFileSync(path, 'utf8'), path);
}

/** Makes a key file; never in the place of another, since nothing sealed with that could be opened any more. */
export function makeMasterKey(path: string): MasterKey {
  const text = randomBytes(BYTES).toString('hex');
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${text}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return masterKey(text, path);
}
