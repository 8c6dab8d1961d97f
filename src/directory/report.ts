/** XQuery reports: who may ask for one, and what it gets to see. How it is run is the store's business. */
import { slotVisible } from '../discovery/columns/index.js';
import { keyOf, Problem, type ResourceKey, type Revision } from '../model/index.js';
import type { ForeignChange } from '../store/index.js';
import { metaOf } from './current.js';
import type { Caller, ReportQuestion } from './directory.js';
import type { Rooms } from './rooms.js';

/** ms of one that asks for nothing else, and the most it may ask for: writes wait for it. */
export const REPORT_MS = 5000;
export const REPORT_MOST_MS = 20_000;
const REPORT_BYTES = 64 * 1024 * 1024;

export function resync({ store }: Rooms): Promise<readonly ForeignChange[]> {
  if (store.resync === undefined) throw noDatabase('there is nothing to bring in step with');
  return store.resync();
}

function noDatabase(so: string): Problem {
  return new Problem('not-found', {
    detail: `this directory has no XML database under it, so ${so}`,
    hint: 'start it with --store basex://user@host:port/database',
  });
}

/** The result while it comes. Throws Problem `forbidden`, `not-found` where there is no XQuery, or as the store says. */
export function report(rooms: Rooms, caller: Caller, question: ReportQuestion, signal?: AbortSignal): AsyncIterable<Uint8Array> {
  // in open mode nobody is limited in anything
  if (!(caller.analyst ?? caller.scopes === undefined))
    throw new Problem('forbidden', { detail: 'reports are for analysts', hint: 'ask for a token with the role analyst' });
  const { reports } = rooms.store;
  if (reports === undefined) throw noDatabase('there is no XQuery; ask by XPath (/discover)');
  return reports.run({
    xquery: question.xquery,
    namespaces: { ...rooms.schemas.prefixes, ...question.namespaces },
    method: question.method,
    ms: Math.min(question.budgetMs ?? REPORT_MS, REPORT_MOST_MS),
    bytes: REPORT_BYTES,
    visible: (revision) => (caller.scopes === undefined ? {} : visibleAt(rooms, caller, revision)),
    ...(signal === undefined ? {} : { signal }),
  });
}

function visibleAt({ live, viewOf }: Rooms, caller: Caller, revision: Revision) {
  const view = live.viewAt(viewOf(caller), revision);
  const { slots, strings } = view.columns;
  const keys: ResourceKey[] = [];
  for (let slot = 0; slot < slots.count; slot++) {
    if (!slotVisible(view, slot)) continue;
    // few resources share their id with one in other scopes, and it costs to read the meta of all
    const twin = slots.meta(slot)?.includes('twin') === true ? (metaOf(view.columns, slot).twin ?? 0) : 0;
    keys.push(keyOf(slots.id(slot), twin));
  }
  return { keys, scopes: [...(view.scopes ?? [])].map((scope) => strings.text(scope)) };
}
