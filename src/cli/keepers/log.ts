/** What keepers report, as log lines. */
import type { Logger } from 'pino';
import type { KeeperEvent } from '../../keeper/index.js';

/** A delegate that fails is told when it begins to, and when it has recovered; every run only at level debug. */
export function logEvents(log: Logger): (event: KeeperEvent) => void {
  const failing = new Map<string, string>();
  return (event) => {
    switch (event.kind) {
      case 'composed':
        log.info({ delegates: event.delegates, resources: event.resources }, 'composed');
        return;
      case 'delegate-refused':
        log.warn({ path: event.delegate.path, why: event.delegate.why }, 'a delegate is refused');
        return;
      case 'refused': {
        const { resource, delegate, why, place } = event.refusal;
        log.warn({ resource, delegate, why, file: `${place.file}:${place.line}` }, 'left out');
        return;
      }
      case 'ran':
        logRun(log, event, failing);
        return;
      case 'listed': {
        const { kind: _, error, ...fields } = event;
        if (error === undefined) log.info(fields, 'rows were listed');
        else log.warn({ ...fields, why: error }, 'rows could not be listed; those of before go on');
        return;
      }
      case 'diagnostics':
        log.info({ delegate: event.delegate, text: event.text.trimEnd() }, 'a delegate says');
        return;
      case 'published':
        log.info({ resource: event.resource, written: event.written.map(({ what, facet }) => facet ?? what) }, 'published');
        return;
      case 'withdrawn':
        log.info({ resource: event.resource }, 'withdrawn');
        return;
      case 'publish-refused':
        log.warn({ resource: event.resource, why: event.why, retryMs: Math.round(event.retryMs) }, 'the directory refuses');
        return;
      case 'renewed':
        log.debug({ resources: event.resources, facets: event.facets, lost: event.lost }, 'renewed');
        return;
      case 'away':
        log.warn({ why: event.why, retryMs: Math.round(event.retryMs) }, 'the directory is away');
        return;
      case 'back':
        log.info({}, 'the directory is back');
        return;
      case 'clock-jumped':
        log.warn({ ms: Math.round(event.ms) }, 'the clock was set');
        return;
      case 'spool-failed':
        log.warn({ why: event.why }, 'the state folder cannot be used as it is');
        return;
    }
  };
}

function logRun(log: Logger, event: Extract<KeeperEvent, { kind: 'ran' }>, failing: Map<string, string>): void {
  const { resource, delegate, status, ms, error } = event;
  const key = `${resource}\n${delegate}`;
  const before = failing.get(key);
  if (status === 'ok') {
    failing.delete(key);
    log[before === undefined ? 'debug' : 'info']({ resource, delegate, ms }, before === undefined ? 'ran' : 'runs again');
  } else {
    failing.set(key, status);
    log[before === status ? 'debug' : 'warn']({ resource, delegate, status, ms, why: error }, 'failed');
  }
}
