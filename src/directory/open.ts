/**
 * Opens a directory over a store: the columns come from the snapshot beside the store when that is whole and not too
 * old, else from the store itself; then what was committed since; then it is ready. It can be asked for its state
 * from the first moment, for everything else from then on.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Columns, createColumns, publish as publishColumns, putResources, serializeNode } from '../discovery/index.js';
import { nameKey, Problem, type ReadRule } from '../model/index.js';
import type { Store } from '../store/index.js';
import type { Schema, XmlReader } from '../xml/index.js';
import { DISCOVERY_BUDGET, type DiscoveryBudget } from './budget.js';
import { bulk } from './bulk.js';
import { keepCompact } from './compaction.js';
import { currentOf, facetXml, visibleSlot } from './current.js';
import { createCursors } from './cursor.js';
import { describeMeta } from './describe-meta.js';
import type { Directory, DirectoryState } from './directory.js';
import { discover } from './discover.js';
import { edit } from './edit.js';
import { etagOf } from './etag.js';
import type { DirectoryEvent, Upkeep } from './events.js';
import { expire } from './lease/expire.js';
import { keepLeases, type LeaseOptions, type Leases } from './lease/leases.js';
import { renew } from './lease/renew.js';
import { list } from './list.js';
import { follow } from './live.js';
import { createPlans } from './plans.js';
import { publish } from './publish.js';
import { createQueryThread } from './query-thread.js';
import { checkInterface, interfaceViolations } from './registry/check-interface.js';
import { describeInterface, describeInterfaces } from './registry/describe-interface.js';
import { explain } from './registry/explain.js';
import { putInterface, removeInterface } from './registry/put-interface.js';
import { openRegistry, type Registry } from './registry/registry.js';
import { remove } from './remove.js';
import { report, resync } from './report.js';
import type { Rooms } from './rooms.js';
import { keepSnapshot, loadSnapshot } from './snapshot.js';
import { createViews } from './views.js';
import { changes } from './watch/changes.js';
import { createHub, type Hub } from './watch/hub.js';
import { watch } from './watch/watch.js';

export interface DirectoryOptions {
  readonly store: Store;
  readonly xml: XmlReader;
  /** schemas of the interfaces that come with the directory, until resources register others; `xml` must have been given the same */
  readonly schemas?: readonly Schema[];
  readonly readRule?: ReadRule;
  readonly budget?: Partial<DiscoveryBudget>;
  /** folder for the snapshot of the columns; undefined: none is kept */
  readonly snapshots?: string;
  /** 16 secret bytes that cursors of callers with scopes are sealed with; default: random, so that they end with the process */
  readonly cursorKey?: Uint8Array;
  readonly lease?: LeaseOptions;
  /** threads for long questions */
  readonly queryThreads?: number;
  readonly onEvent?: (event: DirectoryEvent) => void;
}

