/**
 * Is what the store holds right? Every document parses, obeys the model and is canonical; and a fresh shred of it
 * gives the same document back. Reads everything, changes nothing.
 */
import { createColumns, publish, putResource, serializeNode } from '../discovery/columns/index.js';
import { publicId } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { XmlReader } from '../xml/index.js';
import { type Reference, referencesOf } from './references.js';

export interface Finding {
  readonly id?: string;
  readonly message: string;
  /** a reference leads nowhere: no fault of the store, as what it names may come, or have gone */
  readonly dangling?: true;
}

/** Resources looked at together. */
const BATCH = 500;

export async function* checkDirectory(
  store: Store,
  xml: XmlReader,
  onProgress: (done: number, total: number) => void = () => {},
): AsyncIterable<Finding> {
  yield* store.check();
  const { count, batches } = await store.resources();
  const ids = new Set<string>();
  const references: (Reference & { readonly from: string })[] = [];
  let done = 0;
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += BATCH) {
      const some = batch.slice(from, from + BATCH);
      const read = await xml.readMany(some.map(({ xml: bytes }) => ({ bytes })));
      const columns = createColumns({ size: 'document' });
      for (const [k, resource] of some.entries()) {
        const result = read[k];
        const { id } = resource;
        const stored = Buffer.from(resource.xml);
        ids.add(publicId(id));
        if (!result.ok)
          yield { id, message: `is not a valid resource: ${result.problem.violations[0]?.message ?? result.problem.message}` };
        else if (result.resource.id !== publicId(id)) yield { id, message: `holds the document of "${result.resource.id}"` };
        else if (!stored.equals(Buffer.from(result.resource.xml))) yield { id, message: 'is not in canonical form' };
        else {
          const slot = putResource(columns, resource.xml, resource);
          publish(columns, 1);
          if (!stored.equals(serializeNode({ columns, revision: 1 }, 2 * columns.slots.row(slot))))
            yield { id, message: 'reads differently from the columns' };
          for (const one of referencesOf(result.resource.xml)) references.push({ ...one, from: publicId(id) });
        }
      }
      done += some.length;
      onProgress(done, count);
    }
  }
  for (const { from, to, path } of references)
    if (!ids.has(to)) yield { id: from, message: `${path} refers to "${to}", which is not there`, dangling: true };
}
