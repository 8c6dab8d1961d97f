/**
 * Who changed what? Each write, and each request that was refused for who sent it, becomes one line:
 *
 *     {"time":"2026-11-23T03:00:00.000Z","id":"…","principal":"site-a-keeper","remote":"127.0.0.1","method":"PUT",
 *      "action":"putResource","resource":"ghn-1","outcome":"replaced","status":200}
 *
 * What was written is not in it, and no token ever is.
 */

import { type RequestState, stateOf } from './context.js';
import type { HttpEvent, OnEvent } from './events.js';
import { MANAGER_NAME } from './manager.js';

/** What only the route knows of a write. */
export interface AuditDetails {
  /** id of the resource */
  readonly resource?: string;
  /** what became of it: `created`, `replaced`, `unchanged`, `removed`, `renewed` … */
  readonly outcome?: string;
  /** facets written, as `Q{ns}local` */
  readonly facets?: readonly string[];
  /** scopes written */
  readonly scopes?: readonly string[];
  readonly dryRun?: boolean;
  /** the owner of a facet was overruled */
  readonly forced?: boolean;
  /** bulk: documents stored, and refused */
  readonly stored?: number;
  readonly refused?: number;
}

/** What was done, as far as the request's headers and its route tell. */
export interface Audit extends AuditDetails {
  /** `id` of the route */
  readonly action: string;
  /** name of the program that wrote (header `Facetry-Manager`) */
  readonly manager?: string;
}

/** The request is one that will be accounted for, whatever becomes of it. */
export function toBeAudited(request: { readonly headers: NodeJS.Dict<string | string[]> }, state: RequestState, action: string): void {
  const manager = request.headers['facetry-manager'];
  state.audit = { action, ...(typeof manager === 'string' && MANAGER_NAME.test(manager) ? { manager } : {}) };
}

/** For routes that write: adds to what the line of this request will say. May be called as often as more is known. */
export function audited(request: object, details: AuditDetails): void {
  const state = stateOf(request);
  if (state.audit !== undefined) state.audit = { ...state.audit, ...details };
}

/** One of many documents in one request: a line of its own, at once. */
export function auditedDocument(request: object, details: AuditDetails, status: number, onEvent: OnEvent): void {
  const { id, caller, audit } = stateOf(request);
  if (audit === undefined) return;
  onEvent({
    kind: 'audited',
    id,
    status,
    ...(caller === undefined ? {} : { principal: caller.principal }),
    audit: { ...audit, ...details },
  });
}

/** The line of an event, without line break; undefined: the event is nothing to account for. */
export function auditLine(event: HttpEvent, now: Date): string | undefined {
  const refusedForWho = event.kind === 'request' && (event.status === 401 || event.status === 403);
  if (event.kind === 'audited' || (event.kind === 'request' && (event.audit !== undefined || refusedForWho))) {
    const request = event.kind === 'request' ? event : undefined;
    return JSON.stringify({
      time: now.toISOString(),
      id: event.id,
      principal: event.principal,
      manager: event.audit?.manager,
      remote: request?.remote,
      method: request?.method,
      action: event.audit?.action ?? request?.route,
      // The address says which resource was meant, also when the request was refused before anybody looked.
      ...(event.audit?.resource === undefined && request !== undefined ? { path: request.path } : {}),
      ...event.audit,
      status: event.status,
      ...(request?.aborted ? { aborted: true } : {}),
    });
  }
  return undefined;
}
