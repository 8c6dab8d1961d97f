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
import { type Composition, compose } from './compose/index.js';
import type { KeeperConfig } from './config/index.js';
import type { OnKeeperEvent } from './events.js';
import { discoverDelegates, sourcesStamp } from './found/index.js';
import type { Discovery } from './found-delegate.js';
import { stay } from './publish/index.js';
import { adopt } from './run/adopt.js';
import { ask } from './run/ask.js';
import { createClock } from './run/clock.js';
import { watchInputs } from './run/inputs.js';
import { createOutbox } from './run/outbox.js';
import { createRows } from './run/rows.js';
import { createSelf } from './run/self.js';
import { spooledOf } from './run/spooled.js';
import { inputsOf, surroundingsOf } from './run/surroundings.js';
import { nextRun } from './schedule.js';
import { refreshSchemas } from './schemas.js';
import type { Spool, Spooled } from './spool.js';
import { isAlive, type ResourceState, type TaskState } from './state.js';

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
  /** false: the directory was away */
  readonly published: boolean;
}

/** ms between two looks at the clock and the folders */
const LOOK = 1000;
/** ms between two rounds at least: many delegates that end at once are one round */
const SHORT = 20;
/** ms after which refused delegates are asked again what they are */
const AGAIN = 60_000;
/** ms between two sights of the schemas */
const SCHEMAS = 300_000;
/** ms from one renewal to the next, at most */
const BEAT = 20_000;
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
  const collector = createCollector(first.parallel, (delegate, text) => onEvent({ kind: 'diagnostics', delegate, text }));
  const outbox = createOutbox({
    client,
    manager,
    onEvent,
    now,
    onWithdrawn(id) {
      spool.drop(id);
      spooled.delete(id);
    },
  });
  const schemas = new Map<string, string>();
  const self = createSelf(first, reader);
  const inputs = watchInputs(onInputs);
  let rows = createRows(config, collector, surroundingsOf(config), onEvent);
  let discovery: Discovery = { delegates: [], refused: [] };
  let stamp: string | undefined;
  let composition: Composition = { resources: [], refusals: [] };
  let beatAt = 0;
  let wake: () => void = () => undefined;

  // What is there: the delegates on the node, and what they come to with the file.

  async function discover(): Promise<void> {
    stamp = sourcesStamp(config.delegates);
    const before = discovery;
    discovery = await discoverDelegates(config.delegates, before);
    for (const delegate of discovery.refused)
      if (!before.refused.some(({ path, why }) => path === delegate.path && why === delegate.why))
        onEvent({ kind: 'delegate-refused', delegate });
    await collector.keep(discovery.delegates);
  }

  function recompose(): void {
    const before = composition;
    const { delegates } = discovery;
    composition = compose(config, delegates, rows.of);
    for (const refusal of composition.refusals)
      if (!before.refusals.some(({ resource, why }) => resource === refusal.resource && why === refusal.why))
        onEvent({ kind: 'refused', refusal });
    const gone = adopt(resources, composition, delegates, spooled, now());
    // Of a list that was not yet seen, nobody knows what it leaves out.
    const leaving = rows.known ? [...gone.map(({ plan }) => plan.id), ...[...spooled.keys()].filter((id) => !resources.has(id))] : [];
    for (const id of leaving) outbox.remove(id);
    for (const resource of resources.values()) {
      save(resource);
      outbox.put(resource, now());
    }
    onEvent({ kind: 'composed', delegates: delegates.map(({ name }) => name), resources: resources.size });
    wake();
  }

  function save(resource: ResourceState): void {
    const one = spooledOf(resource);
    spooled.set(one.id, one);
    spool.save(one);
  }

  // What the delegates give.

  function start(resource: ResourceState, state: TaskState, at: number): Promise<void> | undefined {
    if (state.running !== undefined || state.due > at) return state.running;
    const { task } = state;
    state.due = nextRun(task.entry.schedule, at);
    const providers = task.after.map((name) => resource.tasks.get(name));
    const first = providers.map((provider) => (provider === undefined ? undefined : start(resource, provider, at)));
    state.running = run(resource, state, first);
    return state.running;
  }

  async function run(resource: ResourceState, state: TaskState, first: readonly (Promise<void> | undefined)[]): Promise<void> {
    const { name } = state.task.delegate;
    await Promise.all(first);
    const recovers = state.last !== undefined && state.last.status !== 'ok';
    const changed = await ask({ collector, reader, surroundings: surroundingsOf(config), now }, resource, state);
    state.running = undefined;
    if (resources.get(resource.plan.id) !== resource || resource.tasks.get(name) !== state || state.last === undefined) return;
    onEvent({ kind: 'ran', resource: resource.plan.id, delegate: name, changed, ...state.last });
    if (state.last.status === 'ok') save(resource);
    if (changed) {
      outbox.put(resource, now());
      for (const other of resource.tasks.values()) if (other.task.after.includes(name)) other.due = now();
    }
    if (recovers && isAlive(state, now())) beatAt = 0;
    wake();
  }

  function onInputs(paths: readonly string[]): void {
    const at = now();
    const touches = (onChange: readonly string[] = []) => onChange.some((path) => paths.includes(path));
    rows.touch(({ schedule }) => touches(schedule.onChange), at);
    for (const { tasks } of resources.values())
      for (const state of tasks.values()) if (touches(state.task.entry.schedule.onChange)) state.due = at;
    wake();
  }

  // What the directory holds.

  async function describeSelf(): Promise<void> {
    const settled = [...resources.values()].every(({ tasks }) =>
      [...tasks.values()].every(({ last, running }) => last !== undefined || running === undefined),
    );
    if (!settled && now() - startedAt < 10 * LOOK) return;
    const view = { config, version, startedAt, delegates: discovery.delegates, resources: resources.values() };
    if (await self.refresh({ ...view, resources: [...resources.values()] })) outbox.put(self.resource, now());
  }

  async function renew(): Promise<void> {
    const ttls = [...resources.values()].flatMap(({ plan }) => plan.tasks.map(({ entry }) => entry.ttl * 1000));
    beatAt = now() + Math.max(1000, Math.min(BEAT, Math.min(...ttls, BEAT * 3) / 3));
    await outbox.renew([...resources.values(), self.resource]);
  }

  /** Starts it unless it is under way, and goes on without waiting for it. */
  function apart(work: () => Promise<void>): () => void {
    let running = false;
    return () => {
      if (running) return;
      running = true;
      void work()
        .catch((error: unknown) => onEvent({ kind: 'publish-refused', resource: manager, why: (error as Error).message, retryMs: LOOK }))
        .finally(() => {
          running = false;
        });
    };
  }

  const rediscover = apart(async () => {
    await discover();
    recompose();
  });
  const relist = apart(async () => {
    if (await rows.ask(discovery.delegates, now())) recompose();
  });
  const flush = apart(async () => {
    await describeSelf();
    await outbox.flush(false);
  });
  const beat = apart(renew);
  const reschemas = apart(async () => void (await refreshSchemas(client, reader, schemas)));

  function nextDue(): number {
    let next = rows.due;
    for (const { tasks } of resources.values())
      for (const { due, running } of tasks.values()) if (running === undefined && due < next) next = due;
    return next;
  }

  async function begin(): Promise<void> {
    // The first facets are judged by the directory's own schemas if it is there in time.
    await clock.within(refreshSchemas(client, reader, schemas), 2 * LOOK);
    await discover();
    await rows.ask(discovery.delegates, now());
    recompose();
  }

  async function leave(): Promise<void> {
    if (config.leave === 'expire') return;
    const ids = [...resources.keys(), self.resource.plan.id];
    if (config.leave === 'withdraw') {
      for (const id of ids) outbox.remove(id);
      await outbox.flush(true);
    } else for (const resource of resources.values()) await stay(client, manager, resource);
  }

  return {
    async once() {
      try {
        await begin();
        const at = now();
        await Promise.all(
          [...resources.values()].flatMap((resource) => [...resource.tasks.values()].map((state) => start(resource, state, at))),
        );
        await describeSelf();
        await outbox.flush(true);
        await renew();
        await outbox.flush(true);
        return { composition, resources: [...resources.values()], published: outbox.empty };
      } finally {
        await Promise.all([collector.close(), inputs.close()]);
      }
    },

    async keep(signal) {
      const stop = () => wake();
      signal.addEventListener('abort', stop);
      try {
        await begin();
        await inputs.watch(inputsOf(config));
        let schemasAt = now() + SCHEMAS;
        let lookAt = 0;
        let againAt = now() + AGAIN;
        let woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        while (!signal.aborted) {
          const jump = clock.jump();
          if (jump !== 0) onEvent({ kind: 'clock-jumped', ms: jump });
          const at = now();
          for (const resource of resources.values()) {
            for (const state of resource.tasks.values()) {
              // Times that were reckoned by a clock that has been set back would be too late by that.
              if (jump < 0) state.due = Math.min(state.due, nextRun(state.task.entry.schedule, at));
              start(resource, state, at);
            }
          }
          if (at >= lookAt) {
            lookAt = at + LOOK;
            // Who was refused may have been slow, or have lacked something that is there by now.
            if (discovery.refused.length > 0 && at >= againAt) stamp = undefined;
            if (sourcesStamp(config.delegates) !== stamp) {
              againAt = at + AGAIN;
              rediscover();
            }
          }
          if (rows.due <= at) relist();
          flush();
          if (at >= beatAt || jump < 0) beat();
          if (at >= schemasAt) {
            schemasAt = at + SCHEMAS;
            reschemas();
          }
          await delay(SHORT);
          await clock.within(woken, Math.min(LOOK, nextDue() - now()));
          woken = new Promise((resolve) => {
            wake = resolve;
          });
        }
        await clock.within(outbox.flush(true), LAST);
        await clock.within(leave(), 2 * LAST);
      } finally {
        signal.removeEventListener('abort', stop);
        await Promise.all([collector.close(), inputs.close()]);
      }
    },

    change(next) {
      config = next;
      collector.widen(config.parallel);
      rows = createRows(config, collector, surroundingsOf(config), onEvent, rows);
      void inputs.watch(inputsOf(config));
      stamp = undefined;
      relistAndRecompose();
    },
  };

  function relistAndRecompose(): void {
    void rows.ask(discovery.delegates, now()).then(recompose);
  }
}
