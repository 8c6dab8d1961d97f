import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 16;

/** The key that cursors of callers with scopes are sealed with; made with the data, so that they outlive a restart. */
export function cursorKey(folder: string): Uint8Array {
  const path = join(folder, 'cursor.key');
  if (existsSync(path)) {
    const key = readFileSync(path);
    if (key.length === BYTES) return key;
  }
  const key = randomBytes(BYTES);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, key, { mode: 0o600 });
  return key;
}
