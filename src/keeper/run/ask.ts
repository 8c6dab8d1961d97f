/** Asks one delegate about one resource, and keeps what it gave. */

import type { XmlReader } from '../../xml/index.js';
import { configFaults } from '../check-config.js';
import { type Collector, type KeptFacet, readFacets } from '../collect/index.js';
import { fillAll, type Surroundings } from '../config/index.js';
import type { QName } from '../delegate.js';
import { DelegateFailure } from '../runtime/index.js';
import { isAlive, isRemembered, type ResourceState, type TaskState } from '../state.js';

export interface Asking {
  readonly collector: Collector;
  readonly reader: XmlReader;
  readonly surroundings: Surroundings;
  /** ms since the epoch */
  now(): number;
}

/** True when its facets are not what they were. Never rejects: what went wrong is the task's state. */
export async function ask({ collector, reader, surroundings, now }: Asking, resource: ResourceState, state: TaskState): Promise<boolean> {
  const { task } = state;
  const { delegate, entry } = task;
  const { row } = resource.plan;
  const at = now();
  const began = performance.now();
  const before = state.good;
  const wasAlive = isAlive(state, at);
  try {
    const config = resolved(entry.config, { ...surroundings, ...(row === undefined ? {} : { row }) });
    const faults = configFaults(delegate, config);
    if (faults.length > 0) throw new DelegateFailure('failed', `its configuration (line ${entry.place.line}): ${faults.join('; ')}`);
    const request = {
      resource: { id: resource.plan.id },
      config,
      facets: facetsFor(state, resource, at),
      ...(row === undefined ? {} : { row }),
    };
    const texts = await collector.collect(delegate, request, entry.timeoutMs);
    const raw = JSON.stringify(texts);
    const facets = before !== undefined && raw === state.raw ? before.facets : await readFacets(reader, delegate, texts);
    state.raw = raw;
    state.good = { facets, at };
    state.last = { status: 'ok', at, ms: Math.round(performance.now() - began) };
    return !wasAlive || !same(before?.facets, facets);
  } catch (error) {
    const { status } = error instanceof DelegateFailure ? error : { status: 'failed' as const };
    const goesOn = before !== undefined && isRemembered(task, before, at);
    state.last = { status: goesOn ? 'stale' : status, at, ms: Math.round(performance.now() - began), error: (error as Error).message };
    // What was read from its folder is heard of now for the first time.
    return isAlive(state, at) !== wasAlive;
  }
}

function resolved<T>(config: T, surroundings: Surroundings): T {
  try {
    return fillAll(config, surroundings);
  } catch (error) {
    throw new DelegateFailure('failed', `its configuration: ${(error as Error).message}`);
  }
}

/** The facets that it requires, as far as they are there. */
function facetsFor({ task }: TaskState, resource: ResourceState, now: number): Record<QName, string> {
  const facets: Record<QName, string> = {};
  for (const name of task.after) {
    const provider = resource.tasks.get(name);
    if (provider === undefined || !isAlive(provider, now)) continue;
    for (const { key, xml } of provider.good?.facets ?? []) if (task.delegate.requires.includes(key)) facets[key] = xml;
  }
  return facets;
}

function same(before: readonly KeptFacet[] | undefined, after: readonly KeptFacet[]): boolean {
  return before !== undefined && before.length === after.length && before.every(({ canonical }, i) => canonical === after[i]?.canonical);
}
