/** The schemas that the directory checks facets against: what it would refuse is noticed here, by the delegate that gave it. */
import type { Client } from '../client/index.js';
import type { XmlReader } from '../xml/index.js';

/**
 * Fetches what is in force, and has the reader use it; `before` is kept as what it uses. Without an answer nothing changes: the
 * directory has the last word anyway. True when facets are now judged otherwise than before.
 */
export async function refreshSchemas(client: Client, reader: XmlReader, before: Map<string, string>): Promise<boolean> {
  try {
    const inForce = (await client.interfaces()).filter((one) => one.inForce);
    const fetched = await Promise.all(inForce.map(async ({ ns }) => ({ ns, xsd: await client.schema(ns) })));
    const schemas = fetched.flatMap(({ ns, xsd }) => (xsd === undefined ? [] : [{ ns, xsd }]));
    if (schemas.length === before.size && schemas.every(({ ns, xsd }) => before.get(ns) === xsd)) return false;
    await reader.setSchemas(schemas);
    before.clear();
    for (const { ns, xsd } of schemas) before.set(ns, xsd);
    return true;
  } catch {
    return false;
  }
}
