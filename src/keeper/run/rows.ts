/** The rows of `for-each` resources: what their delegates list, and when they are asked again. */
import type { Collector } from '../collect/index.js';
import { notFound } from '../compose/index.js';
import { fillAll, type KeeperConfig, type ResourceConfig, type Surroundings } from '../config/index.js';
import type { Row } from '../delegate.js';
import type { OnKeeperEvent } from '../events.js';
import type { FoundDelegate } from '../found-delegate.js';
import { nextRun } from '../schedule.js';

interface Listing {
  rows: readonly Row[] | undefined;
  due: number;
  running: boolean;
}

export interface Rows {
  of(resource: ResourceConfig): readonly Row[] | undefined;
  /** Has every delegate that lists done so once? */
  readonly known: boolean;
  /** ms since the epoch */
  readonly due: number;
  /** Asks those whose time has come; resolves to whether any answer is another one than before. */
  ask(delegates: readonly FoundDelegate[], now: number): Promise<boolean>;
  /** ask all again that watch one of these */
  touch(isTouched: (resource: ResourceConfig) => boolean, now: number): void;
  /** the rows of a question, for the configuration that comes next */
  remembered(key: string): readonly Row[] | undefined;
}

/** `before`: rows of the configuration that this one replaces; those of the same question go on. */
export function createRows(
  config: KeeperConfig,
  collector: Collector,
  surroundings: Surroundings,
  onEvent: OnKeeperEvent,
  before?: Rows,
): Rows {
  const listings = new Map<ResourceConfig, Listing>();
  for (const resource of config.resources) {
    if (resource.forEach === undefined) continue;
    listings.set(resource, { rows: before?.remembered(keyOf(resource)), due: 0, running: false });
  }

  async function list(resource: ResourceConfig, listing: Listing, delegates: readonly FoundDelegate[]): Promise<boolean> {
    const { forEach } = resource;
    if (forEach === undefined) return false;
    const { delegate: name } = forEach;
    try {
      const delegate = delegates.find((one) => one.name === name);
      if (delegate === undefined) throw new Error(notFound(name, delegates));
      if (!delegate.lists) throw new Error(`the delegate "${name}" lists no rows`);
      const rows = await collector.list(delegate, { config: fillAll(forEach.config, surroundings) }, forEach.timeoutMs);
      const changed = JSON.stringify(rows) !== JSON.stringify(listing.rows);
      listing.rows = rows;
      if (changed) onEvent({ kind: 'listed', resource: resource.id, delegate: name, rows: rows.length });
      return changed;
    } catch (error) {
      // What was listed before stays: nobody has said that it is gone.
      onEvent({ kind: 'listed', resource: resource.id, delegate: name, error: (error as Error).message });
      return false;
    }
  }

  return {
    of: (resource) => listings.get(resource)?.rows,
    remembered(key) {
      for (const [resource, { rows }] of listings) if (keyOf(resource) === key) return rows;
      return undefined;
    },
    get known() {
      return [...listings.values()].every(({ rows }) => rows !== undefined);
    },
    get due() {
      return Math.min(...[...listings.values()].filter(({ running }) => !running).map(({ due }) => due));
    },
    async ask(delegates, now) {
      const asked = [...listings].filter(([, { due, running }]) => due <= now && !running);
      const changes = await Promise.all(
        asked.map(async ([resource, listing]) => {
          listing.due = nextRun(resource.schedule, now);
          listing.running = true;
          const changed = await list(resource, listing, delegates);
          listing.running = false;
          return changed;
        }),
      );
      return changes.includes(true);
    },
    touch(isTouched, now) {
      for (const [resource, listing] of listings) if (isTouched(resource)) listing.due = now;
    },
  };
}

function keyOf({ id, forEach }: ResourceConfig): string {
  return JSON.stringify([id, forEach]);
}
