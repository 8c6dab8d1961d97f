/**
 * cluster/: how does an implementation come alive? So far the vault, where the secrets of sites and clusters are;
 * the directory holds references to them only.
 */
export * from './vault/index.js';
