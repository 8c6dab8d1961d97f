import type { Spooled } from '../spool.js';
import type { Good, ResourceState } from '../state.js';

/** Ages are kept this exactly (ms), or to a tenth of what counts: not every run is worth a write to the disk. */
const EXACT = 300_000;

/** What is to be remembered of a resource. */
export function spooledOf({ plan, tasks }: ResourceState): Spooled {
  const good: Record<string, Good> = {};
  for (const [name, state] of tasks) {
    const { critical, maxAgeMs } = state.task.entry;
    if (critical !== 'keep-last-good' || state.good === undefined) continue;
    const step = Math.max(1, Math.min(EXACT, maxAgeMs / 10));
    good[name] = { ...state.good, at: Math.floor(state.good.at / step) * step };
  }
  return { id: plan.id, good };
}
