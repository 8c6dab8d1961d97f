/** A directory that is away is asked again after a while, longer each time; at random, so that not all keepers come back at once. */
import { RequestProblem } from '../../client/index.js';

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** ms to wait before the try after `attempt` failed ones (from 1). */
export function pauseAfter(attempt: number, first = FIRST_MS, longest = LONGEST_MS, random: () => number = Math.random): number {
  return Math.min(longest, first * 2 ** (attempt - 1)) * (0.5 + random() / 2);
}

/**
 * Is it the directory that cannot answer, or let the keeper in, rather than one document that it refuses? So is everything else
 * that keeps the keeper from asking, such as a token's file that is not there.
 */
export function isAway(error: unknown): boolean {
  return !(error instanceof RequestProblem) || error.statedStatus >= 500 || error.statedStatus === 429 || error.statedStatus === 401;
}

export interface Backoff {
  /** ms until the directory is asked again; 0 when it is not known to be away */
  wait(now: number): number;
  /** Notes a failure; returns ms until the next try. */
  failed(error: unknown, now: number): number;
  /** Notes an answer; true when the directory had been away. */
  answered(): boolean;
}

export function createBackoff(random: () => number = Math.random): Backoff {
  let attempt = 0;
  let until = 0;
  return {
    wait: (now) => Math.max(0, until - now),
    failed(error, now) {
      // Several requests fail at once: that is one failure.
      if (until > now) return until - now;
      attempt++;
      const asked = error instanceof RequestProblem ? (error.retryAfter ?? 0) * 1000 : 0;
      const pause = Math.max(Math.min(asked, LONGEST_MS), pauseAfter(attempt, FIRST_MS, LONGEST_MS, random));
      until = now + pause;
      return pause;
    },
    answered() {
      const away = attempt > 0;
      attempt = 0;
      until = 0;
      return away;
    },
  };
}
