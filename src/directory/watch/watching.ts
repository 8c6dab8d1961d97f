/** What all stages of one watch share. */
import { Problem } from '../../model/index.js';
import type { Position } from '../cursor.js';
import type { Caller } from '../directory.js';
import type { Asked } from '../evaluate.js';
import type { Rooms } from '../rooms.js';
import type { WatchEvent, WatchOptions } from './contract.js';
import type { Hub } from './hub.js';

export interface Watching {
  readonly rooms: Rooms;
  readonly hub: Hub;
  readonly caller: Caller;
  readonly asked: Asked;
  readonly options: WatchOptions;
  readonly heartbeat: number;
  /** what its cursors are bound to */
  readonly bond: string;
}

export function seal({ rooms, caller, bond }: Watching, position: Position): string {
  return rooms.cursors.seal(position, bond, caller);
}

export function failed(error: unknown): WatchEvent {
  if (!(error instanceof Problem)) throw error;
  return { kind: 'end', reason: 'over-budget', detail: error.detail ?? error.title };
}
