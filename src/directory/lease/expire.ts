/** What has expired of a resource goes: its facets, or with the last one the resource. Nobody asks for it but time. */
import { publicId, type ResourceKey, twinNumber } from '../../model/index.js';
import { assembleParts, partsOf } from '../../xml/index.js';
import { metaOf, slotsOf } from '../current.js';
import type { DirectoryEvent } from '../events.js';
import { metaText } from '../plan-change.js';
import type { Rooms } from '../rooms.js';

export async function expire(
  rooms: Pick<Rooms, 'live' | 'leases' | 'store' | 'xml' | 'wholeOf'>,
  key: ResourceKey,
  onEvent: (event: DirectoryEvent) => void,
): Promise<void> {
  const { live, leases, store } = rooms;
  for (;;) {
    const { columns, revision } = live;
    const slot = [...slotsOf({ columns, revision }, publicId(key))].find((one) => (metaOf(columns, one).twin ?? 0) === twinNumber(key));
    // asked anew in every round: it may have been renewed, written or removed meanwhile
    const gone = slot === undefined ? [] : leases.expired(key);
    if (slot === undefined || gone.length === 0) return;
    const expect = { revision: columns.slots.born(slot) };
    const meta = metaOf(columns, slot);
    const parts = partsOf(Buffer.from(rooms.wholeOf(slot)).toString('utf8'));
    const facets = parts.facets.filter((facet) => !gone.includes(facet.key));
    const written = await store.write([
      facets.length === 0
        ? { kind: 'remove', id: key, expect }
        : {
            kind: 'put',
            id: key,
            xml: await canonical(rooms, key, assembleParts({ ...parts, facets }), rooms.wholeOf(slot)),
            expect,
            ...metaText({ ...meta, facets: Object.fromEntries(Object.entries(meta.facets).filter(([name]) => !gone.includes(name))) }),
          },
    ]);
    if (!written.ok) continue;
    await live.reached(written.revision);
    onEvent({ kind: 'expired', id: publicId(key), facets: gone });
    return;
  }
}

/** Without a facet, the root may declare less. */
async function canonical({ xml }: Pick<Rooms, 'xml'>, key: ResourceKey, document: string, current: Uint8Array): Promise<Uint8Array> {
  const { resource } = await xml.read(new TextEncoder().encode(document), { id: publicId(key), current });
  return new TextEncoder().encode(resource.xml);
}
