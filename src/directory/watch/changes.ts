/** The feed of changes: what was created, replaced and removed, for those who keep a copy of what they may see. */
import { setTimeout as pause } from 'node:timers/promises';
import { serializeNode } from '../../discovery/columns/index.js';
import type { View } from '../../discovery/index.js';
import { type Commit, Problem, publicId, type Revision } from '../../model/index.js';
import { visibleSlot } from '../current.js';
import type { Position } from '../cursor.js';
import type { Caller } from '../directory.js';
import type { Rooms } from '../rooms.js';
import type { Changes, VisibleChange } from './contract.js';

const BOND = '(changes)';
const BACKLOG = 500;

export interface ChangesOptions {
  /** undefined: from now on */
  readonly cursor?: string;
  readonly limit: number;
  /** ms to wait for a change when there is none */
  readonly wait: number;
  readonly signal: AbortSignal;
}

/** Rejects with Problem `cursor-expired` when changes after the cursor are no longer known. */
export async function changes(rooms: Rooms, caller: Caller, { cursor, limit, wait, signal }: ChangesOptions): Promise<Changes> {
  const answer = (items: readonly VisibleChange[], position: Position): Changes => ({
    items,
    next: rooms.cursors.seal(position, BOND, caller),
  });
  const until = performance.now() + wait;
  let at = cursor === undefined ? { revision: rooms.live.revision, offset: 0 } : rooms.cursors.open(cursor, BOND, caller);
  if (at.revision > rooms.live.revision) throw expired();
  for (;;) {
    const items: VisibleChange[] = [];
    while (at.revision < rooms.live.revision && items.length < limit) {
      const commits = await rooms.store.commits(at.revision, BACKLOG);
      if (commits === undefined || commits.length === 0) throw expired();
      for (const commit of commits) {
        // A commit is told when it is visible.
        if (commit.revision > rooms.live.revision || items.length >= limit) break;
        at = tell(rooms, caller, commit, at, limit, items);
      }
    }
    if (items.length > 0 || signal.aborted || performance.now() >= until) return answer(items, at);
    await nextCommit(rooms, at.revision, until - performance.now(), signal);
  }
}

function tell(rooms: Rooms, caller: Caller, commit: Commit, at: Position, limit: number, items: VisibleChange[]): Position {
  const { revision, changes: all } = commit;
  for (let k = at.offset; k < all.length; k++) {
    if (items.length >= limit) return { revision: revision - 1, offset: k };
    const change = all[k];
    const id = publicId(change.kind === 'put' ? change.resource.id : change.id);
    const kind =
      caller.scopes === undefined
        ? change.kind === 'remove'
          ? 'removed'
          : change.resource.created === revision
            ? 'created'
            : 'replaced'
        : seenAs(rooms, caller, id, revision);
    if (kind !== undefined) items.push({ kind, resource: id, at: commit.at });
  }
  return { revision, offset: 0 };
}

/** What somebody who does not see everything sees of a change. */
function seenAs(rooms: Rooms, caller: Caller, id: string, revision: Revision): VisibleChange['kind'] | undefined {
  if (rooms.live.columns.base >= revision) throw expired();
  const view = rooms.viewOf(caller);
  const was = documentAt({ ...view, revision: revision - 1 }, id);
  const is = documentAt({ ...view, revision }, id);
  if (is === undefined) return was === undefined ? undefined : 'removed';
  if (was === undefined) return 'created';
  return Buffer.compare(was, is) === 0 ? undefined : 'replaced';
}

function documentAt(view: View, id: string): Uint8Array | undefined {
  const slot = visibleSlot(view, id);
  return slot < 0 ? undefined : serializeNode(view, 2 * view.columns.slots.row(slot));
}

async function nextCommit({ live }: Rooms, after: Revision, ms: number, signal: AbortSignal): Promise<void> {
  const come = new AbortController();
  const unsubscribe = live.subscribe(() => come.abort());
  try {
    if (live.revision > after) return;
    await pause(ms, undefined, { signal: AbortSignal.any([come.signal, signal]) }).catch(() => undefined);
  } finally {
    unsubscribe();
  }
}

function expired(): Problem {
  return new Problem('cursor-expired', {
    detail: 'changes so long ago are no longer known',
    hint: 'read GET /changes without a cursor, then everything anew (GET /resources), then the changes after that cursor',
  });
}
