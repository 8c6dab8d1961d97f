/** What a keeper knows of its resources while it runs, and what follows from it. */
import type { NameKey } from '../model/index.js';
import type { KeptFacet } from './collect/read-facets.js';
import type { ResourcePlan, Task } from './compose/index.js';

export interface LastRun {
  /** `stale`: it failed, and what it gave before goes on */
  readonly status: 'ok' | 'failed' | 'timeout' | 'stale';
  /** ms since the epoch */
  readonly at: number;
  readonly ms: number;
  readonly error?: string;
}

/** What a delegate gave when it last gave something. */
export interface Good {
  readonly facets: readonly KeptFacet[];
  /** ms since the epoch of the last run that gave this */
  readonly at: number;
}

export interface TaskState {
  task: Task;
  /** ms since the epoch; infinity: when something it depends on changes */
  due: number;
  /** settles when the run that is under way does */
  running: Promise<void> | undefined;
  /** the delegate's texts that `good` was read from */
  raw: string | undefined;
  good: Good | undefined;
  last: LastRun | undefined;
}

export interface HeldFacet {
  /** as in KeptFacet */
  readonly canonical: string;
  /** seconds; undefined: not known */
  readonly ttl: number | undefined;
}

/** What the directory has of a resource, as far as it is the keeper's. */
export interface Held {
  readonly facets: Map<NameKey, HeldFacet>;
  name: string | undefined;
  description: string | undefined;
  scopes: readonly string[];
}

export interface ResourceState {
  plan: ResourcePlan;
  /** by name of delegate */
  readonly tasks: Map<string, TaskState>;
  /** undefined: not known, it is to be read */
  held: Held | undefined;
  /** facets whose delegate is gone from the node: neither renewed nor removed */
  readonly abandoned: Set<NameKey>;
  /** why the directory refuses it; `until` in ms of real time (`performance.now`) */
  refused: { readonly why: string; readonly attempt: number; readonly until: number } | undefined;
}

export interface Wanted {
  readonly facet: KeptFacet;
  /** seconds */
  readonly ttl: number;
  /** false: it stays as it is and is not renewed, because its delegate fails */
  readonly alive: boolean;
}

/** The facets that the resource should have. Undefined: one that is required fails, so that nothing is done about it. */
export function wantedOf(resource: ResourceState, now: number): ReadonlyMap<NameKey, Wanted> | undefined {
  const wanted = new Map<NameKey, Wanted>();
  for (const state of resource.tasks.values()) {
    const { entry } = state.task;
    const alive = isAlive(state, now);
    if (entry.critical === 'required' && !alive) return undefined;
    for (const facet of state.good?.facets ?? []) wanted.set(facet.key, { facet, ttl: entry.ttl, alive });
  }
  return wanted;
}

/** Is what the task gave still to be believed? */
export function isAlive({ task, good, last }: TaskState, now: number): boolean {
  if (last === undefined || good === undefined) return false;
  return last.status === 'ok' || isRemembered(task, good, now);
}

/** Does what was given last go on while the delegate fails? */
export function isRemembered({ entry }: Task, good: Good, now: number): boolean {
  return entry.critical === 'keep-last-good' && now - good.at <= entry.maxAgeMs;
}

/** Have all of its delegates been asked at least once? */
export function isComplete({ tasks }: ResourceState): boolean {
  return [...tasks.values()].every(({ last }) => last !== undefined);
}

/** Facets that tasks may still give: those that have not run, or fail, say nothing of what should not be there. */
export function mayStillCome({ tasks }: ResourceState): ReadonlySet<NameKey> {
  return new Set([...tasks.values()].filter(({ last }) => last?.status !== 'ok').flatMap(({ task }) => task.delegate.provides));
}
