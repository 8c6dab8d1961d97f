/**
 * The life of a standing question, top to bottom: text → what it selects now → what each later commit changes in that.
 *
 * A reader that comes with a cursor is told what has happened since, commit by commit, as long as the store's history and the
 * columns reach back to it; else it is told that there is a gap, and everything anew.
 */
import type { Revision } from '../../model/index.js';
import type { Position } from '../cursor.js';
import type { Caller } from '../directory.js';
import { askedBy, evaluate } from '../discover.js';
import { variablesOf } from '../evaluate.js';
import { itemOf } from '../items.js';
import type { Rooms } from '../rooms.js';
import { scopesKey } from '../views.js';
import type { WatchEvent, WatchOptions, WatchQuestion } from './contract.js';
import type { Hub } from './hub.js';
import { createInbox, type Told } from './inbox.js';
import { type ByResource, type Delta, deltaOf, versionsOf } from './selection.js';
import { failed, seal, type Watching } from './watching.js';
import { watchWhole } from './whole.js';

/** ms between bookmarks, which also show that the connection is alive */
export const HEARTBEAT = 15_000;
/** commits read of the store at once */
const BACKLOG = 200;
const TOO_SLOW: WatchEvent = { kind: 'end', reason: 'slow', detail: 'events were not read as fast as they came' };
const FORGOTTEN = 'what was replaced so long ago is forgotten';

