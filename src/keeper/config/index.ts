/** config/: what does a keeper's file say, and where is it wrong? */
export type { Criticality, FacetConfig, ForEach, KeeperConfig, Place, ResourceConfig, SecretReference } from './config.js';
export { ConfigFault } from './config-fault.js';
export { readConfig, readConfigFile } from './read-config.js';
export { fill, fillAll, type Surroundings } from './references.js';
