/**
 * Standing questions about many resources at once (`count(//x)`, joins, `(//x)[1]`), or about time: after commits, and for those
 * about time now and then, they are evaluated anew beside everything else, and what is different is told. They are told less
 * finely: of a resource that changed twice between two looks, one update.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { View } from '../../discovery/index.js';
import { Problem, type Revision } from '../../model/index.js';
import type { Position } from '../cursor.js';
import type { Item } from '../directory.js';
import { evaluate } from '../discover.js';
import { itemOf } from '../items.js';
import type { WatchEvent } from './contract.js';
import { failed, seal, type Watching } from './watching.js';

/** ms between two looks, at least; and of looks, the part of the time they may take */
const REST = 250;
const SHARE = 0.2;
/** ms between two looks at what changes with time alone */
const TICK = 5000;
/** nodes such a question may select: all of them are kept in mind */
const NODES = 10_000;
/** readers of such questions at once */
const READERS = 100;

type Answer = { readonly value: string | number | boolean } | { readonly resources: ReadonlyMap<string, readonly Item[]> };

export async function watchWhole(watching: Watching, position: Position | undefined, timed: boolean): Promise<AsyncIterable<WatchEvent>> {
  if (watching.hub.whole >= READERS) {
    throw new Problem('overloaded', {
      detail: `${READERS} questions about many resources at once are watched already`,
      hint: 'a question about each resource by itself, such as //h:host[h:cpu > 4], costs next to nothing',
      retryAfter: 30,
    });
  }
  const { rooms, caller } = watching;
  // Told before anything else, so that a question which is too large is refused.
  const first = await look(watching, rooms.viewOf(caller));
  return follow(watching, first, position, timed);
}

interface Look {
  readonly answer: Answer;
  readonly revision: Revision;
  /** when it began, and what it took, ms */
  readonly at: number;
  readonly ms: number;
}

async function* follow(watching: Watching, first: Look, position: Position | undefined, timed: boolean): AsyncIterable<WatchEvent> {
  const { rooms, hub, options } = watching;
  hub.count(1);
  try {
    const known = position === undefined ? undefined : await lookBack(watching, position.revision);
    if (position !== undefined && known === undefined) yield { kind: 'gap', reason: 'what was replaced so long ago is forgotten' };
    let now = first;
    yield* differences(watching, known?.answer, now);
    if (known === undefined) yield { kind: 'ready', cursor: cursorOf(watching, now) };
    let told = performance.now();
    for (;;) {
      const moved = await change(watching, now, timed, told);
      if (options.signal.aborted) return;
      if (options.closing?.aborted) return yield { kind: 'end', reason: 'closing', cursor: cursorOf(watching, now) };
      if (moved) {
        try {
          const next = await look(watching, rooms.viewOf(watching.caller));
          for (const event of differences(watching, now.answer, next)) {
            told = performance.now();
            yield event;
          }
          now = next;
        } catch (error) {
          return yield failed(error);
        }
      }
      if (performance.now() - told >= watching.heartbeat) {
        told = performance.now();
        yield { kind: 'bookmark', cursor: cursorOf(watching, now) };
      }
    }
  } finally {
    hub.count(-1);
  }
}

function cursorOf(watching: Watching, { revision }: Look): string {
  return seal(watching, { revision, offset: 0 });
}

/** Waits until it is worth looking again (true), or time for a sign of life. */
async function change({ rooms: { live }, options, heartbeat }: Watching, now: Look, timed: boolean, told: number): Promise<boolean> {
  const rest = Math.max(REST, now.ms / SHARE);
  for (;;) {
    if (options.signal.aborted || options.closing?.aborted) return false;
    const waited = performance.now() - now.at;
    if (live.revision > now.revision && waited >= rest) return true;
    if (timed && waited >= Math.max(TICK, rest)) return true;
    if (performance.now() - told >= heartbeat) return false;
    await pause(50, undefined, { ref: false });
  }
}

async function look({ rooms, asked, options }: Watching, view: View): Promise<Look> {
  const at = performance.now();
  const leases = rooms.leases.sight(view.scopes === undefined);
  const { value } = await evaluate(rooms, view, { ...asked, leases }, options.signal);
  const { revision } = view;
  if (value.type !== 'nodeset') return { answer: { value: value.value }, revision, at, ms: performance.now() - at };
  if (value.nodes.length > NODES) {
    throw new Problem('query-over-budget', {
      detail: `the question selects ${value.nodes.length} nodes; one about many resources at once may select ${NODES} to be watched`,
      hint: 'watch a question about each resource by itself, or count()',
    });
  }
  const resources = new Map<string, Item[]>();
  for (const node of value.nodes) {
    const item = itemOf(view, node);
    resources.set(item.resource, [...(resources.get(item.resource) ?? []), item]);
  }
  return { answer: { resources }, revision, at, ms: performance.now() - at };
}

/** Undefined: that state is gone. */
async function lookBack(watching: Watching, revision: Revision): Promise<Look | undefined> {
  const { rooms, caller } = watching;
  const { base, revision: latest } = rooms.live.columns;
  if (revision < base || revision > latest) return undefined;
  return look(watching, { ...rooms.viewOf(caller), revision });
}

function* differences(watching: Watching, was: Answer | undefined, now: Look): Iterable<WatchEvent> {
  const cursor = cursorOf(watching, now);
  const { answer } = now;
  if ('value' in answer) {
    const same = was !== undefined && 'value' in was && Object.is(was.value, answer.value);
    if (!same) yield { kind: 'value', value: answer.value, cursor };
    return;
  }
  const before = was !== undefined && 'resources' in was ? was.resources : new Map<string, readonly Item[]>();
  for (const resource of before.keys()) if (!answer.resources.has(resource)) yield { kind: 'leave', resource, cursor };
  for (const [resource, items] of answer.resources) {
    const known = before.get(resource);
    if (known === undefined) yield { kind: 'enter', resource, items, cursor };
    else if (JSON.stringify(known) !== JSON.stringify(items)) yield { kind: 'update', resource, items, cursor };
  }
}
