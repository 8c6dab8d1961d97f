/**
 * Standing questions: what is told while the answer of a question changes. The unit is the resource: it *enters* when the
 * question begins to select something in it, is *updated* when what is selected changes, and *leaves* with the last of it.
 */
import type { ResourceId } from '../../model/index.js';
import type { Item, Question } from '../directory.js';

export type WatchQuestion = Pick<Question, 'xpath' | 'namespaces' | 'variables'>;

/** Where a reader that has seen the event goes on; opaque, bound to the question and to what its caller may see. */
interface Placed {
  readonly cursor: string;
}

export type WatchEvent =
  | (Placed & { readonly kind: 'enter' | 'update'; readonly resource: ResourceId; readonly items: readonly Item[] })
  | (Placed & { readonly kind: 'leave'; readonly resource: ResourceId })
  /** of a question whose answer is no node-set: what it is now */
  | (Placed & { readonly kind: 'value'; readonly value: string | number | boolean })
  /** all that is selected has been told; from here on there are changes */
  | (Placed & { readonly kind: 'ready' })
  /** nothing has changed up to here */
  | (Placed & { readonly kind: 'bookmark' })
  /** changes may have been missed: forget what was told, all that is selected follows */
  | { readonly kind: 'gap'; readonly reason: string }
  /** the last event; `slow`: the reader did not keep up */
  | { readonly kind: 'end'; readonly reason: 'closing' | 'slow' | 'over-budget'; readonly detail?: string; readonly cursor?: string };

export interface WatchOptions {
  readonly cursor?: string;
  /** nobody reads any more */
  readonly signal: AbortSignal;
  /** the server is closing: tell what is there, then end */
  readonly closing?: AbortSignal;
  /** the reader is too slow: its buffer is full and what it has not taken is thrown away */
  readonly onCut?: (end: WatchEvent) => void;
  /** ms between bookmarks */
  readonly heartbeat?: number;
}

export interface WatchFigures {
  readonly watchers: number;
  /** different questions among them that are answered resource by resource */
  readonly questions: number;
  /** bytes of events that wait for their readers */
  readonly buffered: number;
  /** readers that were cut off since the start */
  readonly cut: number;
  /** commits that are visible and not yet told */
  readonly behind: number;
}

/** A step of the directory as one caller sees it. */
export interface VisibleChange {
  readonly kind: 'created' | 'replaced' | 'removed';
  readonly resource: ResourceId;
  /** ms since the epoch */
  readonly at: number;
}

export interface Changes {
  readonly items: readonly VisibleChange[];
  /** pass it back for what comes after these */
  readonly next: string;
}
