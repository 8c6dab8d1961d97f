/** What the discovery of delegates finds on a node. */
import type { QName } from './delegate.js';

export type DelegateKind = 'module' | 'executable' | 'file';

/** What a delegate says of itself. */
export interface Declaration {
  readonly name: string;
  readonly version?: string;
  readonly provides: readonly QName[];
  readonly requires: readonly QName[];
  /** JSON Schema of its configuration */
  readonly config?: Readonly<Record<string, unknown>>;
  /** it can list rows for `for-each` */
  readonly lists: boolean;
}

export interface FoundDelegate extends Declaration {
  readonly kind: DelegateKind;
  readonly path: string;
  /** changes when the file does: inode, size and time of change */
  readonly stamp: string;
}

/** A file that looks like a delegate and is not taken. */
export interface RefusedDelegate {
  readonly path: string;
  readonly why: string;
}

export interface Discovery {
  readonly delegates: readonly FoundDelegate[];
  readonly refused: readonly RefusedDelegate[];
}
