/**
 * Where a resource's document stands in the database: its id, percent-encoded so that it names no folders and can be
 * read back, with `.xml` behind it.
 *
 *     urn:uuid:1b4e…        →  resources/urn:uuid:1b4e….xml
 *     http://grid/node 7    →  resources/http:%2F%2Fgrid%2Fnode%207.xml
 */
import { createHash } from 'node:crypto';
import type { ResourceId } from '../../model/index.js';

const FOLDER = 'resources/';

/** The documents of facetry's own, beside those of people. */
export const OWN_FOLDER = 'facetry/';

export function pathOf(id: ResourceId): string {
  return `${FOLDER}${nameOf(id)}`;
}

/**
 * Revisions, times and owners of resources stand together in this many documents: as many as there are resources would double
 * the lists that BaseX keeps of its documents, and in a single one every look-up would read all of it.
 */
export const BUCKETS = 1024;

/** In which of them those of a resource stand. */
export function bucketOf(path: string): number {
  return createHash('md5').update(path).digest().readUInt16BE(0) % BUCKETS;
}

export function bucketPath(bucket: number): string {
  return `${OWN_FOLDER}entries/${bucket.toString(16).padStart(3, '0')}.xml`;
}

/** They are the first documents after the state. */
export function bucketPlace(bucket: number): number {
  return 2 + bucket;
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
