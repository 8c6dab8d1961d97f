import type { Session } from '../session.js';
import { findInterface } from './find.js';
import { generateTypes, type TypedSchema } from './generate-types.js';

/** TypeScript for the interfaces of these names, or for all. */
export async function typesOf({ client, terminal }: Session, names: readonly string[]): Promise<string> {
  const signal = terminal.interrupted;
  const all = await client.interfaces({ signal });
  const wanted = names.length === 0 ? all : await Promise.all(names.map((name) => findInterface(client, name, signal)));
  const schemas = new Map<string, TypedSchema>();
  const open = wanted.map(({ ns }) => ns);
  for (const ns of open) {
    if (schemas.has(ns)) continue;
    const found = await client.interface(ns, { signal });
    if (found === undefined) continue;
    schemas.set(ns, { ns, prefix: found.prefix, xsd: found.schema });
    // types may be those of other interfaces
    open.push(...found.imports);
  }
  return generateTypes(
    [...schemas.values()],
    wanted.map(({ ns }) => ns),
  );
}
