import type { Caller, Directory } from '../directory/index.js';
import type { Audit } from './audit.js';
import type { Failures } from './failures.js';
import type { InFlight } from './in-flight.js';
import type { Load } from './load.js';
import type { HttpSettings } from './options.js';
import type { Intake } from './read-body.js';

/** What all requests of one server share. */
export interface HttpContext {
  readonly directory: Directory;
  readonly settings: HttpSettings;
  readonly intake: Intake;
  /** the server is closing: answer what was accepted, promise nothing more */
  draining: boolean;
  /** aborted when `draining` begins: what goes on until somebody ends it, ends now */
  readonly closing: AbortController;
  readonly inFlight: InFlight;
  readonly load: Load | undefined;
  readonly failures: Failures | undefined;
}

/** What is known of one request before a route handles it. */
export interface RequestState {
  readonly id: string;
  readonly started: number;
  /** ms; see HttpTimes */
  readonly linger: number;
  /** template of the route that took it */
  route?: string;
  caller?: Caller;
  /** it counts in `load` … */
  counted?: boolean;
  /** … and among those of this caller */
  slot?: string;
  /** it is one to account for */
  audit?: Audit;
}

const STATE = Symbol('facetry request');

export function setState(request: object, state: RequestState): void {
  (request as { [STATE]?: RequestState })[STATE] = state;
}

export function stateOf(request: object): RequestState {
  return (request as { [STATE]: RequestState })[STATE];
}
