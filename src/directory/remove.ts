/** The end of a resource, as far as the caller sees it. */
import type { ResourceId } from '../model/index.js';
import { at } from './at.js';
import { currentOf } from './current.js';
import type { Caller, WriteOptions } from './directory.js';
import { planChange } from './plan-change.js';
import { checkPreconditions, notFound } from './publish.js';
import { requireWriter } from './rights.js';
import type { Rooms } from './rooms.js';

export async function remove(
  rooms: Rooms,
  caller: Caller,
  id: ResourceId,
  options: WriteOptions = {},
): Promise<{ readonly revision?: string }> {
  requireWriter(caller);
  for (;;) {
    const current = currentOf(rooms, caller, id);
    if (current === undefined) throw notFound(id);
    checkPreconditions(id, current, { kind: 'put', id }, options);
    const { change } = planChange(rooms, { caller, id, current, xml: undefined, options });
    if (change === undefined || options.dryRun === true) return at(rooms, caller, current.revision);
    const written = await rooms.store.write([change]);
    if (written.ok) {
      await rooms.live.reached(written.revision);
      return at(rooms, caller, written.revision);
    }
  }
}
