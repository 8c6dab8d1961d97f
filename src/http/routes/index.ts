/** The table of routes: all there is, most used first (express looks them through in this order). */
import type { Route } from '../route.js';
import { about, explainProblem, openapi } from './about.js';
import { changes } from './changes.js';
import { discover, discoverByPost } from './discover.js';
import { getFacet, giveFacet, putFacet, releaseFacet, removeFacet } from './facets.js';
import { healthz, livez, readyz, startupz } from './health.js';
import { checkInterface, getInterface, interfaceViolations, listInterfaces, putInterface, removeInterface } from './interfaces.js';
import { getMeta, renewLease, renewLeases } from './leases.js';
import { addScope, patchResource, properties, removeScope } from './properties.js';
import { getResource, putResource, removeResource } from './resource.js';
import { createResources, listResources } from './resources.js';
import { resync } from './resync.js';
import { watch } from './watch.js';
import { xquery } from './xquery.js';

export function routes(more: readonly Route[] = []): readonly Route[] {
  const table: readonly Route[] = [
    getResource,
    putResource,
    removeResource,
    createResources,
    listResources,
    getFacet,
    putFacet,
    removeFacet,
    giveFacet,
    releaseFacet,
    patchResource,
    addScope,
    removeScope,
    ...properties,
    renewLease,
    renewLeases,
    getMeta,
    discover,
    discoverByPost,
    xquery,
    resync,
    watch,
    changes,
    listInterfaces,
    getInterface,
    putInterface,
    removeInterface,
    checkInterface,
    interfaceViolations,
    livez,
    readyz,
    healthz,
    startupz,
    about,
    explainProblem,
    openapi(() => table),
    ...more,
  ];
  return table;
}
