/** Clusters and credentials over HTTP: who asks is who holds. What is asked for is carried out by whoever keeps clusters. */
import type { Route } from '../../../http/index.js';
import { acquireRoutes } from './acquire-routes.js';
import { clusterRoutes as oneCluster } from './cluster-routes.js';
import { credentialRoutes } from './credential-routes.js';
import type { ClusterDoors } from './doors.js';
import { leaseRoutes } from './lease-routes.js';

export function clusterRoutes(doors: ClusterDoors): readonly Route[] {
  return [...acquireRoutes(doors), ...oneCluster(doors), ...leaseRoutes(doors), ...credentialRoutes(doors)];
}
