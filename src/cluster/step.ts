/**
 * What comes next for a cluster, from what the directory says of it and what the site says of its stack. Pure: every crash
 * leaves one of these states behind, so going on after one is the same as going on.
 *
 *     requested → creating → ready ⇄ updating, checking
 *                    │         │
 *                    └→ failed ┴→ releasing → released
 *                                    └→ free-failed
 */
import { type ClusterState, type ClusterStatus, holdersOf, withHolders } from './cluster-facet.js';

/** The stack as the site shows it; `undefined` where there is none. */
export interface SeenStack {
  readonly id: string;
  /** such as CREATE_COMPLETE */
  readonly status: string;
  readonly reason?: string;
  /** the stack's last change, as the site writes it */
  readonly changed?: string;
  /** the last of our updates that it has taken on */
  readonly update?: string;
}

export type Action = 'create' | 'update' | 'publish' | 'cancel' | 'remove' | 'abandon';

export interface Step {
  /** the same object when nothing changes */
  readonly next: ClusterState;
  /** done after `next` is stored; doing it twice does no harm */
  readonly action?: Action;
  /** ms until the next look */
  readonly again: number;
}

export const PACE = { now: 0, busy: 1_000, quiet: 15_000, retry: 5_000 } as const;
export const DEFAULT_TIMEOUT = 3_600;
/** tries at freeing before it is called free-failed, and shown as such until the stack is seen gone */
const FREE_TRIES = 4;
/** least time for freeing: a site finishes what it is making before it deletes it */
const FREE_SECONDS = 300;
/** ms for a cancelled stack to come to rest */
const CANCEL_GRACE = 60_000;
const COMPLETE = /^(?:CREATE|UPDATE|CHECK|RESUME|ADOPT|SNAPSHOT|RESTORE)_COMPLETE$/;
/** what is deleted is not gone before it is seen no more */
const GOING = /^DELETE_(?:IN_PROGRESS|COMPLETE)$/;
const LIVE: ReadonlySet<ClusterStatus> = new Set(['requested', 'creating', 'ready', 'updating', 'checking', 'failed']);

export function step(state: ClusterState, seen: SeenStack | undefined, now: Date): Step {
  const held = LIVE.has(state.status) ? heed(state, now) : state;
  if (held.status !== state.status) return { next: held, again: PACE.now };
  const done = SAID[held.status](held, seen, now);
  return done;
}

type Rule = (state: ClusterState, seen: SeenStack | undefined, now: Date) => Step;

const SAID: Readonly<Record<ClusterStatus, Rule>> = {
  requested: (state, _seen, now) => ({ next: enter({ ...state, attempt: 1 }, 'creating', now), again: PACE.now }),
  creating,
  ready: live,
  updating: (state, seen, now) => (state.updateId === undefined ? live(state, seen, now) : updating(state, seen, now)),
  checking: live,
  failed: (state, seen) => {
    if (!state.clearing) return { next: state, again: PACE.quiet };
    if (seen === undefined) return { next: without(state, 'clearing', 'stackId'), again: PACE.now };
    return clear(state, seen);
  },
  releasing,
  'free-failed': (state, seen, now) => {
    if (seen === undefined) return gone(state, now);
    if (state.abandon && seen.status === 'DELETE_FAILED') return { next: state, action: 'abandon', again: PACE.retry };
    return seen.status === 'DELETE_IN_PROGRESS' ? { next: state, again: PACE.quiet } : { next: state, action: 'remove', again: PACE.quiet };
  },
  released: (state) => ({ next: state, again: PACE.quiet }),
};

function creating(state: ClusterState, seen: SeenStack | undefined, now: Date): Step {
  if (state.clearing) {
    if (seen !== undefined) return clear(state, seen);
    const fresh = without(state, 'clearing', 'stackId');
    return { next: enter({ ...fresh, attempt: (state.attempt ?? 1) + 1 }, 'creating', now), again: PACE.now };
  }
  if (seen === undefined)
    return state.stackId === undefined
      ? { next: state, action: 'create', again: PACE.busy }
      : { next: fail(state, 'the stack was deleted while it was being made, by somebody else', now), again: PACE.now };
  const known = state.stackId === seen.id ? state : { ...state, stackId: seen.id };
  if (COMPLETE.test(seen.status)) return { next: known, action: 'publish', again: PACE.now };
  if (!seen.status.endsWith('_IN_PROGRESS')) return { next: fail(known, seen.reason ?? seen.status, now), again: PACE.now };
  const late = now.getTime() - endOf(state);
  if (late < 0) return { next: known, again: PACE.busy };
  // A site whose engine died leaves a stack in progress for ever, past the time it was given.
  if (late > CANCEL_GRACE || seen.status !== 'CREATE_IN_PROGRESS')
    return { next: fail(known, `not made within ${state.timeoutSeconds ?? DEFAULT_TIMEOUT} s`, now), again: PACE.now };
  return { next: known, action: 'cancel', again: PACE.busy };
}

/** A change of ours: asked for until the stack's tags say that it is taken on, then waited for. */
function updating(state: ClusterState, seen: SeenStack | undefined, now: Date): Step {
  if (seen === undefined || seen.status.startsWith('DELETE_')) return live(without(state, 'updateId'), seen, now);
  const late = now.getTime() - endOf(state);
  const failed = (reason: string): Step => ({ next: unable(state, reason, now), again: PACE.now });
  const tooLate = `not changed within ${state.timeoutSeconds ?? DEFAULT_TIMEOUT} s`;
  const busy = seen.status.endsWith('_IN_PROGRESS');
  if (seen.update !== state.updateId) {
    if (late >= 0) return failed(tooLate);
    // what others have begun is waited for: one update at a time
    return busy ? { next: state, again: PACE.busy } : { next: state, action: 'update', again: PACE.busy };
  }
  if (COMPLETE.test(seen.status)) return { next: state, action: 'publish', again: PACE.now };
  if (!busy) return failed(seen.reason ?? seen.status);
  if (late < 0) return { next: state, again: PACE.busy };
  return late > CANCEL_GRACE || seen.status !== 'UPDATE_IN_PROGRESS'
    ? failed(tooLate)
    : { next: state, action: 'cancel', again: PACE.busy };
}

