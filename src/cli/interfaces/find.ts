import type { Client, InterfaceSummary } from '../../client/index.js';
import { Problem } from '../../model/index.js';

/** The interface of a prefix or namespace. */
export async function findInterface(client: Client, wanted: string, signal: AbortSignal | undefined): Promise<InterfaceSummary> {
  const all = await client.interfaces({ signal });
  const found = all.find(({ ns }) => ns === wanted) ?? all.find(({ prefix }) => prefix === wanted);
  if (found !== undefined) return found;
  throw new Problem('not-found', {
    detail: `there is no interface "${wanted}"`,
    hint: `there are: ${all.map(({ prefix }) => prefix).join(', ') || 'none'}`,
  });
}
