import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type MasterKey, makeMasterKey, masterKey, openVault, readMasterKey, type Vault } from '../../cluster/index.js';
import { UsageError } from '../exit-code.js';
import type { Session } from '../session.js';

/** The key itself may be in this variable; it is never an argument, since everybody on the machine can read those. */
const VARIABLE = 'FACETRY_VAULT_MASTER_KEY';

/** The vault of `--vault`, with the key of `--vault-key`; both are made by the first who stores something. */
export function vaultOf({ settings, terminal, note }: Session, make: boolean, former: readonly string[] = []): Vault {
  const folder = resolve(terminal.cwd, settings.vault);
  const path = resolve(terminal.cwd, settings['vault-key']);
  if (!existsSync(folder) && !make) throw new UsageError(`there is no vault in ${settings.vault}`, 'facetry credential create makes one');
  const keys = former.map((name) => readMasterKey(resolve(terminal.cwd, name)));
  return openVault(folder, keyOf(), keys);

  function keyOf(): MasterKey {
    const text = terminal.env[VARIABLE];
    if (text !== undefined) return masterKey(text, VARIABLE);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return readMasterKey(path);
    if (!make || existsSync(folder))
      throw new UsageError(`there is no vault key ${settings['vault-key']}`, `name it with --vault-key, or set ${VARIABLE}`);
    note(`the key of the vault is in ${settings['vault-key']}: keep it apart from the vault, nothing in it can be read without`);
    return makeMasterKey(path);
  }
}
