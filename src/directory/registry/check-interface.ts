/** Asks what a schema does to the resources that are there: before it is registered, and afterwards. */
import { Problem } from '../../model/index.js';
import type { Schema } from '../../xml/index.js';
import type { Caller, InterfaceCheck } from '../directory.js';
import { dependents, schemaSet } from '../interfaces.js';
import type { Rooms } from '../rooms.js';
import { candidateOf } from './candidate.js';
import { type CorpusReading, readCorpus } from './corpus.js';

/** Each has a reader of its own: more of them at once would leave the machine to nothing else. */
const AT_ONCE = 2;
const underWay = new WeakMap<object, number>();

export async function checkInterface(
  rooms: Rooms,
  caller: Caller,
  ns: string,
  body: Uint8Array,
  { limit, charset }: { readonly limit: number; readonly charset?: string },
  signal?: AbortSignal,
): Promise<InterfaceCheck> {
  const { facet } = candidateOf(ns, body, charset);
  const { schemas } = rooms;
  const before = schemas.schema(ns);
  const candidate: Schema = { ns, xsd: facet.schema, ...(facet.prefix === undefined ? {} : { prefix: facet.prefix }) };
  const next = before === undefined ? [...schemas.schemas, candidate] : schemas.schemas.map((one) => (one.ns === ns ? candidate : one));
  return await oneOfFew(rooms.registry, async () => {
    const prepared = await rooms.xml.prepare(next);
    try {
      const namespaces = dependents(schemaSet(next, prepared.report), ns);
      const changes = before === undefined ? [] : await prepared.compare(ns, schemas.schemas, next);
      const corpus = await readCorpus({ view: rooms.viewOf(caller), namespaces, read: prepared.readMany, limit, signal });
      const kind =
        before === undefined
          ? 'new'
          : before === facet.schema
            ? 'identical'
            : changes.every(({ compatible }) => compatible) && corpus.invalid === 0
              ? 'compatible'
              : 'incompatible';
      return { ns, kind, changes, corpus };
    } finally {
      prepared.discard();
    }
  });
}

/** Undefined: nothing is registered for the namespace. */
export function interfaceViolations(
  rooms: Rooms,
  caller: Caller,
  ns: string,
  limit: number,
  signal?: AbortSignal,
): Promise<CorpusReading> | undefined {
  const { schemas, xml } = rooms;
  if (schemas.schema(ns) === undefined) return undefined;
  const read: typeof xml.readMany = (pieces) => xml.readMany(pieces);
  return oneOfFew(rooms.registry, () => readCorpus({ view: rooms.viewOf(caller), namespaces: new Set([ns]), read, limit, signal }));
}

async function oneOfFew<T>(registry: object, work: () => Promise<T>): Promise<T> {
  const now = underWay.get(registry) ?? 0;
  if (now >= AT_ONCE) {
    throw new Problem('overloaded', { detail: 'other checks of interfaces are under way', hint: 'try again in a moment', retryAfter: 2 });
  }
  underWay.set(registry, now + 1);
  try {
    return await work();
  } finally {
    underWay.set(registry, (underWay.get(registry) ?? 1) - 1);
  }
}
