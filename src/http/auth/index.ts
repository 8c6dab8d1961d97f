/**
 * http/auth: who asks, and what may they do? Two ways of knowing (`tokens`, `oidc`) with one file each, which make a `Caller`
 * of a request; what a caller then sees is the directory's business.
 *
 *     Authorization: Bearer … → bearer → tokens: hash → entry  ┐
 *                                        oidc:   JWT  → claims ┴→ rights: Caller → narrowed by Facetry-Scope
 */
export { type Access, type AccessOptions, openAccess } from './access.js';
export { newToken } from './new-token.js';
export { PolicyFileError } from './policy-file.js';
export { isOperator, ROLES, type Role } from './rights.js';
export { digestOf, readTokens, type TokenEntry } from './tokens-file.js';
