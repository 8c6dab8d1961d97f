export { type MasterKey, makeMasterKey, masterKey, readMasterKey } from './master-key.js';
export { openVault, type RecordName, type Vault } from './vault.js';
