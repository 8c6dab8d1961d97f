/** The whole directory in one process: store, readers of XML, columns, HTTP. This is where the rooms are wired. */
import type { Logger } from 'pino';
import { type Directory, type DirectoryEvent, openDirectory } from '../../directory/index.js';
import { createServer, type HttpServer } from '../../http/index.js';
import { openStore } from '../../store/index.js';
import { createXmlPool } from '../../xml/index.js';
import type { Settings } from '../config/settings.js';
import { documentLimits } from '../document-limits.js';
import { facetFolderOf, readFacetFolder } from '../facet-folder.js';
import { folderOf, storeUrl } from '../store-folder.js';
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
export async function startServer(
  settings: Settings,
  cwd: string,
  log: Logger,
  onLoading: (event: DirectoryEvent) => void,
): Promise<RunningServer> {
  const { schemas } = readFacetFolder(facetFolderOf({ settings, terminal: { cwd } }));
  const limits = documentLimits(settings);
  const opening = openStore(storeUrl(settings.store, cwd), { observe: (event) => writeEntry(log, entryOfStore(event)) });
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
    // beside the data, where there is a folder
    snapshots: settings.store.startsWith('embedded:') ? folderOf(settings.store, cwd) : undefined,
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
    // on loopback in open mode, a page in somebody's browser must not get in by a name of its own (DNS rebinding)
    ...(settings['insecure-open'] ? {} : { hosts: ['localhost', '::1', splitAddress(settings.listen).host] }),
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
