/**
 * Keeps the database in step with the journal, as any reader of the journal would: from its own revision, group by group.
 *
 *     away ── session ──▶ catching up ── applied = journal ──▶ in step
 *       ▲                      │                                  │
 *       └──── any error, or no answer within its time ◀───────────┘
 *
 * One thing at a time (`work`): make it anew or inspect it, see where its documents stand, run what asked to be alone, apply a
 * group, and when nothing of that is left look for what other tools have done.
 */
import { type Commit, Problem, type Revision } from '../../model/index.js';
import { type Attachment, attach, isDamage, isWhole, rebuild } from './attach.js';
import { company } from './company.js';
import { groupOf } from './group.js';
import type { BaseXState, ForeignChange } from './options.js';
import type { Places } from './places.js';
import { lookAtOrder, lookOn, pathsOf, type Rest } from './resync.js';
import type { Session } from './session.js';
import { tail } from './tail.js';
import { FLUSH_IDLE_MS, type Writing, writing } from './writing.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
const BEAT_MS = 10_000;
/** What one change of a group adds to its time at most. */
const CHANGE_MS = 5;
/** Commits asked of the journal at once. */
const COMMITS = 512;

export interface Follower {
  readonly state: BaseXState;
  /** The journal has this now; each commit is told, in order. */
  advance(commit: Commit): void;
  /** Resolves when the database has the revision, or went away and will get it later. */
  reached(revision: Revision): Promise<void>;
  /** True when the database is in step within `ms`; false at once while it is away. */
  ready(ms: number): Promise<boolean>;
  /** Runs when no update does and none comes in between; rejects while the database is away or not in step. */
  alone(task: (applied: Revision) => Promise<void>): Promise<void>;
  /** Looks at every document once more; what was found to differ. Rejects while the database is away or not in step. */
  resync(): Promise<readonly ForeignChange[]>;
  /** Gives the database back. True: it is in step and in order. */
  close(): Promise<boolean>;
}

interface Looker {
  /** a look began since it waits */
  begun: boolean;
  readonly found: ForeignChange[];
  readonly resolve: (found: readonly ForeignChange[]) => void;
  readonly reject: (problem: Problem) => void;
}

