/**
 * How much is too much? Requests beyond it are refused at once, while refusing still costs little: those that were let in
 * are then answered in time, and those that were not know when to come again.
 */
import { Problem } from '../model/index.js';
import type { RequestState } from './context.js';
import type { OnEvent } from './events.js';
import type { HttpOptions } from './options.js';

export interface Load {
  /** Problem `overloaded` when no more should be taken on. */
  check(): void;
  /**
   * The request has been let in: it counts until `leave`. Problem `too-many-requests` when its caller has too many under way.
   * `lasts`: it waits for news rather than working, so it is counted apart, and only against its caller.
   */
  enter(state: RequestState, caller: string, lasts?: boolean): void;
  leave(state: RequestState): void;
  close(): void;
}

/** ms between two looks at how late the event loop runs */
const LOOK = 100;
/** Weight of the newest look: one long pause is no overload, several in a row are. */
const NEWEST = 0.4;

export function createLoad({ maxInFlight, maxLagMs, maxConcurrent, maxWatches }: NonNullable<HttpOptions['load']>, onEvent: OnEvent): Load {
  let inFlight = 0;
  let lag = 0;
  let late = false;
  const under = new Map<string, number>();

  let due = performance.now() + LOOK;
  const looking =
    maxLagMs === undefined
      ? undefined
      : setInterval(() => {
          const now = performance.now();
          lag += NEWEST * (Math.max(0, now - due) - lag);
          due = now + LOOK;
          if (late === lag > maxLagMs) return;
          late = !late;
          onEvent(late ? { kind: 'overloaded', lagMs: lag, inFlight } : { kind: 'recovered' });
        }, LOOK).unref();

  return {
    check() {
      if (!late && (maxInFlight === undefined || inFlight < maxInFlight)) return;
      throw new Problem('overloaded', {
        detail: late ? 'the directory is busy and answers late' : `${inFlight} requests are under way`,
        retryAfter: 1,
      });
    },
    enter(state, caller, lasts = false) {
      const most = lasts ? maxWatches : maxConcurrent;
      if (most !== undefined) {
        const slot = `${lasts ? 'watch' : 'request'} ${caller}`;
        const count = under.get(slot) ?? 0;
        if (count >= most) {
          const what = lasts ? 'watches and long polls' : 'requests';
          throw new Problem('too-many-requests', { detail: `at most ${most} ${what} of one caller at once`, retryAfter: 1 });
        }
        under.set(slot, count + 1);
        state.slot = slot;
      }
      if (lasts) return;
      inFlight++;
      state.counted = true;
    },
    leave(state) {
      if (state.counted === true) inFlight--;
      state.counted = false;
      if (state.slot === undefined) return;
      const count = (under.get(state.slot) ?? 1) - 1;
      if (count > 0) under.set(state.slot, count);
      else under.delete(state.slot);
      state.slot = undefined;
    },
    close: () => clearInterval(looking),
  };
}
