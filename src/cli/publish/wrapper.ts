import { type BulkOptions, type BulkResult, bulkAddress, type Client } from '../../client/index.js';

/** Sends a `<resources>` body as it stands; places in the refusals are places in it. */
export async function* sendWrapper(client: Client, body: Buffer, options: BulkOptions): AsyncGenerator<BulkResult> {
  const { path, headers } = bulkAddress(options);
  const response = await client.request(path, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/xml' },
    body: new Uint8Array(body),
    signal: options.signal,
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
