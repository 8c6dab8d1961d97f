import type { SizeName } from './corpus.js';
import type { Machine } from './machine.js';

/** Everything one run measured. Times in ms unless the name says otherwise; a part that did not run is absent. */
export interface Results {
  readonly at: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly discovery?: Partial<Record<SizeName, DiscoveryAtSize>>;
  readonly publish?: PublishResult;
  readonly load?: Partial<Record<SizeName, LoadResult>>;
  readonly restart?: Partial<Record<SizeName, RestartResult>>;
  readonly mixed?: Partial<Record<SizeName, MixedResult>>;
  readonly watch?: WatchResult;
}

/** One query in one engine. */
export interface QueryTime {
  readonly name: string;
  /** nodes selected; every engine must agree with the corpus, or the run fails */
  readonly count: number;
  /** median of warm runs */
  readonly ms: number;
}

export interface OursTime extends QueryTime {
  /** syntax, names and plan of the expression */
  readonly compileMs: number;
  /** first evaluation over freshly loaded columns (nothing memoised), by code that is already warm; median of several loads */
  readonly coldMs: number;
}

export interface BaseXTime extends QueryTime {
  /** the question as asked; `ms` is the better of both */
  readonly plainMs: number;
  /** with /text() on each equality's leaf, where the corpus has that form */
  readonly textMs?: number;
}

/** Through a client, with the whole answer serialised and received. */
export interface FullTime extends QueryTime {
  readonly bytes: number;
}

export interface DiscoveryAtSize {
  readonly xmlBytes: number;
  readonly ours: readonly OursTime[];
  readonly columns: ColumnsResult;
  readonly basex?: readonly BaseXTime[];
  /** over documents parsed beforehand; `sampled` of them, times extrapolated to the size */
  readonly libxml2?: { readonly sampled: number; readonly times: readonly QueryTime[] };
  readonly postgres?: readonly QueryTime[];
  readonly oursHttp: readonly FullTime[];
  readonly basexClient?: readonly (FullTime & { readonly plainMs: number; readonly textMs?: number })[];
}

export interface ColumnsResult {
  /** bytes of the typed arrays, strings included */
  readonly bytes: number;
  /** documents a second, from canonical XML to columns */
  readonly shredPerSecond: number;
}

export interface PublishResult {
  readonly resources: number;
  readonly clients: number;
  readonly bytesPerDocument: number;
  readonly ours: Throughput;
  readonly basex?: Throughput;
}

export interface Throughput {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface LoadResult {
  readonly xmlBytes: number;
  readonly oursSeconds: number;
  readonly basexSeconds?: number;
}

export interface RestartResult {
  /** after SIGTERM, median of several */
  readonly afterStopMs: number;
  /** after SIGKILL during writes */
  readonly afterKillMs: number;
  /** nothing but the store: no snapshot */
  readonly withoutSnapshotMs: number;
}

export interface MixedResult {
  readonly unloaded: { readonly read: Throughput; readonly publish: Throughput };
  readonly loaded: { readonly read: Throughput; readonly publish: Throughput };
  readonly queriesPerSecond: number;
  /** how late a timer of /livez answers while loaded */
  readonly livez: Throughput;
}

export interface WatchResult {
  readonly watchers: number;
  /** updates they were told while publishes were measured */
  readonly events: number;
  /** publishes with nobody watching, and with all of them */
  readonly alone: Throughput;
  readonly watched: Throughput;
}
