/**
 * From commits to those who wait for them. A commit is looked at after it is visible, in slices, so that its writer and
 * everybody else go on; only the questions that its resources can concern are evaluated, each once for all who ask it.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Need } from '../../discovery/index.js';
import type { Commit, Revision } from '../../model/index.js';
import type { Upkeep } from '../events.js';
import type { Rooms } from '../rooms.js';
import type { WatchFigures } from './contract.js';
import type { Inbox } from './inbox.js';
import { createNeedIndex } from './needs.js';
import { type ByResource, deltaOf, versionsOf } from './selection.js';
import { createSolo, type Solo } from './solo.js';

export interface Membership {
  /** the inbox gets the changes of every later commit */
  readonly since: Revision;
  leave(): void;
}

export interface Hub extends Upkeep {
  /** `key`: equal for questions that have equal answers */
  join(key: string, question: ByResource, needs: readonly Need[] | undefined, inbox: Inbox): Membership;
  /** watchers of questions about many resources, which look for themselves */
  readonly whole: number;
  count(by: 1 | -1): void;
  noteCut(): void;
  readonly solo: Solo;
  /** every commit up to this one has been told */
  readonly told: Revision;
  readonly figures: WatchFigures;
}

interface Standing {
  readonly key: string;
  readonly question: ByResource;
  readonly needs: readonly Need[] | undefined;
  /** each with the revision up to which it needs no telling */
  readonly inboxes: Map<Inbox, Revision>;
}

/** ms of telling before the event loop gets its turn */
const SLICE = 2;

export function createHub(rooms: Rooms): Hub {
  const { live } = rooms;
  const solo = createSolo();
  const index = createNeedIndex<Standing>();
  const standing = new Map<string, Standing>();
  const queue: Commit[] = [];
  let told = live.revision;
  /** the commit of which some changes have been told: who comes now is told none of it */
  let begun = told;
  let working: Promise<void> | undefined;
  let members = 0;
  let whole = 0;
  let cut = 0;

  const unsubscribe = live.subscribe((commit) => {
    if (standing.size === 0 && queue.length === 0) {
      told = commit.revision;
      return;
    }
    queue.push(commit);
    // after whoever waits for the commit itself
    working ??= breathe().then(work).catch(fail);
  });
  // What a commit has replaced must stay in the columns until it has been looked at.
  const release = live.hold(() => queue.length > 0);

  async function work(): Promise<void> {
    let since = performance.now();
    for (let commit = queue[0]; commit !== undefined; commit = queue[0]) {
      for (let k = 0; k < commit.changes.length; k++) {
        tell(commit, k);
        begun = commit.revision;
        if (performance.now() - since < SLICE) continue;
        await breathe();
        since = performance.now();
      }
      told = commit.revision;
      queue.shift();
    }
    working = undefined;
  }

  function tell(commit: Commit, k: number): void {
    if (standing.size === 0) return;
    const versions = versionsOf(rooms, commit.revision, commit.changes[k]);
    const concerned = new Set<Standing>();
    for (const slot of [versions.before, versions.after]) if (slot >= 0) index.collect(live.columns, slot, concerned);
    for (const { question, inboxes } of concerned) {
      try {
        const delta = deltaOf(rooms, solo, question, versions);
        if (delta === undefined) continue;
        const bytes = 100 + (delta.kind === 'leave' ? 0 : delta.items.reduce((sum, { value }) => sum + value.length, 0));
        const told = { delta, revision: commit.revision, done: k + 1, of: commit.changes.length, bytes };
        for (const [inbox, from] of inboxes) if (commit.revision > from) inbox.push(told);
      } catch (error) {
        for (const inbox of inboxes.keys()) inbox.fail(error);
      }
    }
  }

  function fail(error: unknown): void {
    for (const { inboxes } of standing.values()) for (const inbox of inboxes.keys()) inbox.fail(error);
    queue.length = 0;
    told = live.revision;
    working = undefined;
  }

  return {
    solo,
    join(key, question, needs, inbox) {
      const known = standing.get(key) ?? { key, question, needs, inboxes: new Map() };
      if (known.inboxes.size === 0) {
        standing.set(key, known);
        index.add(known, needs);
      }
      const since = Math.max(told, begun);
      known.inboxes.set(inbox, since);
      members++;
      return {
        since,
        leave() {
          members--;
          known.inboxes.delete(inbox);
          if (known.inboxes.size > 0) return;
          standing.delete(key);
          index.remove(known, known.needs);
        },
      };
    },
    get whole() {
      return whole;
    },
    count(by) {
      whole += by;
    },
    noteCut() {
      cut++;
    },
    get told() {
      return told;
    },
    get figures() {
      let buffered = 0;
      for (const { inboxes } of standing.values()) for (const { bytes } of inboxes.keys()) buffered += bytes;
      return { watchers: members + whole, questions: standing.size, buffered, cut, behind: live.revision - told };
    },
    async close() {
      unsubscribe();
      queue.length = 0;
      await working;
      release();
    },
  };
}
