import type { BulkResult, Client } from '../../client/index.js';

/** Sends a `<resources>` body as it stands; places in the refusals are places in it. */
export async function* sendWrapper(
  client: Client,
  body: Buffer,
  options: { readonly atomic: boolean; readonly upsert: boolean; readonly dryRun: boolean; readonly signal: AbortSignal },
): AsyncGenerator<BulkResult> {
  const { atomic, upsert, dryRun, signal } = options;
  const query = new URLSearchParams({ atomic: String(atomic), upsert: String(upsert), dryRun: String(dryRun) });
  const response = await client.request(`/resources?${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/xml', Accept: 'application/json' },
    body: new Uint8Array(body),
    signal,
    timeout: 600_000,
  });
  const answer = (await response.json()) as {
    readonly results: readonly (BulkResult & { readonly code?: string })[];
    readonly problem?: { readonly detail?: string; readonly title: string };
  };
  for (const result of answer.results)
    yield {
      ...result,
      ok: result.code === undefined,
      ...(result.code === undefined ? {} : { violations: (result as { violations?: [] }).violations ?? [] }),
    } as BulkResult;
  if (answer.problem !== undefined) throw new Error(answer.problem.detail ?? answer.problem.title);
}
