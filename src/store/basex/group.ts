/** Commits as one group for BaseX: the last change of each resource, in the JSON that the updating query reads. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Commit, StoredResource } from '../../model/index.js';
import { bucketOf, bucketPath, bucketPlace, pathOf } from './paths.js';
import type { Places } from './places.js';

/** Bounds of one updating query: BaseX holds it in memory twice. */
const GROUP_CHANGES = 1000;
const GROUP_BYTES = 4 * 1024 * 1024;

interface Place {
  readonly path: string;
  readonly bucket: string;
  /** the bucket's place in the database */
  readonly b: number;
  /** the document's, where it is known */
  readonly k?: number;
  /** there is none */
  readonly fresh?: true;
}

export interface Put extends Place {
  /** JSON: what is known of the resource beside its document */
  readonly facts: string;
  /** the document as text, or, if it is none that XML could hold, its bytes in base64 */
  readonly xml?: string;
  readonly bytes?: string;
}

export interface Group {
  /** revision of the last commit */
  readonly to: number;
  readonly size: number;
  /** JSON, for the updating query */
  readonly changes: string;
  /** Tells what has become of the order of documents. */
  applied(places: Places): void;
}

/** As many commits as fit, at least one. */
export function groupOf(commits: readonly Commit[], places: Places): Group {
  const rows = new Map<string, Place | Put>();
  let bytes = 0;
  let to = 0;
  for (const { revision, changes } of commits) {
    if (to > 0 && (rows.size + changes.length > GROUP_CHANGES || bytes > GROUP_BYTES)) break;
    for (const change of changes) {
      if (change.kind === 'remove') rows.set(change.id, placeOf(pathOf(change.id), places));
      else {
        rows.set(change.resource.id, rowOf(change.resource, places));
        bytes += change.resource.xml.byteLength;
      }
    }
    to = revision;
  }
  return {
    to,
    size: rows.size,
    changes: JSON.stringify([...rows.values()]),
    applied(now) {
      for (const row of rows.values()) {
        if (!('facts' in row)) now.remove(row.path);
        else if (row.k === undefined) now.add(row.path);
      }
    },
  };
}

export function groupOfResources(resources: readonly StoredResource[]): string {
  return JSON.stringify(resources.map((resource) => rowOf(resource)));
}

export function rowOf({ xml, ...known }: StoredResource, places?: Places): Put {
  const sha256 = createHash('sha256').update(xml).digest('hex');
  return {
    ...placeOf(pathOf(known.id), places),
    facts: JSON.stringify({ ...known, sha256 }),
    ...contentOf(Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength)),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML has no room for
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

function contentOf(xml: Buffer): Pick<Put, 'xml' | 'bytes'> {
  const text = isUtf8(xml) ? xml.toString('utf8') : undefined;
  return text === undefined || NO_XML.test(text) ? { bytes: xml.toString('base64') } : { xml: text };
}

/** Where a resource's document and what is known of it stand, as the queries read it. */
export function placeOf(path: string, places?: Places): Place {
  const bucket = bucketOf(path);
  const k = places?.at(path);
  const known = k !== undefined ? { k } : places === undefined || places.has(path) ? {} : ({ fresh: true } as const);
  return { path, bucket: bucketPath(bucket), b: bucketPlace(bucket), ...known };
}

/** What `rowOf` wrote as facts. */
export type Facts = Omit<StoredResource, 'xml'> & { readonly sha256: string };

/** Undefined: there is none that can be read. */
export function factsOf(entry: string): Facts | undefined {
  try {
    return JSON.parse(entry.slice(entry.indexOf(' ') + 1)) as Facts;
  } catch {
    return undefined;
  }
}
