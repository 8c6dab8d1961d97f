/**
 * Keeps the database in step with the journal, as any reader of the journal would: from its own revision, group by group.
 *
 *     away ── session ──▶ catching up ── applied = journal ──▶ in step
 *       ▲                      │                                  │
 *       └──── any error, or no answer within its time ◀───────────┘
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Problem, type Revision } from '../../model/index.js';
import { type Attachment, attach, rebuild } from './attach.js';
import { groupOf } from './group.js';
import type { BaseXState } from './options.js';
import { STALE } from './queries.js';
import { lookOn, pathsOf, type Rest } from './resync.js';
import { BaseXRefusal, type Session } from './session.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
const BEAT_MS = 10_000;
const GATHER_MS = 4;
/** What one change of a group adds to its time at most. */
const CHANGE_MS = 5;
/** Commits asked of the journal at once. */
const COMMITS = 512;

export interface Follower {
  readonly state: BaseXState;
  /** The journal has this revision now. */
  advance(revision: Revision): void;
  /** Resolves when the database has the revision, or went away and will get it later. */
  reached(revision: Revision): Promise<void>;
  /** True when the database is in step within `ms`; false at once while it is away. */
  ready(ms: number): Promise<boolean>;
  /** Gives the database back. True: it is in step and in order. */
  close(): Promise<boolean>;
}

/** Rejects with what keeps the database from being used at all; one that is only away is waited for in the background. */
export async function follow(a: Attachment, open: () => Promise<Session>, onState: (state: BaseXState) => void): Promise<Follower> {
  let state: BaseXState = { phase: 'away', applied: 0, since: Date.now(), reason: 'not asked yet' };
  let told = false;
  let latest = await a.journal.revision();
  let session: Session | undefined;
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
    advance(revision) {
      latest = revision;
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
    async close() {
      closed = true;
      clearTimeout(retry);
      clearInterval(beat);
      await idle;
      const released = await session
        ?.query({ text: a.queries.release, values: { owner: a.owner }, patience: a.patience })
        .catch(() => undefined);
      session?.end();
      // Who has not looked at all of it cannot say more than was known before.
      return released !== undefined && state.phase === 'in step' && (clean || rest?.length === 0);
    },
  };

  function enter(phase: BaseXState['phase'], applied: Revision, reason?: string): void {
    const changed = phase !== state.phase;
    state = { phase, applied, since: changed ? Date.now() : state.since, ...(reason === undefined ? {} : { reason }) };
    const done = waiting.filter(({ revision }) => phase === 'away' || revision <= applied);
    waiting = waiting.filter((one) => !done.includes(one));
    for (const { resolve } of done) resolve();
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
      opening = await open();
      // else white space at the edges of texts is lost
      await opening.command('SET CHOP false', a.patience);
      const found = await attach(opening, a, clean);
      const revision = broken ? 'rebuild' : found;
      broken = false;
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

  function lose(error: Error): void {
    if (session !== undefined) clean = false;
    session?.end();
    session = undefined;
    enter('away', Math.max(state.applied, 0), error.message);
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
        if (state.applied < latest) await step(session);
        else if (state.phase === 'catching up') enter('in step', state.applied);
        else if (closed || rest?.length === 0) break;
        else rest = rest === undefined ? await pathsOf(session, a, clean) : await lookOn(session, a, rest, state.applied, clean);
      }
    } catch (error) {
      broken = error instanceof BaseXRefusal && !error.message.includes(STALE);
      lose(error as Error);
    } finally {
      working = false;
    }
    if (session !== undefined && state.applied < latest) wake();
  }

  async function step(current: Session): Promise<void> {
    // Those who were answered together come back together, a little later: an update for all costs little more than one for one.
    if (state.phase === 'in step') await pause(GATHER_MS);
    const commits = state.applied < 0 ? undefined : await a.journal.commits(state.applied, COMMITS);
    if (commits === undefined) {
      enter('catching up', -1);
      enter('catching up', await rebuild(current, a));
      return;
    }
    if (commits.length === 0) return;
    const { to, size, changes } = groupOf(commits);
    const from = String(state.applied);
    const patience = (state.phase === 'in step' ? a.patience : 12 * a.patience) + size * CHANGE_MS;
    await current.query({ text: a.queries.apply, values: { owner: a.owner, from, to: String(to), changes }, patience });
    enter(state.phase, to);
  }

  async function keepAlive(): Promise<void> {
    if (state.phase === 'in step') {
      await session?.query({ text: a.queries.beat, values: { owner: a.owner }, patience: a.patience });
    }
  }
}

/** Waiting changes nothing about these. */
function isFinal(error: Error): boolean {
  return error instanceof Problem;
}
