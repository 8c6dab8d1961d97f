import type { Revision } from '../model/index.js';
import type { Caller } from './directory.js';
import type { Rooms } from './rooms.js';

/** The revision as a cursor. Who is limited to scopes is not shown any: it would tell of commits elsewhere. */
export function at(rooms: Pick<Rooms, 'cursors'>, caller: Caller, revision: Revision): { readonly revision?: string } {
  return caller.scopes === undefined ? { revision: rooms.cursors.seal({ revision, offset: 0 }, '', caller) } : {};
}
