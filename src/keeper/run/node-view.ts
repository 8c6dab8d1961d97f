/** What the node has for a keeper, and what it comes to with the keeper's file; looked at again and again. */
import type { Collector } from '../collect/index.js';
import { type Composition, compose } from '../compose/index.js';
import type { KeeperConfig } from '../config/index.js';
import type { OnKeeperEvent } from '../events.js';
import { discoverDelegates, sourcesStamp } from '../found/index.js';
import type { Discovery, FoundDelegate } from '../found-delegate.js';
import { createRows } from './rows.js';
import { surroundingsOf } from './surroundings.js';

/** ms after which refused delegates are asked again what they are: they may have been slow, or have lacked what is there by now */
const AGAIN = 60_000;

export interface NodeView {
  readonly delegates: readonly FoundDelegate[];
  /** has every list of rows been seen? Otherwise nobody knows which resources there are not */
  readonly complete: boolean;
  /** ms since the epoch at which rows are to be listed again */
  readonly due: number;
  /** Looks into the folders; true when there are other delegates than before. */
  look(): Promise<boolean>;
  /** Lists rows whose time has come; true when there are others than before. */
  list(now: number): Promise<boolean>;
  /** What there is by now; tells what is newly refused. */
  compose(): Composition;
  /** Lists of rows that depend on one of these paths are due; undefined: all. */
  touch(paths: readonly string[] | undefined, now: number): void;
  change(config: KeeperConfig): void;
}

export function viewNode(first: KeeperConfig, collector: Collector, onEvent: OnKeeperEvent): NodeView {
  let config = first;
  let rows = createRows(config, collector, surroundingsOf(config), onEvent);
  let discovery: Discovery = { delegates: [], refused: [] };
  let stamp: string | undefined;
  let askedAt = 0;
  let composition: Composition = { resources: [], refusals: [] };

  return {
    get delegates() {
      return discovery.delegates;
    },
    get complete() {
      return rows.known;
    },
    get due() {
      return rows.due;
    },
    async look() {
      const again = discovery.refused.length > 0 && performance.now() - askedAt > AGAIN;
      const seen = sourcesStamp(config.delegates);
      if (seen === stamp && !again) return false;
      stamp = seen;
      askedAt = performance.now();
      const before = discovery;
      discovery = await discoverDelegates(config.delegates, before);
      for (const delegate of discovery.refused)
        if (!before.refused.some(({ path, why }) => path === delegate.path && why === delegate.why))
          onEvent({ kind: 'delegate-refused', delegate });
      await collector.keep(discovery.delegates);
      return true;
    },
    list: (now) => rows.ask(discovery.delegates, now),
    compose() {
      const before = composition;
      const { delegates } = discovery;
      composition = compose(config, delegates, rows.of);
      for (const refusal of composition.refusals)
        if (!before.refusals.some(({ resource, why }) => resource === refusal.resource && why === refusal.why))
          onEvent({ kind: 'refused', refusal });
      onEvent({ kind: 'composed', delegates: delegates.map(({ name }) => name), resources: composition.resources.length });
      return composition;
    },
    touch(paths, now) {
      rows.touch(({ schedule }) => paths === undefined || (schedule.onChange ?? []).some((path) => paths.includes(path)), now);
    },
    change(next) {
      config = next;
      rows = createRows(config, collector, surroundingsOf(config), onEvent, rows);
      stamp = undefined;
    },
  };
}
