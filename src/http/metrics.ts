/** Metrics: rate, errors and duration by route template, what is in flight, how late the event loop runs. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import type { HttpContext } from './context.js';
import type { HttpEvent } from './events.js';
import { type Route, route } from './route.js';
import { sendWhole } from './write-answer.js';

export interface Metrics {
  readonly registry: Registry;
  observe(event: HttpEvent): void;
  readonly route: Route;
  close(): void;
}

/** `context` is asked when somebody scrapes. */
export function createMetrics(context: () => HttpContext): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const duration = new Histogram({
    name: 'facetry_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const broken = new Counter({
    name: 'facetry_http_aborted_total',
    help: 'Answers whose connection ended before they did',
    labelNames: ['route'],
    registers,
  });
  const malformed = new Counter({
    name: 'facetry_http_malformed_total',
    help: 'What was no HTTP request',
    labelNames: ['status'],
    registers,
  });
  const dropped = new Counter({ name: 'facetry_http_dropped_connections_total', help: 'Connections over the limit', registers });
  const faults = new Counter({ name: 'facetry_http_faults_total', help: 'Internal errors', registers });
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('facetry_http_in_flight', 'Requests that have no answer yet', () => context().inFlight.size);
  gauge('facetry_http_intake_bytes', 'Bytes of bodies held', () => context().intake.held);
  gauge('facetry_directory_revision', 'Last revision of the directory', () => context().directory.state.revision);
  gauge('facetry_directory_ready', '1 when ready', () => (context().directory.state.phase === 'ready' ? 1 : 0));
  const watching = () => context().directory.watching;
  gauge('facetry_watch_watchers', 'Readers of GET /watch', () => watching().watchers);
  gauge('facetry_watch_questions', 'Different questions among them that are answered resource by resource', () => watching().questions);
  gauge('facetry_watch_buffered_bytes', 'Events that wait for their readers', () => watching().buffered);
  gauge('facetry_watch_cut_total', 'Readers that were cut off because they did not keep up', () => watching().cut);
  gauge('facetry_watch_commits_behind', 'Commits that watchers have not been told of yet', () => watching().behind);
  gauge('facetry_event_loop_lag_p99_seconds', 'Delay of the event loop since the last scrape, 99th percentile', () => {
    const p99 = lag.percentile(99) / 1e9;
    lag.reset();
    return p99;
  });
  gauge('facetry_process_resident_bytes', 'Resident memory', () => process.memoryUsage.rss());

  return {
    registry,
    observe(event) {
      if (event.kind === 'request') {
        // Only templates and known methods become labels: a label that callers can invent fills the memory.
        const label = event.route ?? '(none)';
        duration.observe(
          { method: METHODS.has(event.method) ? event.method : 'other', route: label, status: event.status },
          event.ms / 1000,
        );
        if (event.aborted) broken.inc({ route: label });
      } else if (event.kind === 'malformed') malformed.inc({ status: event.status });
      else if (event.kind === 'dropped') dropped.inc();
      else if (event.kind === 'fault') faults.inc();
    },
    route: route({
      id: 'metrics',
      method: 'get',
      path: '/metrics',
      tag: 'service',
      summary: 'Metrics for Prometheus',
      always: true,
      operators: 'only',
      query: z.strictObject({}),
      produces: ['text/plain'],
      answers: { 200: { description: 'Prometheus text format', content: { 'text/plain': '# HELP …' } } },
      problems: [],
      async handle({ response }) {
        sendWhole(response, registry.contentType, await registry.metrics());
      },
    }),
    close: () => lag.disable(),
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);
