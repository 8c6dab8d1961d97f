import type { View } from '../discovery/index.js';
import type { ReadRule, ResourceId } from '../model/index.js';
import type { Store } from '../store/store.js';
import type { XmlReader } from '../xml/index.js';
import type { DiscoveryBudget } from './budget.js';
import type { Cursors } from './cursor.js';
import type { Caller } from './directory.js';
import type { SchemaSet } from './interfaces.js';
import type { Leases } from './lease/leases.js';
import type { Live } from './live.js';
import type { Plans } from './plans.js';
import type { QueryThread } from './query-thread.js';
import type { Registry } from './registry/registry.js';

/** What the flows of this room work with. */
export interface Rooms {
  readonly store: Store;
  readonly xml: XmlReader;
  /** the columns, kept level with the store */
  readonly live: Live;
  /** what a caller may see at the current revision */
  readonly viewOf: (caller: Caller) => View;
  readonly plans: Plans;
  readonly queries: QueryThread;
  readonly registry: Registry;
  /** what of it is in force now */
  readonly schemas: SchemaSet;
  readonly budget: DiscoveryBudget;
  readonly cursors: Cursors;
  readonly readRule: ReadRule;
  /** the stored document of a resource, whoever asks */
  readonly wholeOf: (slot: number) => Uint8Array;
  readonly leases: Leases;
  /** an id for a document that came without one */
  readonly mintId: () => ResourceId;
}
