/** The keeper's own resource: facet {urn:facetry:keeper}keeper, so that its state is discovered like any other. */
import { hostname } from 'node:os';
import type { XmlReader } from '../../xml/index.js';
import { readFacets } from '../collect/index.js';
import type { KeeperConfig } from '../config/index.js';
import { facetText } from '../facet-text.js';
import type { FoundDelegate } from '../found-delegate.js';
import { scheduleText } from '../schedule.js';
import type { LastRun, ResourceState, TaskState } from '../state.js';
import { stateOf } from './adopt.js';

const KEEPER = 'Q{urn:facetry:keeper}keeper';
/** An outage of the keeper shows after three of these: seconds. */
const TTL = 90;

export interface SelfView {
  readonly config: KeeperConfig;
  readonly version: string;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly delegates: readonly FoundDelegate[];
  readonly resources: Iterable<ResourceState>;
}

export interface Self {
  readonly resource: ResourceState;
  /** True when it says something else now: how the delegates do, which they are, what is kept. Times and durations alone do not count. */
  refresh(view: SelfView): Promise<boolean>;
}

export function createSelf(config: KeeperConfig, reader: XmlReader): Self {
  const task = { delegate: { ...OWN, path: config.file }, entry: entryOf(config), after: [] };
  const plan = {
    id: `keeper-${config.name}`,
    description: `Keeper ${config.name}`,
    scopes: config.scopes,
    tasks: [task],
    place: task.entry.place,
  };
  const resource = stateOf(plan, undefined, Number.POSITIVE_INFINITY);
  const state = resource.tasks.get(OWN.name) as TaskState;
  let said = '';
  return {
    resource,
    async refresh(view) {
      resource.plan = { ...plan, scopes: view.config.scopes };
      const runs = runsOf(view.resources);
      const ids = [...view.resources].map((one) => one.plan.id);
      const { digest } = view.config;
      const saying = JSON.stringify([digest, ids, view.delegates.map(({ name, stamp }) => [name, stamp, runs.get(name)?.status])]);
      if (saying === said) return false;
      const text = contentOf(view, runs, ids);
      const now = Date.now();
      state.good = { facets: await readFacets(reader, OWN, [text]), at: now };
      state.last = { status: 'ok', at: now, ms: 0 };
      said = saying;
      return true;
    },
  };
}

const OWN: FoundDelegate = { name: 'keeper', kind: 'module', provides: [KEEPER], requires: [], lists: false, path: '', stamp: '' };

function entryOf(config: KeeperConfig) {
  return {
    delegate: OWN.name,
    config: {},
    schedule: config.schedule,
    ttl: TTL,
    timeoutMs: 0,
    critical: 'optional' as const,
    maxAgeMs: 0,
    place: { file: config.file, line: 1 },
  };
}

function contentOf(
  { config, version, startedAt, delegates }: SelfView,
  runs: ReadonlyMap<string, LastRun>,
  ids: readonly string[],
): string {
  return facetText(KEEPER, {
    hostname: hostname(),
    version,
    configDigest: config.digest,
    schedule: scheduleText(config.schedule),
    startedAt: new Date(startedAt),
    delegates:
      delegates.length === 0
        ? undefined
        : {
            delegate: delegates.map(({ name, version: own, kind, provides }) => {
              const run = runs.get(name);
              return {
                name,
                version: own,
                kind,
                provides: provides.map((one) => one.slice(1)),
                status: run?.status,
                lastRunAt: run === undefined ? undefined : new Date(run.at),
                durationMs: run?.ms,
                error: run?.error?.slice(0, 1000),
              };
            }),
          },
    resources: ids.length === 0 ? undefined : { resource: ids.map((id) => ({ id })) },
  });
}

const WORSE = ['ok', 'stale', 'timeout', 'failed'];

/** The worst last run of each delegate, over all resources. */
function runsOf(resources: Iterable<ResourceState>): ReadonlyMap<string, LastRun> {
  const worst = new Map<string, LastRun>();
  for (const { tasks } of resources) {
    for (const [name, { last }] of tasks) {
      const before = worst.get(name);
      if (last !== undefined && (before === undefined || WORSE.indexOf(last.status) > WORSE.indexOf(before.status))) worst.set(name, last);
    }
  }
  return worst;
}
