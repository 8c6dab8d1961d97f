import type { Problem, ResourceId } from '../../model/index.js';

/** What the store needs to know beside its address. */
export type WhenAway = 'refuse' | 'journal';

export interface BaseXOptions {
  /** the journal's folder: an embedded store */
  readonly journal: string;
  readonly password: string;
  /** `refuse` (default): no write while BaseX is away; `journal`: writes go on, and BaseX gets them when it is back */
  readonly whenAway?: WhenAway;
  /** ms that BaseX may take for one group of writes before it counts as away; default 5000 */
  readonly patience?: number;
  /** without it, nobody looks for what was changed by other tools */
  readonly accept?: Accept;
}

/** A document that came by other ways than the directory: its canonical form if it is a valid resource of that id, else why not. */
export type Accept = (id: ResourceId, xml: Uint8Array) => Promise<Uint8Array | Problem>;

/** What was done about a document that was changed by other tools. */
export interface ForeignChange {
  readonly path: string;
  readonly id?: ResourceId;
  readonly outcome: 'taken' | 'removed' | 'restored' | 'quarantined';
  readonly detail?: string;
}

/** How the database stands to the journal. */
export interface BaseXState {
  readonly phase: 'in step' | 'catching up' | 'away';
  /** the last revision that the database has */
  readonly applied: number;
  /** ms since the epoch: the phase is this since */
  readonly since: number;
  /** why it is away, in BaseX's words or the network's */
  readonly reason?: string;
}
