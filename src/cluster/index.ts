/**
 * cluster/: how does an implementation come alive? The vault keeps the secrets of sites and clusters, the directory holds
 * references to them only; openstack/ speaks to the sites.
 */
export * from './openstack/index.js';
export * from './vault/index.js';
