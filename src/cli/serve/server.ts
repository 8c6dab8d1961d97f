/** The whole directory in one process: store, readers of XML, columns, HTTP. This is where the rooms are wired. */
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Directory, type DirectoryEvent, openDirectory } from '../../directory/index.js';
import { createServer, type HttpServer } from '../../http/index.js';
import { openStore } from '../../store/index.js';
import { createXmlPool } from '../../xml/index.js';
import type { Settings } from '../config/settings.js';
import { readFacetFolder } from '../facet-folder.js';
import { packageVersion } from '../version.js';
import { splitAddress } from './listen.js';
import { entryOfDirectory, entryOfHttp, entryOfStore, writeEntry } from './log.js';

export interface RunningServer {
  readonly url: string;
  readonly directory: Directory;
  /** settles when it can be asked, or with why it cannot */
  readonly ready: Promise<void>;
  /** Finishes what was accepted; resolves when all is closed. */
  close(): Promise<void>;
}

/** Listens as soon as the store is open, so that /readyz can tell how far the columns have come. */
export async function startServer(settings: Settings, log: Logger, onLoading: (event: DirectoryEvent) => void): Promise<RunningServer> {
  const { schemas } = readFacetFolder(settings.facets);
  const limits = documentLimits(settings);
  const opening = openStore(settings.store, { observe: (event) => writeEntry(log, entryOfStore(event)) });
  // both start at once; whichever fails first is told of
  opening.catch(() => undefined);
  const xml = await createXmlPool({ limits, schemas }).catch(async (error) => {
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
    snapshots: snapshotFolder(settings.store),
    budget: { time: settings['query-timeout'] },
    onEvent(event) {
      writeEntry(log, entryOfDirectory(event));
      onLoading(event);
    },
  });
  // whoever waits for it hears of it; nobody may
  ready.catch(() => undefined);
  const http: HttpServer = createServer(directory, {
    version: packageVersion(),
    onEvent: (event) => writeEntry(log, entryOfHttp(event, settings['access-log'])),
    limits: {
      documentBytes: settings['max-bytes'],
      bulkBytes: settings['max-bulk-bytes'],
      connections: settings['max-connections'],
    },
    times: { query: settings['query-timeout'], grace: settings.grace * 1000 },
  });
  try {
    const { url } = await http.listen({ ...splitAddress(settings.listen), exposed: settings['insecure-open'] });
    return {
      url,
      directory,
      ready,
      async close() {
        await http.close();
        await directory.close();
      },
    };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

export function documentLimits(settings: Settings) {
  return { bytes: settings['max-bytes'], depth: settings['max-depth'], elements: settings['max-elements'] };
}

/** Beside the data, where there is a folder. */
function snapshotFolder(store: string): string | undefined {
  const folder = /^embedded:(?:\/\/(?=\/))?(.+)$/is.exec(store)?.[1];
  return folder === undefined ? undefined : resolve(folder);
}
