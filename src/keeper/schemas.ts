/** The schemas that the directory checks facets against: what it would refuse is noticed here, by the delegate that gave it. */
import type { Client } from '../client/index.js';
import type { XmlReader } from '../xml/index.js';

/**
 * Fetches what is in force, and has the reader use it. Without an answer nothing changes: the directory has the last word anyway.
 * Returns why it could not be done.
 */
export async function refreshSchemas(client: Client, reader: XmlReader, before: Map<string, string>): Promise<string | undefined> {
  try {
    const inForce = (await client.interfaces()).filter((one) => one.inForce);
    const fetched = await Promise.all(inForce.map(async ({ ns }) => ({ ns, xsd: await client.schema(ns) })));
    const schemas = fetched.flatMap(({ ns, xsd }) => (xsd === undefined ? [] : [{ ns, xsd }]));
    if (schemas.length === before.size && schemas.every(({ ns, xsd }) => before.get(ns) === xsd)) return undefined;
    await reader.setSchemas(schemas);
    before.clear();
    for (const { ns, xsd } of schemas) before.set(ns, xsd);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
