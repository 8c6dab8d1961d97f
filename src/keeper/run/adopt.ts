/** A new composition takes the place of the one before: what stays the same keeps its state. */
import type { NameKey } from '../../model/index.js';
import type { Composition, ResourcePlan, Task } from '../compose/index.js';
import type { FoundDelegate } from '../found-delegate.js';
import type { Spooled } from '../spool.js';
import type { ResourceState, TaskState } from '../state.js';

/**
 * Resolves what is to be kept from now on; `resources` is changed to it. Returns the resources that are not kept any longer.
 * `spooled`: what earlier runs of the program left. `now`: ms since the epoch.
 */
export function adopt(
  resources: Map<string, ResourceState>,
  composition: Composition,
  delegates: readonly FoundDelegate[],
  spooled: ReadonlyMap<string, Spooled>,
  now: number,
): readonly ResourceState[] {
  const plans = new Map(composition.resources.map((plan) => [plan.id, plan]));
  const gone = [...resources.values()].filter(({ plan }) => !plans.has(plan.id));
  for (const { plan } of gone) resources.delete(plan.id);
  for (const plan of plans.values()) {
    const before = resources.get(plan.id);
    if (before === undefined) resources.set(plan.id, stateOf(plan, spooled.get(plan.id), now));
    else change(before, plan, delegates, now);
  }
  return gone;
}

/** A resource of which nothing is known yet; its delegates are due at `due`. */
export function stateOf(plan: ResourcePlan, spooled: Spooled | undefined, due: number): ResourceState {
  const tasks = plan.tasks.map((task): [string, TaskState] => [
    task.delegate.name,
    { ...taskState(task, due), good: spooled?.good[task.delegate.name] },
  ]);
  return { plan, tasks: new Map(tasks), held: undefined, abandoned: new Set(), refused: undefined };
}

function taskState(task: Task, due: number): TaskState {
  return { task, due, running: undefined, raw: undefined, good: undefined, last: undefined };
}

function change(resource: ResourceState, plan: ResourcePlan, delegates: readonly FoundDelegate[], now: number): void {
  const { plan: before } = resource;
  resource.plan = plan;
  const names = new Set(plan.tasks.map(({ delegate }) => delegate.name));
  for (const [name, { task, good }] of resource.tasks) {
    if (names.has(name)) continue;
    resource.tasks.delete(name);
    // A delegate that is gone from the node stops renewing; one that the file leaves out takes its facets along.
    const facets: readonly NameKey[] = [...task.delegate.provides, ...(good?.facets.map(({ key }) => key) ?? [])];
    if (!delegates.some((one) => one.name === name)) for (const key of facets) resource.abandoned.add(key);
  }
  for (const task of plan.tasks) {
    for (const key of task.delegate.provides) resource.abandoned.delete(key);
    const state = resource.tasks.get(task.delegate.name);
    if (state === undefined) resource.tasks.set(task.delegate.name, taskState(task, now));
    else {
      const otherwise = asks(state.task, before) !== asks(task, plan);
      if (otherwise || JSON.stringify(state.task.entry.schedule) !== JSON.stringify(task.entry.schedule)) state.due = now;
      if (otherwise) state.raw = undefined;
      state.task = task;
    }
  }
}

/** What an answer depends on. */
function asks({ delegate, entry }: Task, { row }: ResourcePlan): string {
  return JSON.stringify([delegate.path, delegate.stamp, entry.config, row ?? null]);
}
