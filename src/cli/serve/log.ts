/** What the rooms report, as log lines. */
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { DirectoryEvent } from '../../directory/index.js';
import type { HttpEvent } from '../../http/index.js';
import type { StoreEvent } from '../../store/index.js';
import type { AuditEvent } from './audit-file.js';

export interface LogOptions {
  readonly format: 'json' | 'pretty';
  readonly level: string;
  readonly accessLog: boolean;
  readonly colorize: boolean;
}

/** Writes to standard output, synchronously: what was logged is there even when the process is killed next. */
export function createLogger({ format, level, colorize }: LogOptions): Logger {
  const base = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  if (format === 'json')
    return pino({ ...base, formatters: { level: (label) => ({ level: label }) } }, pino.destination({ dest: 1, sync: true }));
  return pino(
    base,
    pretty({ colorize, destination: 1, sync: true, singleLine: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }),
  );
}

/** A line of the log: level, fields, words. Undefined: not worth one. */
type Entry = readonly [level: 'trace' | 'debug' | 'info' | 'warn' | 'error', fields: object, words: string] | undefined;

export function writeEntry(log: Logger, entry: Entry): void {
  if (entry !== undefined) log[entry[0]](entry[1], entry[2]);
}

export function entryOfHttp(event: HttpEvent, accessLog: boolean): Entry {
  switch (event.kind) {
    case 'request': {
      const { kind: _, audit: __, ...request } = event;
      const fields = { ...request, ms: rounded(event.ms) };
      // 503 and 507 have lines of their own, by whoever is the cause
      if (event.status === 500) return ['error', fields, 'request failed'];
      return accessLog ? ['info', fields, 'request'] : undefined;
    }
    case 'fault':
      return ['error', { id: event.id, err: event.error }, 'internal error'];
    case 'malformed':
      return ['debug', { status: event.status, remote: event.remote }, event.reason];
    case 'dropped':
      return ['warn', { remote: event.remote }, 'a connection over the limit was closed'];
    case 'listening':
      return ['debug', { host: event.host, port: event.port }, 'listening'];
    case 'audited':
      return undefined;
    case 'overloaded':
      return ['warn', { lagMs: rounded(event.lagMs), inFlight: event.inFlight }, 'overloaded: further requests are refused'];
    case 'recovered':
      return ['info', {}, 'no longer overloaded'];
    case 'access-loaded':
      return ['info', { file: event.file, principals: event.principals }, 'who may do what was read'];
    case 'access-warned':
      return ['warn', { file: event.file, reason: event.reason }, 'the file of who may do what should be mended'];
    case 'access-refused':
      return ['error', { file: event.file, reason: event.reason }, 'who may do what cannot be read; what was in force still holds'];
    case 'issuer-away':
      return ['warn', { issuer: event.issuer, reason: event.reason }, 'the keys of the token issuer cannot be fetched; known ones go on'];
    case 'issuer-back':
      return ['info', { issuer: event.issuer }, 'the keys of the token issuer were fetched'];
    case 'draining':
      return ['info', {}, 'draining: finishing what was accepted'];
    case 'closed':
      return event.cut > 0 ? ['warn', { cut: event.cut }, 'connections were cut'] : ['debug', {}, 'all connections ended'];
  }
}

export function entryOfDirectory(event: DirectoryEvent): Entry {
  const { kind, ...fields } = event;
  switch (event.kind) {
    case 'loading':
      return undefined;
    case 'ready':
      return ['info', { ...fields, ms: rounded(event.ms) }, 'ready'];
    case 'snapshot-refused':
      return ['warn', fields, 'the snapshot of the columns cannot be used; they are built from the store'];
    case 'interfaces-unusable':
      return ['error', { ns: event.ns, err: event.error }, 'a registered interface cannot be used: its facets are not checked'];
    case 'snapshot-failed':
      return ['warn', { err: event.error }, 'the snapshot of the columns could not be written'];
    default:
      return ['debug', fields, kind];
  }
}

export function entryOfStore(event: StoreEvent): Entry {
  switch (event.kind) {
    case 'opened':
      return ['info', { file: event.file, revision: event.revision }, 'store opened'];
    case 'unavailable':
      return ['error', { code: event.problem.code, detail: event.problem.detail }, 'the store cannot be written; reads go on'];
    case 'available':
      return ['info', {}, 'the store can be written again'];
    case 'listener-failed':
      return ['error', { revision: event.revision, err: event.error }, 'a reader of commits failed'];
    case 'group':
      return ['trace', { writes: event.writes, ms: rounded(event.ms) }, 'group committed'];
    case 'basex': {
      const { kind: _, since: __, ...fields } = event;
      return [event.phase === 'away' ? 'error' : 'info', fields, `BaseX is ${event.phase}`];
    }
    case 'basex-rebuild':
      return [event.done === event.total ? 'info' : 'debug', { done: event.done, total: event.total }, 'BaseX is filled from the journal'];
    case 'basex-foreign': {
      const { kind: _, ...fields } = event;
      return [event.outcome === 'quarantined' ? 'error' : 'warn', fields, 'a document was changed in BaseX by other tools'];
    }
    case 'closed':
      return ['info', {}, 'store closed'];
  }
}

export function entryOfAudit(event: AuditEvent): Entry {
  if (event.kind === 'recovered') return ['info', {}, 'the audit log is written again'];
  return ['error', { reason: event.reason, lost: event.lost }, 'the audit log cannot be written'];
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
