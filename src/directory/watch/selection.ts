/** What a question selects in one resource, before and after a change. */
import { slotVisible } from '../../discovery/columns/index.js';
import type { Compiled, NodeSet, Policy, Value } from '../../discovery/index.js';
import { type AppliedChange, publicId, type ResourceKey, type Revision, type Scope, seesScope } from '../../model/index.js';
import { slotOfKey } from '../current.js';
import type { Caller, Item } from '../directory.js';
import { itemOf } from '../items.js';
import { policyOver } from '../lease/policy.js';
import type { Rooms } from '../rooms.js';
import type { Solo } from './solo.js';

/** A question that is answered resource by resource. */
export interface ByResource {
  readonly compiled: Compiled;
  readonly variables: ReadonlyMap<string, Value>;
  readonly caller: Caller;
}

export type Delta =
  | { readonly kind: 'enter' | 'update'; readonly resource: string; readonly items: readonly Item[] }
  | { readonly kind: 'leave'; readonly resource: string };

/** Versions of the resource that a change concerns, in the columns; -1: none. They must still be there. */
export interface Versions {
  readonly id: string;
  readonly revision: Revision;
  readonly before: number;
  readonly after: number;
}

export function versionsOf({ live }: Rooms, revision: Revision, change: AppliedChange): Versions {
  const { columns } = live;
  const key = keyOfChange(change);
  return {
    id: publicId(key),
    revision,
    before: slotOfKey({ columns, revision: revision - 1 }, key),
    after: slotOfKey({ columns, revision }, key),
  };
}

function keyOfChange(change: AppliedChange): ResourceKey {
  return change.kind === 'put' ? change.resource.id : change.id;
}

/** Undefined: the change is none for this question. */
export function deltaOf(rooms: Rooms, solo: Solo, question: ByResource, { id, revision, before, after }: Versions): Delta | undefined {
  const was = select(rooms, solo, question, before, revision - 1);
  const is = select(rooms, solo, question, after, revision);
  if (is.length === 0) return was.length === 0 ? undefined : { kind: 'leave', resource: id };
  if (was.length === 0) return { kind: 'enter', resource: id, items: is };
  return JSON.stringify(was) === JSON.stringify(is) ? undefined : { kind: 'update', resource: id, items: is };
}

function select(rooms: Rooms, solo: Solo, { compiled, variables, caller }: ByResource, slot: number, revision: Revision): Item[] {
  const { live, leases, readRule, budget } = rooms;
  if (slot < 0) return [];
  const seen = { ...rooms.viewOf(caller), revision };
  if (!slotVisible(seen, slot)) return [];
  const { scopes } = caller;
  const sees = scopes && ((member: Scope) => scopes.some((operating) => seesScope(operating, member, readRule)));
  const view = solo.view(rooms.wholeOf(slot), sees);
  const real = policyOver(live.columns, leases.sight(scopes === undefined));
  const policy: Policy = {
    age: (_, facet) => real.age(slot, facet),
    fresh: (_, facet) => real.fresh(slot, facet),
    owner: (_, facet) => real.owner(slot, facet),
  };
  const value = compiled.evaluate(view, { variables, policy, budget: { ...budget, time: budget.inline * 5 } });
  return value.type === 'nodeset' ? Array.from(value.nodes as ArrayLike<NodeSet[number]>, (node) => itemOf(view, node)) : [];
}
