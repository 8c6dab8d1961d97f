/** Figures of keepers, for Prometheus. */
import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { KeeperEvent } from '../../keeper/index.js';
import { UsageError } from '../exit-code.js';
import { splitAddress } from '../serve/listen.js';

export interface KeeperMetrics {
  note(keeper: string, event: KeeperEvent): void;
  /** Serves GET /metrics until it is closed; resolves to where. */
  listen(address: string): Promise<{ readonly url: string; close(): Promise<void> }>;
}

export function keeperMetrics(): KeeperMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const runs = new Counter({
    name: 'facetry_keeper_runs_total',
    help: 'Runs of delegates by how they ended',
    labelNames: ['keeper', 'delegate', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'facetry_keeper_run_seconds',
    help: 'How long runs of delegates take, their waiting included',
    labelNames: ['keeper', 'delegate'],
    buckets: [0.001, 0.01, 0.1, 1, 10, 60],
    registers,
  });
  const last = new Gauge({
    name: 'facetry_keeper_last_success_timestamp_seconds',
    help: 'When a delegate last gave its facets',
    labelNames: ['keeper', 'delegate'],
    registers,
  });
  const resources = new Gauge({ name: 'facetry_keeper_resources', help: 'Resources that are kept', labelNames: ['keeper'], registers });
  const delegates = new Gauge({ name: 'facetry_keeper_delegates', help: 'Delegates that were found', labelNames: ['keeper'], registers });
  const writes = new Counter({
    name: 'facetry_keeper_writes_total',
    help: 'Writes to the directory, by what was written',
    labelNames: ['keeper', 'what'],
    registers,
  });
  const renewals = new Counter({
    name: 'facetry_keeper_renewals_total',
    help: 'Leases that were renewed',
    labelNames: ['keeper'],
    registers,
  });
  const refused = new Counter({
    name: 'facetry_keeper_refused_total',
    help: 'Publications that the directory refused',
    labelNames: ['keeper'],
    registers,
  });
  const up = new Gauge({
    name: 'facetry_keeper_directory_up',
    help: '1 when the directory answered the last time, otherwise 0',
    labelNames: ['keeper'],
    registers,
  });

  return {
    note(keeper, event) {
      switch (event.kind) {
        case 'ran':
          runs.inc({ keeper, delegate: event.delegate, status: event.status });
          seconds.observe({ keeper, delegate: event.delegate }, event.ms / 1000);
          if (event.status === 'ok') last.set({ keeper, delegate: event.delegate }, event.at / 1000);
          return;
        case 'composed':
          resources.set({ keeper }, event.resources);
          delegates.set({ keeper }, event.delegates.length);
          return;
        case 'published':
          up.set({ keeper }, 1);
          for (const { what } of event.written) writes.inc({ keeper, what });
          return;
        case 'renewed':
          up.set({ keeper }, 1);
          renewals.inc({ keeper }, event.facets);
          return;
        case 'withdrawn':
          writes.inc({ keeper, what: 'removed' });
          return;
        case 'publish-refused':
          refused.inc({ keeper });
          return;
        case 'away':
          up.set({ keeper }, 0);
          return;
        case 'back':
          up.set({ keeper }, 1);
          return;
        default:
          return;
      }
    },
    async listen(address) {
      const { host, port } = splitAddress(address);
      const server = createServer((request, response) => {
        if (request.url?.split('?')[0] !== '/metrics') {
          response.writeHead(404, { 'Content-Type': 'text/plain' }).end('there is /metrics\n');
          return;
        }
        registry.metrics().then(
          (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
          (error: Error) => response.writeHead(500, { 'Content-Type': 'text/plain' }).end(`${error.message}\n`),
        );
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error) => reject(new UsageError(`--metrics ${address}: ${error.message}`)));
        server.listen(port, host, resolve);
      });
      const bound = server.address() as { readonly port: number };
      return {
        url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}/metrics`,
        close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
      };
    },
  };
}
