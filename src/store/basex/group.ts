/** Commits as one group for BaseX: the last change of each resource, in the JSON that the updating query reads. */
import { createHash } from 'node:crypto';
import type { Commit, StoredResource } from '../../model/index.js';
import { entryPathOf, pathOf } from './paths.js';

/** Bounds of one updating query: BaseX holds it in memory twice. */
const GROUP_CHANGES = 1000;
const GROUP_BYTES = 4 * 1024 * 1024;

/** `xml` in base64 */
interface Put extends Omit<StoredResource, 'xml'> {
  readonly path: string;
  readonly entry: string;
  readonly sha256: string;
  readonly xml: string;
}
type Row = Put | { readonly path: string; readonly entry: string };

/** As many commits as fit, at least one; `to` is the last one's revision. */
export function groupOf(commits: readonly Commit[]): { readonly to: number; readonly size: number; readonly changes: string } {
  const rows = new Map<string, Row>();
  let bytes = 0;
  let to = 0;
  for (const { revision, changes } of commits) {
    if (to > 0 && (rows.size + changes.length > GROUP_CHANGES || bytes > GROUP_BYTES)) break;
    for (const change of changes) {
      if (change.kind === 'remove') rows.set(change.id, { path: pathOf(change.id), entry: entryPathOf(change.id) });
      else {
        rows.set(change.resource.id, rowOf(change.resource));
        bytes += change.resource.xml.byteLength;
      }
    }
    to = revision;
  }
  return { to, size: rows.size, changes: JSON.stringify([...rows.values()]) };
}

export function groupOfResources(resources: readonly StoredResource[]): string {
  return JSON.stringify(resources.map(rowOf));
}

function rowOf({ xml, ...facts }: StoredResource): Put {
  return {
    ...facts,
    // XML has no control characters, which keys of one id's twins have; the path says the same exactly
    id: facts.id.replace(/\p{Cc}/gu, encodeURIComponent),
    path: pathOf(facts.id),
    entry: entryPathOf(facts.id),
    sha256: createHash('sha256').update(xml).digest('hex'),
    xml: Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength).toString('base64'),
  };
}
