import type { Budget } from '../discovery/index.js';

/** Bounds of one question. `inline` ms are spent on the thread that serves HTTP; what needs more goes to the query thread. */
export interface DiscoveryBudget extends Budget {
  readonly inline: number;
  /** items of one page when the question names no limit, and at most */
  readonly page: number;
  readonly maxPage: number;
}

export const DISCOVERY_BUDGET: DiscoveryBudget = {
  time: 2000,
  nodes: 20_000_000,
  bytes: 256 * 1024 * 1024,
  inline: 4,
  page: 1_000_000,
  maxPage: 1_000_000,
};