function live(state: ClusterState, seen: SeenStack | undefined, now: Date): Step {
  if (seen === undefined)
    return { next: enter({ ...state, reason: 'the stack is gone: somebody else deleted it' }, 'failed', now), again: PACE.now };
  if (/^(?:UPDATE|CHECK)_IN_PROGRESS$/.test(seen.status)) {
    const status = seen.status.startsWith('CHECK') ? 'checking' : 'updating';
    return { next: state.status === status ? state : enter(state, status, now), again: PACE.busy };
  }
  if (/^DELETE_/.test(seen.status))
    return { next: enter({ ...state, reason: 'the stack is being deleted by somebody else' }, 'failed', now), again: PACE.now };
  if (/_FAILED$/.test(seen.status))
    return { next: enter({ ...state, reason: seen.reason ?? seen.status }, 'failed', now), again: PACE.now };
  if (!COMPLETE.test(seen.status)) return { next: state, again: PACE.quiet };
  const changed = seen.changed !== undefined && Date.parse(seen.changed) > (state.updatedAt?.getTime() ?? 0);
  return state.status === 'ready' && !changed ? { next: state, again: PACE.quiet } : { next: state, action: 'publish', again: PACE.quiet };
}

function releasing(state: ClusterState, seen: SeenStack | undefined, now: Date): Step {
  if (seen === undefined) return gone(state, now);
  const known = state.stackId === seen.id ? state : { ...state, stackId: seen.id };
  const tries = state.attempt ?? 0;
  if (seen.status === 'DELETE_FAILED') {
    if (tries >= FREE_TRIES) return { next: enter({ ...known, reason: seen.reason ?? seen.status }, 'free-failed', now), again: PACE.now };
    return { next: { ...known, attempt: tries + 1 }, action: 'remove', again: PACE.busy * 2 ** tries };
  }
  if (!GOING.test(seen.status)) return { next: known, action: 'remove', again: PACE.busy };
  const patience = Math.max(FREE_SECONDS, state.timeoutSeconds ?? DEFAULT_TIMEOUT);
  if (now.getTime() < (state.statusSince?.getTime() ?? 0) + patience * 1000) return { next: known, again: PACE.busy };
  return { next: enter({ ...known, reason: `not freed within ${patience} s` }, 'free-failed', now), again: PACE.now };
}

function clear(state: ClusterState, seen: SeenStack): Step {
  if (seen.status === 'DELETE_IN_PROGRESS') return { next: state, again: PACE.busy };
  // one whose engine died while it was giving things back needs to be told again
  return { next: state, action: 'remove', again: seen.status === 'DELETE_COMPLETE' ? PACE.retry : PACE.busy };
}

function gone(state: ClusterState, now: Date): Step {
  return { next: enter(without(state, 'stackId', 'attempt', 'abandon', 'vaultRef'), 'released', now), again: PACE.now };
}

/** Leases that are over end; what nobody holds is freed when its idle time is over. */
function heed(state: ClusterState, now: Date): ClusterState {
  const all = holdersOf(state);
  const left = all.filter(({ expiresAt }) => expiresAt > now);
  const held = left.length === all.length ? state : withHolders(state, left);
  if (left.length > 0) return held.idleSince === undefined ? held : without(held, 'idleSince');
  const since = held.idleSince ?? now;
  if (now.getTime() - since.getTime() >= (held.idleSeconds ?? 0) * 1000)
    return free({ ...held, idleSince: since }, held.freeReason ?? (all.length > 0 ? 'its last lease ran out' : 'nobody holds it'), now);
  return held.idleSince === undefined ? { ...held, idleSince: since } : held;
}

export function free(state: ClusterState, why: string, now: Date): ClusterState {
  return enter({ ...without(state, 'attempt', 'clearing', 'quota', 'updateId'), freeReason: why }, 'releasing', now);
}

/** The policy decides what becomes of what was made. */
export function fail(state: ClusterState, reason: string, now: Date): ClusterState {
  const attempt = state.attempt ?? 1;
  if (state.onFailure === 'retry' && attempt <= (state.retries ?? 1))
    return { ...state, clearing: true, reason: `try ${attempt} failed: ${reason}` };
  const failed = enter({ ...state, reason }, 'failed', now);
  return state.onFailure === 'delete' || state.onFailure === 'retry' ? { ...failed, clearing: true } : failed;
}

/** What ran once is kept as it is, whatever the policy for what could not be made. */
export function unable(state: ClusterState, reason: string, now: Date): ClusterState {
  return enter({ ...without(state, 'updateId'), reason }, 'failed', now);
}

export function enter(state: ClusterState, status: ClusterStatus, now: Date): ClusterState {
  return { ...state, status, statusSince: now, updatedAt: now };
}

function endOf({ statusSince, timeoutSeconds = DEFAULT_TIMEOUT }: ClusterState): number {
  return (statusSince?.getTime() ?? 0) + timeoutSeconds * 1000;
}

export function without<K extends keyof ClusterState>(state: ClusterState, ...keys: readonly K[]): ClusterState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !(keys as readonly string[]).includes(key))) as unknown as ClusterState;
}