/** Throws (rejects) while nothing has been told: Problem `invalid-xpath`, `bad-request` for a cursor of another question. */
export async function watch(
  rooms: Rooms,
  hub: Hub,
  caller: Caller,
  question: WatchQuestion,
  options: WatchOptions,
): Promise<AsyncIterable<WatchEvent>> {
  const asked = askedBy(rooms, caller, question);
  // Not the prefixes of registered interfaces: a cursor outlives a registration.
  const bond = `watch ${JSON.stringify([asked.xpath, question.namespaces, asked.variables])}`;
  const watching: Watching = { rooms, hub, caller, asked, options, bond, heartbeat: options.heartbeat ?? HEARTBEAT };
  const position = options.cursor === undefined ? undefined : rooms.cursors.open(options.cursor, bond, caller);
  const { compiled } = rooms.plans.get(asked);
  const variables = variablesOf(asked);
  const texts = new Map(Object.entries(asked.variables).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  const { byResource, timed, needs } = compiled.standing(texts as Map<string, string>);
  if (!byResource || timed) return watchWhole(watching, position, timed);
  return watchResources(watching, { compiled, variables, caller }, needs, position);
}

async function* watchResources(
  watching: Watching,
  question: ByResource,
  needs: Parameters<Hub['join']>[2],
  position: Position | undefined,
): AsyncIterable<WatchEvent> {
  const { hub, caller, options, bond } = watching;
  const inbox = createInbox(() => {
    hub.noteCut();
    options.onCut?.(TOO_SLOW);
  });
  const membership = hub.join(`${scopesKey(caller)} ${watching.asked.bindings} ${bond}`, question, needs, inbox);
  try {
    // what was missed, or else everything there is
    let gap: string | undefined;
    let from = position ?? { revision: membership.since, offset: 1 };
    if (isRest(from)) {
      gap = yield* everything(watching, from);
      if (options.signal.aborted) return;
      from = { revision: from.revision, offset: 0 };
    }
    gap ??= yield* catchUp(watching, question, from, membership.since);
    if (gap !== undefined) {
      yield { kind: 'gap', reason: gap };
      yield* everything(watching, { revision: membership.since, offset: 1 });
    }
    if (options.signal.aborted) return;

    // and what comes from now on
    let at: Position = { revision: membership.since, offset: 0 };
    for (;;) {
      for (let told = inbox.take(); told !== undefined; told = inbox.take()) {
        at = placeOf(told);
        yield eventOf(watching, told.delta, at);
        if (options.signal.aborted) return;
      }
      if (inbox.full) return yield TOO_SLOW;
      if (inbox.failure !== undefined) return yield failed(inbox.failure);
      if (options.signal.aborted) return;
      if (options.closing?.aborted) return yield { kind: 'end', reason: 'closing', cursor: seal(watching, at) };
      const waited = performance.now();
      await inbox.wait(watching.heartbeat, [options.signal, ...(options.closing === undefined ? [] : [options.closing])]);
      // Up to the commits that have been looked at, nothing concerned this question.
      if (performance.now() - waited >= watching.heartbeat - 1 && inbox.bytes === 0 && !inbox.full) {
        at = { revision: Math.max(at.offset === 0 ? at.revision : at.revision + 1, hub.told), offset: 0 };
        yield { kind: 'bookmark', cursor: seal(watching, at) };
      }
    }
  } finally {
    membership.leave();
  }
}

/** What the question selects at a state, resource by resource, without what the reader has got of it. Returns why it cannot tell. */
async function* everything(watching: Watching, { revision, offset }: Position): AsyncGenerator<WatchEvent, string | undefined> {
  const { rooms, caller, asked, options } = watching;
  if (revision < rooms.live.columns.base || revision > rooms.live.revision) return FORGOTTEN;
  const view = rooms.live.viewAt(rooms.viewOf(caller), revision);
  const { value } = await evaluate(rooms, view, asked, options.signal);
  if (value.type !== 'nodeset') throw new Error('a question by resource selects nodes');
  const { nodes } = value;
  const slotAt = (k: number) => {
    const node = nodes[k];
    return view.columns.slotOf(typeof node === 'number' ? node >>> 1 : node.row);
  };
  const told = (offset - 1) / 2;
  for (let k = 0; k < nodes.length; ) {
    const slot = slotAt(k);
    let end = k + 1;
    while (end < nodes.length && slotAt(end) === slot) end++;
    if (end > told) {
      const items = Array.from({ length: end - k }, (_, i) => itemOf(view, nodes[k + i]));
      const cursor = seal(watching, { revision, offset: 2 * end + 1 });
      yield { kind: 'enter', resource: view.columns.slots.id(slot), items, cursor };
      if (options.signal.aborted) return undefined;
    }
    k = end;
  }
  yield { kind: 'ready', cursor: seal(watching, { revision, offset: 0 }) };
  return undefined;
}

/** Tells what happened after `from`, up to `until`. Returns why it cannot, if it cannot. */
async function* catchUp(
  watching: Watching,
  question: ByResource,
  from: Position,
  until: Revision,
): AsyncGenerator<WatchEvent, string | undefined> {
  const { rooms, hub, options } = watching;
  if (from.revision > until) return 'the directory is at an older state than this reader';
  let { revision, offset } = from;
  while (revision < until) {
    const commits = await rooms.store.commits(revision, BACKLOG);
    if (commits === undefined || commits.length === 0) return 'the history no longer reaches back so far';
    for (const commit of commits) {
      if (commit.revision > until) return undefined;
      for (let k = offset / 2; k < commit.changes.length; k++) {
        // Asked each time: the columns may have been made compact meanwhile.
        if (rooms.live.columns.base >= commit.revision) return FORGOTTEN;
        const delta = deltaOf(rooms, hub.solo, question, versionsOf(rooms, commit.revision, commit.changes[k]));
        if (delta === undefined) continue;
        yield eventOf(watching, delta, placeOf({ revision: commit.revision, done: k + 1, of: commit.changes.length }));
        if (options.signal.aborted) return undefined;
      }
      revision = commit.revision;
      offset = 0;
    }
  }
  return undefined;
}

/**
 * A cursor's offset is even when it stands between changes: twice the changes of the commit after its revision that the reader
 * has got. It is odd while everything is told: twice the nodes it has got, and one.
 */
function isRest({ offset }: Position): boolean {
  return offset % 2 === 1;
}

function placeOf({ revision, done, of }: Pick<Told, 'revision' | 'done' | 'of'>): Position {
  return done === of ? { revision, offset: 0 } : { revision: revision - 1, offset: 2 * done };
}

function eventOf(watching: Watching, delta: Delta, at: Position): WatchEvent {
  return { ...delta, cursor: seal(watching, at) };
}
