/**
 * Where a resource's document stands in the database: its id, percent-encoded so that it names no folders and can be
 * read back, with `.xml` behind it.
 *
 *     urn:uuid:1b4e…        →  resources/urn:uuid:1b4e….xml
 *     http://grid/node 7    →  resources/http:%2F%2Fgrid%2Fnode%207.xml
 */
import type { ResourceId } from '../../model/index.js';

const FOLDER = 'resources/';

/** The documents of facetry's own, beside those of people. */
export const OWN_FOLDER = 'facetry/';

export function pathOf(id: ResourceId): string {
  return `${FOLDER}${nameOf(id)}`;
}

/** Revision, times and owners of the resource. */
export function entryPathOf(id: ResourceId): string {
  return `${OWN_FOLDER}${FOLDER}${nameOf(id)}`;
}

/** Undefined: no resource stands at such a path. */
export function idOf(path: string): ResourceId | undefined {
  if (!path.startsWith(FOLDER) || !path.endsWith('.xml')) return undefined;
  try {
    const id = decodeURIComponent(path.slice(FOLDER.length, -'.xml'.length));
    return pathOf(id) === path ? id : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(id: ResourceId): string {
  return `${encodeURIComponent(id).replaceAll('%3A', ':')}.xml`;
}
