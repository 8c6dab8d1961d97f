/** Calls about the registry of interfaces. */
import type { InterfaceSummary } from './answers.js';
import type { Client } from './client.js';
import { bodyOf } from './documents.js';
import { accepting } from './errors.js';
import type { RequestOptions, Transport } from './transport.js';
import { asked, headersOf, writing } from './writing.js';

type Calls = Pick<
  Client,
  'interfaces' | 'schema' | 'interface' | 'putInterface' | 'removeInterface' | 'checkInterface' | 'interfaceViolations'
>;

export function interfaceCalls(request: Transport, json: <T>(path: string, asked?: RequestOptions) => Promise<T>): Calls {
  const pathOf = (ns: string) => `/interfaces/${encodeURIComponent(ns)}`;
  const limited = (path: string, limit: number | undefined) => (limit === undefined ? path : `${path}?limit=${limit}`);

  /** Undefined where there is nothing. */
  async function found(ns: string, type: string, signal: AbortSignal | undefined): Promise<Response | undefined> {
    const response = await request(pathOf(ns), { headers: { Accept: accepting(type) }, signal, accept: [404] });
    if (response.status !== 404) return response;
    await response.body?.cancel();
    return undefined;
  }

  return {
    interfaces: async ({ signal } = {}) =>
      (await json<{ readonly interfaces: readonly InterfaceSummary[] }>('/interfaces', { signal })).interfaces,
    schema: async (ns, { signal } = {}) => (await found(ns, 'application/xml', signal))?.text(),
    interface: async (ns, { signal } = {}) => (await found(ns, 'application/json', signal))?.json(),
    putInterface(ns, document, { scope, ...write } = {}) {
      const flags = asked(write);
      const where = scope === undefined ? '' : `${flags === '' ? '?' : '&'}scope=${encodeURIComponent(scope)}`;
      return json(pathOf(ns) + flags + where, writing('PUT', document, write));
    },
    async removeInterface(ns, write = {}) {
      const headers = { Accept: 'application/json', ...headersOf(write) };
      const response = await request(pathOf(ns) + asked(write), { method: 'DELETE', headers, signal: write.signal, accept: [404] });
      await response.body?.cancel();
      return response.status !== 404;
    },
    checkInterface: (ns, document, { limit, signal } = {}) =>
      json(limited(`${pathOf(ns)}/check`, limit), {
        method: 'POST',
        harmless: true,
        headers: { 'Content-Type': 'application/xml' },
        body: bodyOf(document),
        signal,
      }),
    interfaceViolations: (ns, { limit, signal } = {}) => json(limited(`${pathOf(ns)}/violations`, limit), { signal }),
  };
}
