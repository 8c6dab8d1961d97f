/** The interfaces that resources register, and what follows for the schemas in force. */
import { ordinalOf } from '../../discovery/columns/index.js';
import type { Commit, InterfaceFacet, ResourceKey } from '../../model/index.js';
import type { Schema } from '../../xml/index.js';
import { interfaceIn } from './interface-facet.js';

export interface Entry {
  readonly key: ResourceKey;
  readonly facet: InterfaceFacet;
  /** place in publication order */
  readonly order: number;
}

/** Resource → the interface it registers. */
export type Entries = ReadonlyMap<ResourceKey, Entry>;

/** What comes last. */
export const NEW = Number.POSITIVE_INFINITY;

export function entryOf(key: ResourceKey, xml: Uint8Array, order: number): Entry | undefined {
  const facet = interfaceIn(xml);
  return facet && { key, facet, order };
}

/** The entries after a commit; the same map when it is not about interfaces. */
export function afterCommit(entries: Entries, commit: Pick<Commit, 'changes'>): Entries {
  let next: Map<ResourceKey, Entry> | undefined;
  for (const change of commit.changes) {
    const key = change.kind === 'put' ? change.resource.id : change.id;
    const entry =
      change.kind === 'put' ? entryOf(key, change.resource.xml, ordinalOf(change.resource.created, change.resource.createdSeq)) : undefined;
    if (entry === undefined && !entries.has(key)) continue;
    next ??= new Map(entries);
    if (entry === undefined) next.delete(key);
    else next.set(key, entry);
  }
  return next ?? entries;
}

/** Of several that register one namespace, the one published first counts. */
export function inForce(entries: Entries): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const entry of [...entries.values()].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))) {
    if (!found.has(entry.facet.namespace)) found.set(entry.facet.namespace, entry);
  }
  return found;
}

/** `shipped` stand first; a resource that registers the namespace of one takes its place. */
export function schemasOf(shipped: readonly Schema[], entries: Entries): readonly Schema[] {
  const registered = inForce(entries);
  const own = (entry: Entry): Schema[] => {
    const { namespace, prefix, schema, status } = entry.facet;
    return status === 'retired' ? [] : [{ ns: namespace, xsd: schema, ...(prefix === undefined ? {} : { prefix }) }];
  };
  const taken = new Set(shipped.map(({ ns }) => ns));
  return [
    ...shipped.flatMap((schema) => {
      const entry = registered.get(schema.ns as string);
      return entry === undefined ? [schema] : own(entry);
    }),
    ...[...registered.values()].filter(({ facet }) => !taken.has(facet.namespace)).flatMap(own),
  ];
}

export function sameSchemas(a: readonly Schema[], b: readonly Schema[]): boolean {
  return a.length === b.length && a.every((one, k) => one.ns === b[k].ns && one.xsd === b[k].xsd && one.prefix === b[k].prefix);
}
