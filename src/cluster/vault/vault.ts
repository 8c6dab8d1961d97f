/**
 * Where are the secrets? In one folder, a file per record: sealed with a key of its own, and that key wrapped by
 * the master key, which is kept elsewhere. Knows nothing of what the secrets are for.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/index.js';
import { syncFolder, writeDurably } from './durable-file.js';
import type { MasterKey } from './master-key.js';
import { type Sealed, seal, unseal } from './seal.js';

/** Whose secret it is and for which site: readable in the file, and bound to the secret. */
export interface RecordName {
  readonly id: string;
  readonly owner: string;
  readonly site: string;
}

export interface Vault {
  /** Durable when it returns; takes the place of the record with the same id. */
  put(name: RecordName, secret: string): void;
  /** The secret, or undefined where there is none of that owner for that site: the three say nothing of each other. */
  get(name: RecordName): string | undefined;
  remove(id: string): void;
  list(): RecordName[];
  /** Wraps the key of every record with the current master key; goes on where it was stopped. Returns how many it changed. */
  rotate(): number;
}

interface StoredRecord extends RecordName {
  readonly keyId: string;
  readonly key: Sealed;
  readonly secret: Sealed;
}

const KEY_BYTES = 32;
const ENDING = '.json';

/** `former` are master keys that were in use before: they open, and never seal. */
export function openVault(folder: string, current: MasterKey, former: readonly MasterKey[] = []): Vault {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keys = [current, ...former];
  const paths = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ENDING))
      .sort()
      .map((file) => join(folder, file));

  function recordKey(path: string, record: StoredRecord): Buffer {
    const master = keys.find(({ id }) => id === record.keyId);
    if (!master) {
      throw new Problem('corrupt-store', {
        detail: `The secret ${record.id} was sealed with another master key (${record.keyId}) than the ones given (${keys.map(({ id }) => id).join(', ')})`,
        hint: 'Give the key it was sealed with, as the current or as a former one',
      });
    }
    return opened(path, () => unseal(master.bytes, record.key, about(record)));
  }

  return {
    put(name, secret) {
      const key = randomBytes(KEY_BYTES);
      const record: StoredRecord = {
        ...pick(name),
        keyId: current.id,
        key: seal(current.bytes, key, about(name)),
        secret: seal(key, Buffer.from(secret), about(name)),
      };
      writeDurably(join(folder, fileOf(name.id)), JSON.stringify(record));
    },
    get(name) {
      const path = join(folder, fileOf(name.id));
      const record = read(path);
      if (!record || record.owner !== name.owner || record.site !== name.site) return undefined;
      const key = recordKey(path, record);
      return opened(path, () => unseal(key, record.secret, about(name)).toString());
    },
    remove(id) {
      rmSync(join(folder, fileOf(id)), { force: true });
      syncFolder(folder);
    },
    list: () =>
      paths()
        .flatMap((path) => read(path) ?? [])
        .map(pick),
    rotate() {
      let changed = 0;
      for (const path of paths()) {
        const record = read(path);
        if (!record || record.keyId === current.id) continue;
        const key = seal(current.bytes, recordKey(path, record), about(record));
        writeDurably(path, JSON.stringify({ ...record, keyId: current.id, key }));
        changed++;
      }
      return changed;
    },
  };
}

/** Names come from outside; their digest is a file name that cannot leave the folder. */
function fileOf(id: string): string {
  return createHash('sha256').update(id).digest('hex') + ENDING;
}

function about({ id, owner, site }: RecordName): string {
  return JSON.stringify(['facetry vault 1', id, owner, site]);
}

function pick({ id, owner, site }: RecordName): RecordName {
  return { id, owner, site };
}

function read(path: string): StoredRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const record = opened(path, () => JSON.parse(text) as StoredRecord);
  const whole = [record?.id, record?.owner, record?.site, record?.keyId, record?.key?.data, record?.secret?.data];
  if (!whole.every((field) => typeof field === 'string')) throw damaged(path);
  return record;
}

function opened<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch {
    // What the parser or the cipher says may quote the file; it is not passed on.
    throw damaged(path);
  }
}

function damaged(path: string): Problem {
  return new Problem('corrupt-store', {
    detail: `The secret in ${path} was changed since it was sealed`,
    hint: 'Bring the file back from a backup, or enter the secret again',
  });
}
