/** The registry as one caller sees it. */

import { slotVisible } from '../../discovery/columns/index.js';
import type { InterfaceFacet, ResourceId } from '../../model/index.js';
import { publicId, twinNumber } from '../../model/index.js';
import { metaOf, slotsOf } from '../current.js';
import type { Caller, InterfaceDescription, InterfaceSummary } from '../directory.js';
import { etagOf } from '../etag.js';
import type { Rooms } from '../rooms.js';
import { carriers } from './carriers.js';
import type { Entry } from './entries.js';

export function describeInterfaces(rooms: Rooms, caller: Caller): readonly InterfaceSummary[] {
  return summaries(rooms, caller).map(({ summary }) => summary);
}

export function describeInterface(rooms: Rooms, caller: Caller, ns: string): InterfaceDescription | undefined {
  const { schemas } = rooms;
  const found = summaries(rooms, caller).find(({ summary }) => summary.ns === ns);
  if (found === undefined) return undefined;
  const { summary, facet } = found;
  const schema = schemas.schema(ns) ?? facet?.schema ?? '';
  return {
    ...summary,
    schema,
    etag: etagOf(schema),
    ...(facet === undefined ? {} : { facet }),
    imports: schemas.imports(ns),
    importedBy: schemas.summaries.filter((other) => other.ns !== ns && schemas.imports(other.ns).includes(ns)).map((other) => other.ns),
    resources: carriers(rooms.viewOf(caller), new Set([ns])).length,
  };
}

interface Described {
  readonly summary: InterfaceSummary;
  readonly facet?: InterfaceFacet;
}

/** What is in force; and what is visible and not, because it is retired or cannot be used. */
function summaries(rooms: Rooms, caller: Caller): readonly Described[] {
  const { registry, schemas } = rooms;
  const { registered } = registry;
  const inForce = schemas.summaries.map(({ ns, prefix, elements, documentation }): Described => {
    const entry = registered.get(ns);
    const common = { ns, prefix, elements, ...(documentation === undefined ? {} : { documentation }) };
    if (entry === undefined) return { summary: { ...common, origin: 'shipped', inForce: true } };
    return described(rooms, caller, entry, { ...common, origin: 'registered', inForce: true });
  });
  const known = new Set(schemas.summaries.map(({ ns }) => ns));
  const retired = [...registered.values()].flatMap((entry) => {
    if (known.has(entry.facet.namespace)) return [];
    const summary = { ns: entry.facet.namespace, prefix: '', elements: [], origin: 'registered', inForce: false } as const;
    const one = described(rooms, caller, entry, summary);
    return one.facet === undefined ? [] : [one];
  });
  return [...inForce, ...retired];
}

function described(rooms: Rooms, caller: Caller, entry: Entry, summary: InterfaceSummary): Described {
  const resource = seen(rooms, caller, entry);
  if (resource === undefined) return { summary };
  const { kind, status, version, documentation } = entry.facet;
  return {
    summary: { ...summary, ...(documentation === undefined ? {} : { documentation }), kind, status, version, resource },
    facet: entry.facet,
  };
}

/** The id of the resource, if the caller sees it. */
export function seen({ viewOf }: Pick<Rooms, 'viewOf'>, caller: Caller, { key }: Entry): ResourceId | undefined {
  const view = viewOf(caller);
  const id = publicId(key);
  for (const slot of slotsOf(view, id)) {
    if ((metaOf(view.columns, slot).twin ?? 0) === twinNumber(key)) return slotVisible(view, slot) ? id : undefined;
  }
  return undefined;
}
