/** The whole directory in one process: store, readers of XML, columns, HTTP. This is where the rooms are wired. */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Directory, type DirectoryEvent, openDirectory } from '../../directory/index.js';
import { auditLine, createServer, type HttpEvent, type HttpOptions, type HttpServer, type Route } from '../../http/index.js';
import { createXmlPool } from '../../xml/index.js';
import type { Settings } from '../config/settings.js';
import { documentLimits } from '../document-limits.js';
import { facetFolderOf, readFacetFolder, withRegistry } from '../facet-folder.js';
import type { Terminal } from '../terminal.js';
import { packageVersion } from '../version.js';
import { accessOf } from './access.js';
import { openAuditFile } from './audit-file.js';
import { cursorKey } from './cursor-key.js';
import { isBeyondLoopback, splitAddress } from './listen.js';
import { entryOfAudit, entryOfDirectory, entryOfHttp, entryOfStore, writeEntry } from './log.js';
import { describeSelf } from './self-description.js';
import { openData } from './store.js';

export interface RunningServer {
  readonly url: string;
  readonly directory: Directory;
  /** settles when it can be asked, or with why it cannot */
  readonly ready: Promise<void>;
  /** Publishes what this server is, if it is set to, and keeps that fresh. */
  announce(): Promise<void>;
  /** Finishes what was accepted; resolves when all is closed. */
  close(): Promise<void>;
}

/** Listens as soon as the store is open, so that /readyz can tell how far the columns have come. */
export async function startServer(
  settings: Settings,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
  log: Logger,
  onLoading: (event: DirectoryEvent) => void,
  more: readonly Route[] = [],
): Promise<RunningServer> {
  const schemas = withRegistry(readFacetFolder(facetFolderOf({ settings, terminal: { cwd } })).schemas);
  const limits = documentLimits(settings);
  // What is wrong with the files of rights and accounts is said before anything is opened.
  const audit =
    settings.audit === undefined ? undefined : openAuditFile(resolve(cwd, settings.audit), (event) => writeEntry(log, entryOfAudit(event)));
  const onHttp = (event: HttpEvent) => {
    writeEntry(log, entryOfHttp(event, settings['access-log']));
    const line = audit === undefined ? undefined : auditLine(event, new Date());
    if (line !== undefined) audit?.add(line);
  };
  const access = accessOf(settings.auth, cwd, onHttp);
  if (access !== undefined && isBeyondLoopback(settings.listen))
    log.warn({ listen: settings.listen }, 'tokens cross the network: put a proxy with TLS in front');
  const reading = createXmlPool({ limits, schemas });
  const data = openData(settings, { cwd, env }, (event) => writeEntry(log, entryOfStore(event)), reading);
  const { opening, folder } = data;
  // both start at once; whichever fails first is told of
  opening.catch(() => undefined);
  const xml = await reading.catch(async (error) => {
    await opening.then((store) => store.close()).catch(() => undefined);
    throw error;
  });
  const store = await opening.catch(async (error) => {
    await xml.close();
    throw error;
  });
  const { directory, ready } = openDirectory({
    store,
    xml,
    schemas,
    ...(folder === undefined ? {} : { snapshots: folder, cursorKey: cursorKey(folder) }),
    lease: { grace: settings['lease-grace'], ...(folder === undefined ? {} : { folder }) },
    budget: { time: settings['query-timeout'] },
    readRule: settings['read-rule'],
    onEvent(event) {
      writeEntry(log, entryOfDirectory(event));
      onLoading(event);
    },
  });
  // whoever waits for it hears of it; nobody may
  ready.catch(() => undefined);
  const http: HttpServer = createServer(directory, {
    version: packageVersion(),
    routes: more,
    onEvent: onHttp,
    ...(access === undefined ? {} : { authenticate: access.authenticate }),
    checks: () => [...data.checks(), ...(access?.checks() ?? []), ...(audit === undefined ? [] : [audit.check()])],
    ...guardsOf(settings),
    limits: {
      documentBytes: settings['max-bytes'],
      bulkBytes: settings['max-bulk-bytes'],
      connections: settings['max-connections'],
    },
    // on loopback in open mode, a page in somebody's browser must not get in by a name of its own (DNS rebinding)
    ...(settings['insecure-open'] || access !== undefined ? {} : { hosts: ['localhost', '::1', splitAddress(settings.listen).host] }),
    times: { query: settings['query-timeout'], grace: settings.grace * 1000 },
  });
  // As daemons do: files that were replaced are read, and those that were moved are written, under their names again.
  const hangup = () => {
    log.info({}, 'SIGHUP: files are read and opened again');
    access?.reload();
    audit?.reopen();
  };
  process.on('SIGHUP', hangup);
  try {
    const { url } = await http.listen({ ...splitAddress(settings.listen), exposed: settings['insecure-open'] || access !== undefined });
    const ended = new AbortController();
    return {
      url,
      directory,
      ready,
      async announce() {
        const scope = settings['self-scope'];
        if (scope === undefined) return;
        const onFailure = (error: unknown) => log.warn({ err: error }, 'the directory could not publish what it is');
        await describeSelf(directory, { scope, url, version: packageVersion(), onFailure, signal: ended.signal });
      },
      async close() {
        process.off('SIGHUP', hangup);
        ended.abort();
        access?.close();
        await http.close();
        await directory.close();
        await audit?.close();
      },
    };
  } catch (error) {
    process.off('SIGHUP', hangup);
    access?.close();
    await directory.close();
    await audit?.close();
    throw error;
  }
}

/** Zero means: no bound. */
function guardsOf(settings: Settings): Pick<HttpOptions, 'load' | 'rateLimit' | 'failures'> {
  const { 'max-in-flight': maxInFlight, 'max-lag': maxLagMs, 'max-auth-failures': failures } = settings;
  const { 'max-concurrent': maxConcurrent, 'max-watches': maxWatches } = settings;
  return {
    load: {
      ...(maxInFlight === 0 ? {} : { maxInFlight }),
      ...(maxLagMs === 0 ? {} : { maxLagMs }),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      ...(maxWatches === undefined ? {} : { maxWatches }),
    },
    ...(settings['rate-limit'] === undefined ? {} : { rateLimit: settings['rate-limit'] }),
    ...(failures === 0 ? {} : { failures: { windowMs: 60_000, failures } }),
  };
}
