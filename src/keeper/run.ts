/**
 * How a keeper works, from its file to what the directory holds:
 *
 *     file ─┐
 *           ├─ compose ─ ask the delegates whose time has come ─ is it a facet? has it changed? ─ outbox ─ directory
 *     node ─┘                                                                  └ no: leases are renewed, nothing is written
 *
 * Every delegate of every resource has its own time; nobody waits for another one but for whose facets it requires.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client/index.js';
import type { XmlReader } from '../xml/index.js';
import { createCollector } from './collect/index.js';
import type { Composition } from './compose/index.js';
import type { KeeperConfig } from './config/index.js';
import type { OnKeeperEvent } from './events.js';
import { stay } from './publish/index.js';
import { adopt } from './run/adopt.js';
import { ask } from './run/ask.js';
import { chore } from './run/chore.js';
import { createClock } from './run/clock.js';
import { watchInputs } from './run/inputs.js';
import { viewNode } from './run/node-view.js';
import { createOutbox } from './run/outbox.js';
import { createSelf } from './run/self.js';
import { spooledOf } from './run/spooled.js';
import { inputsOf, surroundingsOf } from './run/surroundings.js';
import { nextRun } from './schedule.js';
import { refreshSchemas } from './schemas.js';
import type { Spool, Spooled } from './spool.js';
import { isAlive, isComplete, type ResourceState, type TaskState } from './state.js';

export interface KeeperOptions {
  readonly client: Client;
  readonly reader: XmlReader;
  readonly spool: Spool;
  /** of the program */
  readonly version: string;
  readonly onEvent: OnKeeperEvent;
}

export interface Keeper {
  /** Asks every delegate once and publishes. */
  once(): Promise<Outcome>;
  /** Keeps until the signal; then leaves as the configuration says. */
  keep(signal: AbortSignal): Promise<void>;
  /** Another configuration of the same keeper, from now on. */
  change(config: KeeperConfig): void;
}

export interface Outcome {
  readonly composition: Composition;
  readonly resources: readonly ResourceState[];
  /** a list of rows could not be seen */
  readonly incomplete: boolean;
  /** false: the directory was away */
  readonly published: boolean;
}

/** ms between two looks at the clock and the folders */
const LOOK = 1000;
/** ms between two rounds at least: many delegates that end at once are one round */
const SHORT = 20;
/** ms between two sights of the schemas */
const SCHEMAS = 300_000;
/** ms from one renewal to the next, at most and at least */
const BEAT = [20_000, 1000] as const;
/** ms that may be taken to publish what is left when it stops */
const LAST = 5000;

