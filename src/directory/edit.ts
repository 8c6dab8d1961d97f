/**
 * The life of a change to a part of a resource: what the caller sees + its edit → document → resource → change → durable commit.
 * Two callers that change different parts at once both succeed: the one that comes second composes its edit anew.
 */

import { createColumns, publish as publishColumns, putResource } from '../discovery/index.js';
import { nameKey, Problem, type ResourceId } from '../model/index.js';
import { at } from './at.js';
import { compose } from './compose.js';
import { type Current, currentOf, facetXml } from './current.js';
import { differenceText } from './difference-text.js';
import type { Caller, Edit, Published, WriteOptions } from './directory.js';
import { etagOf } from './etag.js';
import { giveFacet } from './give-facet.js';
import { planChange } from './plan-change.js';
import { checkTags, notFound } from './publish.js';
import { readOver } from './read-over.js';
import { requireWriter } from './rights.js';
import type { Rooms } from './rooms.js';

export async function edit(rooms: Rooms, caller: Caller, id: ResourceId, wanted: Edit, options: WriteOptions = {}): Promise<Published> {
  requireWriter(caller);
  for (;;) {
    const current = currentOf(rooms, caller, id);
    if (current === undefined) throw notFound(id);
    requireTags(rooms, caller, current, wanted, options);

    // document → resource
    const { document, meant, relocate } = compose(
      Buffer.from(current.xml).toString('utf8'),
      wanted,
      options.charset,
      rooms.schemas.prefixes,
    );
    const { resource, notices } = await readOver(rooms, encoder.encode(document), { id }, () => current).catch((problem) => {
      throw relocate === undefined ? problem : relocate(problem);
    });
    const { xml } = resource;

    // resource → change
    const { outcome, change } =
      wanted.kind === 'give-facet'
        ? giveFacet(rooms, caller, current, wanted, options)
        : planChange(rooms, { caller, id, current, xml, meant, options });
    const had = tagOf(rooms, caller, current, wanted);
    const about = { id, etag: had.after(xml), notices };
    const done = outcome === 'replaced' && had.before === undefined ? 'created' : outcome;
    if (options.dryRun === true) {
      if (change !== undefined) await rooms.registry.try([change]);
      return { ...about, outcome: done, ...at(rooms, caller, rooms.live.revision), canonical: xml, diff: differenceText(current.xml, xml) };
    }
    if (change === undefined) return { ...about, outcome: done, ...at(rooms, caller, current.revision) };

    // change → durable commit, visible to discovery
    const written = await rooms.store.write([change]);
    if (written.ok) {
      await rooms.live.reached(written.revision);
      return { ...about, outcome: done, ...at(rooms, caller, written.revision) };
    }
  }
}

/** Preconditions are about what the edit names: a facet, or else the resource. */
function requireTags(rooms: Rooms, caller: Caller, current: Current, wanted: Edit, options: WriteOptions): void {
  const { before } = tagOf(rooms, caller, current, wanted);
  const what = 'name' in wanted ? `facet ${nameKey(wanted.name)} of "${current.id}"` : `"${current.id}"`;
  if ((wanted.kind === 'remove-facet' || wanted.kind === 'give-facet') && before === undefined)
    throw new Problem('not-found', { detail: `there is no ${what}` });
  checkTags(what, () => before, before !== undefined, options);
}

/** Entity tags of what the edit names, as it is and as it would be in another document. */
function tagOf(rooms: Rooms, caller: Caller, current: Current, wanted: Edit): { before: string | undefined; after(xml: string): string } {
  if (!('name' in wanted)) return { before: current.etag, after: etagOf };
  const key = nameKey(wanted.name);
  const before = facetXml(rooms.viewOf(caller), current.slot, key);
  return {
    before: before === undefined ? undefined : etagOf(before),
    after(xml) {
      const columns = createColumns({ size: 'document' });
      const slot = putResource(columns, encoder.encode(xml), { revision: 1, created: 1, createdSeq: 0, createdAt: 0, modifiedAt: 0 });
      publishColumns(columns, 1);
      const facet = facetXml({ columns, revision: 1 }, slot, key);
      return facet === undefined ? '' : etagOf(facet);
    },
  };
}

const encoder = new TextEncoder();
