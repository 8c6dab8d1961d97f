/** The table of routes: all there is, most used first (express looks them through in this order). */
import type { Route } from '../route.js';
import { about, explainProblem, openapi } from './about.js';
import { discover, discoverByPost } from './discover.js';
import { healthz, livez, readyz, startupz } from './health.js';
import { getInterface, listInterfaces } from './interfaces.js';
import { getResource, putResource, removeResource } from './resource.js';
import { createResources, listResources } from './resources.js';

export function routes(more: readonly Route[] = []): readonly Route[] {
  const table: readonly Route[] = [
    getResource,
    putResource,
    removeResource,
    createResources,
    listResources,
    discover,
    discoverByPost,
    listInterfaces,
    getInterface,
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