export function createKeeper(first: KeeperConfig, { client, reader, spool, version, onEvent }: KeeperOptions): Keeper {
  let config = first;
  const manager = first.name;
  const resources = new Map<string, ResourceState>();
  const spooled = new Map(spool.load().map((one): [string, Spooled] => [one.id, one]));
  const clock = createClock();
  const { now } = clock;
  const startedAt = now();
  const schemas = new Map<string, string>();
  const collector = createCollector(first.parallel, (delegate, text) => onEvent({ kind: 'diagnostics', delegate, text }));
  const node = viewNode(first, collector, onEvent);
  const outbox = createOutbox({ client, manager, onEvent, onWithdrawn, onInvalid: () => learn.soon(), now });
  const self = createSelf(first, reader);
  const inputs = watchInputs(onInputs);
  let stopped = false;
  let wake: () => void = () => undefined;

  // What is there comes to resources; those that are no longer there are withdrawn.

  function recompose(): Composition {
    const composition = node.compose();
    const gone = adopt(resources, composition, node.delegates, spooled, now());
    const forgotten = [...spooled.keys()].filter((id) => !resources.has(id));
    for (const id of node.complete ? [...gone.map(({ plan }) => plan.id), ...forgotten] : []) outbox.remove(id);
    for (const resource of resources.values()) {
      save(resource);
      outbox.put(resource);
    }
    wake();
    return composition;
  }

  function save(resource: ResourceState): void {
    const one = spooledOf(resource);
    spooled.set(one.id, one);
    spool.save(one);
  }

  function onWithdrawn(id: string): void {
    spool.drop(id);
    spooled.delete(id);
  }

  // The delegates whose time has come are asked; what they give goes into the outbox if it has changed.

  function startDue(at: number): readonly Promise<void>[] {
    const started: Promise<void>[] = [];
    for (const resource of resources.values()) {
      for (const state of resource.tasks.values()) {
        const running = start(resource, state, at);
        if (running !== undefined) started.push(running);
      }
    }
    return started;
  }

  function start(resource: ResourceState, state: TaskState, at: number): Promise<void> | undefined {
    if (state.running !== undefined || state.due > at) return state.running;
    const { task } = state;
    state.due = nextRun(task.entry.schedule, at);
    const providers = task.after.map((name) => resource.tasks.get(name));
    const before = providers.map((provider) => (provider === undefined ? undefined : start(resource, provider, at)));
    state.running = run(resource, state, before);
    return state.running;
  }

  async function run(resource: ResourceState, state: TaskState, before: readonly (Promise<void> | undefined)[]): Promise<void> {
    const { name } = state.task.delegate;
    await Promise.all(before);
    const recovers = state.last !== undefined && state.last.status !== 'ok';
    const changed = await ask({ collector, reader, surroundings: surroundingsOf(config), now }, resource, state);
    state.running = undefined;
    const isKept = resources.get(resource.plan.id) === resource && resource.tasks.get(name) === state;
    if (stopped || !isKept || state.last === undefined) return;
    onEvent({ kind: 'ran', resource: resource.plan.id, delegate: name, changed, ...state.last });
    if (state.last.status === 'ok') save(resource);
    if (changed) {
      outbox.put(resource);
      for (const other of resource.tasks.values()) if (other.task.after.includes(name)) other.due = now();
    }
    if (recovers && isAlive(state, now())) beat.soon();
    wake();
  }

  function onInputs(paths: readonly string[]): void {
    const at = now();
    node.touch(paths, at);
    for (const { tasks } of resources.values())
      for (const state of tasks.values()) if (state.task.entry.schedule.onChange?.some((path) => paths.includes(path))) state.due = at;
    wake();
  }

  /** Times that were reckoned by a clock that has since been set back would be too late by that. */
  function reckonAnew(at: number): void {
    node.touch(undefined, at);
    for (const { tasks } of resources.values())
      for (const state of tasks.values()) state.due = Math.min(state.due, nextRun(state.task.entry.schedule, at));
  }

  /** What was valid by the schemas of before may not be. */
  function judgeAnew(at: number): void {
    for (const { tasks } of resources.values()) {
      for (const state of tasks.values()) {
        state.raw = undefined;
        state.due = at;
      }
    }
    wake();
  }

  function nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { tasks } of resources.values())
      for (const { due, running } of tasks.values()) if (running === undefined && due < next) next = due;
    return next;
  }

  // The directory is told what changed, that the rest is still true, and how the keeper does.

  async function describeSelf(): Promise<void> {
    const settled = [...resources.values()].every(isComplete);
    if (!settled && now() - startedAt < 10 * LOOK) return;
    const view = { config, version, startedAt, delegates: node.delegates, resources: [...resources.values()] };
    if (await self.refresh(view)) outbox.put(self.resource);
  }

  function beatMs(): number {
    const ttls = [...resources.values()].flatMap(({ plan }) => plan.tasks.map(({ entry }) => entry.ttl * 1000));
    return Math.max(BEAT[1], Math.min(BEAT[0], ttls.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) / 3));
  }

  const onFailure = (error: Error) => onEvent({ kind: 'publish-refused', resource: manager, why: error.message, retryMs: LOOK });
  const beat = chore(beatMs, () => outbox.renew([...resources.values(), self.resource]), onFailure);
  const look = chore(
    () => LOOK,
    async () => {
      const [found, listed] = [await node.look(), node.due <= now() && (await node.list(now()))];
      if (found || listed) recompose();
    },
    onFailure,
  );
  const flush = chore(
    () => 0,
    async () => {
      await describeSelf();
      await outbox.flush(false);
    },
    onFailure,
  );
  const learn = chore(
    () => SCHEMAS,
    async () => {
      if (await refreshSchemas(client, reader, schemas)) judgeAnew(now());
    },
    onFailure,
  );

  async function begin(): Promise<Composition> {
    // The first facets are judged by the directory's own schemas if it is there in time.
    await clock.within(refreshSchemas(client, reader, schemas), 2 * LOOK);
    await node.look();
    await node.list(now());
    return recompose();
  }

  async function leave(): Promise<void> {
    if (config.leave === 'withdraw') {
      for (const id of [...resources.keys(), self.resource.plan.id]) outbox.remove(id);
      await outbox.flush(true);
    } else if (config.leave === 'stay') for (const resource of resources.values()) await stay(client, manager, resource);
  }

  async function end(): Promise<void> {
    stopped = true;
    await Promise.all([collector.close(), inputs.close()]);
  }

  return {
    async once() {
      try {
        const composition = await begin();
        await Promise.all(startDue(now()));
        await describeSelf();
        await outbox.flush(true);
        await outbox.renew([...resources.values(), self.resource]);
        await outbox.flush(true);
        return { composition, resources: [...resources.values()], incomplete: !node.complete, published: outbox.empty };
      } finally {
        await end();
      }
    },

    async keep(signal) {
      const stop = () => wake();
      signal.addEventListener('abort', stop);
      try {
        await begin();
        await inputs.watch(inputsOf(config));
        while (!signal.aborted) {
          const woken = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const jump = clock.jump();
          if (jump !== 0) onEvent({ kind: 'clock-jumped', ms: jump });
          if (jump < 0) reckonAnew(now());
          startDue(now());
          for (const one of [look, flush, beat, learn]) one.tick();
          await delay(SHORT);
          await clock.within(woken, Math.min(LOOK, nextDue() - now()));
        }
        stopped = true;
        await clock.within(outbox.flush(true), LAST);
        await clock.within(leave(), 2 * LAST);
      } finally {
        signal.removeEventListener('abort', stop);
        await end();
      }
    },

    change(next) {
      config = next;
      collector.widen(config.parallel);
      node.change(config);
      void inputs.watch(inputsOf(config));
      look.soon();
      wake();
    },
  };
}