/** Rejects with what keeps the database from being used at all; one that is only away is waited for in the background. */
export async function follow(a: Attachment, open: () => Promise<Session>, onState: (state: BaseXState) => void): Promise<Follower> {
  let state: BaseXState = { phase: 'away', applied: 0, since: Date.now(), reason: 'not asked yet' };
  let told = false;
  let latest = await a.journal.revision();
  const recent = tail();
  const writers = company();
  let session: Session | undefined;
  /** of the session; what it is for, but not before it has been made anew where it must be */
  let database: Writing | undefined;
  /** BaseX has found nothing wrong with it; looked for while questions are answered already */
  let whole = false;
  /** of its documents; undefined: to be looked at anew */
  let places: Places | undefined;
  let flush: NodeJS.Timeout | undefined;
  /** what is still to be looked at since the database came back; undefined: not yet begun */
  let rest: Rest | undefined = [];
  /** nothing has crashed since this process, or the one before, last saw the database */
  let { clean } = a;
  /** it answered, but an update or a look at it failed: its files are not to be trusted */
  let broken = false;
  let working = false;
  let closed = false;
  let retryMs = FIRST_RETRY_MS;
  let retry: NodeJS.Timeout | undefined;
  let idle: Promise<void> = Promise.resolve();
  /** those who wait for the look to end, and what it has found */
  let lookers: Looker[] = [];
  const looking = { ...a, onForeign: (change: ForeignChange) => found(change) };
  let errands: (() => Promise<void>)[] = [];
  let waiting: { readonly revision: Revision; readonly resolve: () => void }[] = [];
  let curious: ((inStep: boolean) => void)[] = [];

  const first = await connect();
  if (first !== undefined && isFinal(first)) throw first;
  if (session !== undefined) wake();
  const beat = setInterval(() => {
    if (!working && session !== undefined) idle = work(keepAlive);
  }, BEAT_MS);
  beat.unref();

  return {
    get state() {
      return state;
    },
    advance(commit) {
      latest = commit.revision;
      recent.add(commit);
      writers.waiting(latest - state.applied);
      wake();
    },
    reached(revision) {
      if (state.applied >= revision || state.phase === 'away') return Promise.resolve();
      return new Promise((resolve) => {
        waiting.push({ revision, resolve });
      });
    },
    ready(ms) {
      if (state.phase !== 'catching up') return Promise.resolve(state.phase === 'in step');
      return new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), ms);
        curious.push((inStep) => {
          clearTimeout(timer);
          resolve(inStep);
        });
      });
    },
    alone(task) {
      if (state.phase !== 'in step' || closed) return Promise.reject(awayNow());
      return new Promise((resolve, reject) => {
        errands.push(async () => {
          if (state.phase !== 'in step') reject(awayNow());
          // what goes wrong in it is not the database's fault
          else await task(state.applied).then(resolve, reject);
        });
        wake();
      });
    },
    resync() {
      if (state.phase !== 'in step' || closed || a.accept === undefined) return Promise.reject(awayNow());
      return new Promise((resolve, reject) => {
        lookers = [...lookers, { begun: false, resolve, reject, found: [] }];
        wake();
      });
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(beat);
      clearTimeout(flush);
      await idle;
      const released = await release().catch(() => false);
      session?.end();
      // Who has not looked at all of it cannot say more than was known before.
      return released && state.phase === 'in step' && (clean || rest?.length === 0);
    },
  };

  function found(change: ForeignChange): void {
    for (const looker of lookers) if (looker.begun) looker.found.push(change);
    a.onForeign(change);
  }

  function awayNow(): Problem {
    return new Problem('store-unavailable', {
      detail: `BaseX is ${state.phase}${state.reason === undefined ? '' : `: ${state.reason}`}.`,
      hint: 'Try again when it is back.',
      retryAfter: 5,
    });
  }

  async function release(): Promise<boolean> {
    if (session === undefined) return false;
    const query = { text: a.queries.release, values: { owner: a.owner }, patience: a.patience };
    await (database === undefined ? session.query(query) : database.update(query));
    await database?.flush();
    return true;
  }

  function enter(phase: BaseXState['phase'], applied: Revision, reason?: string): void {
    const changed = phase !== state.phase;
    state = { phase, applied, since: changed ? Date.now() : state.since, ...(reason === undefined ? {} : { reason }) };
    const done = waiting.filter(({ revision }) => phase === 'away' || revision <= applied);
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
    if (phase === 'away') {
      for (const { reject } of lookers) reject(awayNow());
      lookers = [];
      const given = errands;
      errands = [];
      for (const errand of given) void errand();
    }
    if (phase !== 'catching up') {
      for (const tell of curious) tell(phase === 'in step');
      curious = [];
    }
    if (changed || !told) onState(state);
    told = true;
  }

  /** Undefined when there is a session that owns the database; else why not. What takes long is left to `work`. */
  async function connect(): Promise<Error | undefined> {
    let opening: Session | undefined;
    try {
      opening = await begin();
      const found = await attach(opening, a, clean);
      // a look at what is damaged has ended it
      if (!opening.usable) opening = await begin();
      const revision = broken ? 'rebuild' : found;
      broken = false;
      database = revision === 'rebuild' ? undefined : await writing(opening, a);
      whole = false;
      session = opening;
      latest = Math.max(latest, await a.journal.revision());
      rest = revision === 'rebuild' || a.accept === undefined ? [] : undefined;
      retryMs = FIRST_RETRY_MS;
      enter('catching up', revision === 'rebuild' ? -1 : revision);
      return undefined;
    } catch (error) {
      opening?.end();
      lose(error as Error);
      return error as Error;
    }
  }

  async function begin(): Promise<Session> {
    const begun = await open();
    // else white space at the edges of texts is lost
    await begun.command('SET CHOP false', a.patience);
    return begun;
  }

  function lose(error: Error): void {
    if (session !== undefined) clean = false;
    session?.end();
    session = undefined;
    database = undefined;
    places = undefined;
    clearTimeout(flush);
    enter('away', Math.max(state.applied, 0), inShort(error.message));
    if (closed) return;
    clearTimeout(retry);
    retry = setTimeout(() => {
      idle = work(async () => {
        await connect();
      });
    }, retryMs);
    retry.unref();
    retryMs = Math.min(2 * retryMs, LAST_RETRY_MS);
  }

  function wake(): void {
    if (!working && session !== undefined && !closed) idle = work(async () => undefined);
  }

  /** One at a time: first what is asked for, then whatever the database has not got yet. */
  async function work(errand: () => Promise<void>): Promise<void> {
    if (working) return;
    working = true;
    try {
      await errand();
      while (session !== undefined && state.phase !== 'away') {
        if (database === undefined) await make(session);
        else if (!whole) await inspect(session);
        else if (places === undefined) places = await lookAtOrder(database, a);
        else if (errands.length > 0 && state.phase === 'in step') await errands.shift()?.();
        else if (state.applied < latest) await step(database, places);
        else if (state.phase === 'catching up') enter('in step', state.applied);
        else if (closed || (rest?.length === 0 && !awaited())) break;
        else if (rest === undefined || awaited()) rest = await beginLook(database);
        else rest = await look(database, rest, places);
        if (database?.due) await database.flush();
      }
      flushSoon();
    } catch (error) {
      broken = isDamage(error);
      lose(error as Error);
    } finally {
      working = false;
    }
    if (session !== undefined && (state.applied < latest || errands.length > 0 || awaited())) wake();
  }

  /** A look that is under way has passed by what was changed since. */
  function awaited(): boolean {
    return lookers.some(({ begun }) => !begun);
  }

  function beginLook(current: Writing): Promise<Rest> {
    for (const looker of lookers) looker.begun = true;
    return pathsOf(current, a, clean);
  }

  async function look(current: Writing, next: Rest, known: Places): Promise<Rest> {
    const { left, moved } = await lookOn(current, looking, next, { applied: state.applied, clean, places: known });
    if (moved) places = undefined;
    if (left.length === 0) {
      // whatever differed is settled
      clean = true;
      for (const one of lookers) if (one.begun) one.resolve(one.found);
      lookers = lookers.filter((one) => !one.begun);
    }
    return left;
  }

  /** When nothing comes for a moment. */
  function flushSoon(): void {
    clearTimeout(flush);
    if (database?.pending !== true || closed) return;
    flush = setTimeout(() => {
      if (!working) idle = work(async () => database?.flush());
    }, FLUSH_IDLE_MS);
    flush.unref();
  }

  async function inspect(current: Session): Promise<void> {
    whole = await isWhole(current, a);
    if (whole) return;
    enter('catching up', -1);
    database = undefined;
    rest = [];
  }

  async function make(current: Session): Promise<void> {
    const made = await rebuild(current, a);
    database = made.database;
    whole = true;
    enter('catching up', made.revision);
  }

  async function step(current: Writing, known: Places): Promise<void> {
    if (state.phase === 'in step') await writers.gathered(latest - state.applied);
    const commits = recent.after(state.applied) ?? (await a.journal.commits(state.applied, COMMITS));
    if (commits === undefined) {
      // Its history does not reach back so far.
      enter('catching up', -1);
      database = undefined;
      places = undefined;
      return;
    }
    if (commits.length === 0) return;
    const { to, size, changes, applied } = groupOf(commits, known);
    const from = String(state.applied);
    const patience = (state.phase === 'in step' ? a.patience : 12 * a.patience) + size * CHANGE_MS;
    const missed = await current.update({
      text: a.queries.apply,
      values: { owner: a.owner, from, to: String(to), changes, count: String(known.count) },
      patience,
    });
    if (missed.length === 0) applied(known);
    else places = undefined;
    writers.done(to - state.applied, latest - to);
    enter(state.phase, to);
  }

  async function keepAlive(): Promise<void> {
    if (state.phase === 'in step') {
      await database?.update({ text: a.queries.beat, values: { owner: a.owner }, patience: a.patience });
    }
  }
}

/** Of what Java says when it stumbles, the line that says over what. */
function inShort(message: string): string {
  const [first = '', ...more] = message.split('\n').map((line) => line.trim());
  return more.find((line) => /^[\w.]+(?:Exception|Error)\b/.test(line)) ?? [first, more[0]].join(' ').trim();
}

/** Waiting changes nothing about these. */
function isFinal(error: Error): boolean {
  return error instanceof Problem;
}