/** Returns at once; `ready` settles when the directory can be asked, or with why it cannot. */
export function openDirectory(options: DirectoryOptions): { readonly directory: Directory; readonly ready: Promise<void> } {
  const onEvent = options.onEvent ?? (() => {});
  const state = { phase: 'starting' as DirectoryState['phase'], done: 0, total: 0 };
  let rooms: Rooms | undefined;
  let hub: Hub | undefined;
  let registry: Registry | undefined;
  const upkeep: Upkeep[] = [];

  const loaded = (): Rooms => {
    if (rooms !== undefined && state.phase === 'ready') return rooms;
    if (state.phase === 'starting')
      throw new Problem('starting', { detail: `${state.done} of ${state.total} resources are loaded`, retryAfter: 1 });
    throw new Problem('overloaded', { detail: 'the directory is closing' });
  };

  async function start(): Promise<void> {
    const started = performance.now();
    const { xml } = options;
    const snapshot = options.snapshots === undefined ? undefined : await loadSnapshot(options.snapshots, options.store, onEvent);
    const columns =
      snapshot ??
      (await load(options.store, (done, total) => {
        Object.assign(state, { done, total });
        onEvent({ kind: 'loading', done, total });
      }));
    const revision = columns.revision;
    const live = await follow(options.store, columns);
    registry = await openRegistry({ live, xml, store: options.store, shipped: options.schemas ?? [], onEvent });
    const { store } = registry;
    const views = createViews(options.readRule ?? 'exact');
    const wholeOf = (slot: number) => serializeNode({ columns: live.columns, revision: live.revision }, 2 * live.columns.slots.row(slot));
    const leases: Leases = await keepLeases(
      live,
      (key) => expire({ live, leases, store, xml, wholeOf }, key, onEvent),
      onEvent,
      options.lease,
    );
    upkeep.push(leases);
    rooms = {
      store,
      xml,
      live,
      viewOf: (caller) => views.of(live.columns, caller),
      plans: createPlans(500),
      queries: createQueryThread({ threads: options.queryThreads ?? 1, queue: 64 }),
      registry,
      get schemas() {
        return this.registry.set;
      },
      budget: { ...DISCOVERY_BUDGET, ...options.budget },
      cursors: createCursors(options.cursorKey ?? randomBytes(16)),
      readRule: options.readRule ?? 'exact',
      wholeOf,
      leases,
      mintId: () => `urn:uuid:${randomUUID()}`,
    };
    hub = createHub(rooms);
    upkeep.push(hub, keepCompact(live, onEvent));
    if (options.snapshots !== undefined)
      upkeep.push(keepSnapshot(options.snapshots, live, store, onEvent, snapshot === undefined ? undefined : revision));
    state.phase = 'ready';
    onEvent({
      kind: 'ready',
      resources: live.columns.slots.count,
      revision: live.revision,
      ms: performance.now() - started,
      from: snapshot === undefined ? 'store' : 'snapshot',
    });
  }

  const directory: Directory = {
    get state() {
      const failed = rooms?.live.failure !== undefined;
      return { ...state, phase: failed && state.phase === 'ready' ? 'starting' : state.phase, revision: rooms?.live.revision ?? 0 };
    },
    create: async (caller, body, write) => publish(loaded(), caller, { kind: 'create' }, body, write),
    put: async (caller, id, body, write) => publish(loaded(), caller, { kind: 'put', id }, body, write),
    remove: async (caller, id, write) => remove(loaded(), caller, id, write),
    get(caller, id) {
      const current = currentOf(loaded(), caller, id);
      return current && { id, xml: current.xml, etag: current.etag, modifiedAt: current.modifiedAt };
    },
    edit: async (caller, id, wanted, write) => edit(loaded(), caller, id, wanted, write),
    facet(caller, id, name) {
      const view = loaded().viewOf(caller);
      const slot = visibleSlot(view, id);
      const xml = slot < 0 ? undefined : facetXml(view, slot, nameKey(name));
      return xml && { id, xml, etag: etagOf(xml), modifiedAt: view.columns.slots.modifiedAt(slot) };
    },
    meta: (caller, id) => describeMeta(loaded(), caller, id),
    renew: (caller, id, wish) => renew(loaded(), caller, id, wish),
    list: (caller, page) => list(loaded(), caller, page),
    bulk: (caller, body, how) => bulk(loaded(), caller, body, how),
    discover: async (caller, question, signal) => discover(loaded(), caller, question, signal),
    report: (caller, question, signal) => report(loaded(), caller, question, signal),
    resync: async () => resync(loaded()),
    watch: async (caller, question, how) => watch(loaded(), hub as Hub, caller, question, how),
    changes: async (caller, how) => changes(loaded(), caller, how),
    get watching() {
      return hub?.figures ?? { watchers: 0, questions: 0, buffered: 0, cut: 0, behind: 0 };
    },
    get prefixes() {
      return loaded().schemas.prefixes;
    },
    interfaces: (caller) => describeInterfaces(loaded(), caller),
    interface: (caller, ns) => describeInterface(loaded(), caller, ns),
    explain: (_caller, ns) => explain(loaded().schemas, ns),
    putInterface: async (caller, ns, body, write) => putInterface(loaded(), caller, ns, body, write),
    removeInterface: async (caller, ns, write) => removeInterface(loaded(), caller, ns, write),
    checkInterface: async (caller, ns, body, how, signal) => checkInterface(loaded(), caller, ns, body, how, signal),
    interfaceViolations: (caller, ns, limit, signal) => interfaceViolations(loaded(), caller, ns, limit, signal),
    async close() {
      if (state.phase === 'closing' || state.phase === 'closed') return;
      await ready.catch(() => undefined);
      state.phase = 'closing';
      await options.xml.close();
      for (const task of upkeep) await task.close();
      await rooms?.queries.close();
      registry?.close();
      rooms?.live.close();
      await options.store.close();
      state.phase = 'closed';
    },
  };
  const ready = start();
  return { directory, ready };
}

/** Resources read without a pause: some milliseconds. */
const SLICE = 100;

/** Columns of everything the store holds. */
async function load(store: Store, onProgress: (done: number, total: number) => void): Promise<Columns> {
  const columns = createColumns();
  const { revision, count, batches } = await store.resources();
  let done = 0;
  onProgress(done, count);
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; from += SLICE) {
      putResources(columns, batch.slice(from, from + SLICE));
      // A thread's messages are taken without a pause as long as there are any: without this nobody else would get a turn until the end.
      await breathe();
    }
    done += batch.length;
    onProgress(done, count);
  }
  publishColumns(columns, revision, revision);
  return columns;
}
