/**
 * cluster/: how does an implementation come alive? The directory holds what is wanted, the site what there is, and the
 * reconciler brings one to the other; the vault keeps the secrets, of which the directory holds references only.
 *
 *     implementation + credential → acquire → cluster in the directory → step → Heat → outputs in the directory
 */
export * from './acquire.js';
export { clustersOf } from './admission.js';
export { facetOf, readBlueprint } from './blueprint.js';
export * from './cluster-facet.js';
export { type ClusterRecord, changeCluster, clusterIn, findClusters, readCluster } from './cluster-record.js';
export { changeGrants, type NewCredential, removeCredential, storeCredential } from './credentials.js';
export { heatOfCluster, keepCredential, type OpenCredential, openCredential, vouchFor } from './open-credential.js';
export * from './openstack/index.js';
export { outputValues } from './outputs.js';
export { type Finding, preflight } from './preflight.js';
export { type ClusterEvent, createReconciler, type Reconciler } from './reconcile.js';
export { secretOutputs, secretRefOf } from './secret-outputs.js';
export { tagsOf } from './stack.js';
export { type Action, type SeenStack, type Step, step } from './step.js';
export { type Swept, sweep } from './sweep.js';
export { type Updated, type UpdateRequest, updateCluster } from './update.js';
export * from './vault/index.js';
