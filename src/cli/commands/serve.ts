/** `facetry serve`: the directory itself, until it is told to stop. */
import type { Logger } from 'pino';
import { type Client, connect } from '../../client/index.js';
import type { DirectoryEvent } from '../../directory/index.js';
import { keepClusters } from '../clusters/keep.js';
import { vaultOf } from '../clusters/vault-folder.js';
import type { CommandSpec } from '../command.js';
import { credentials } from '../credentials.js';
import { UsageError } from '../exit-code.js';
import { facetFolderOf } from '../facet-folder.js';
import { progressBar } from '../output/progress.js';
import { clusterRoutes } from '../serve/clusters/index.js';
import { refuseExposure } from '../serve/listen.js';
import { createLogger } from '../serve/log.js';
import { publishSamples } from '../serve/samples.js';
import { startServer } from '../serve/server.js';
import { untilStopped } from '../serve/signals.js';
import type { Session } from '../session.js';

export const serve: CommandSpec = {
  name: 'serve',
  summary: 'Run the directory',
  description:
    'SIGTERM or Ctrl-C: it takes no more requests, finishes what it accepted and ends; a second signal ends it at once.\nUntil the data is loaded it answers 503, and /readyz tells how far it has come.',
  options: [['--samples', 'publish the sample resources of the facet interfaces if the directory is empty']],
  examples: [
    ['facetry serve', 'on http://127.0.0.1:8080, data in ./data'],
    ['facetry serve --data /var/lib/facetry --listen 127.0.0.1:9000', 'elsewhere'],
    ['facetry serve --auth tokens:tokens.yaml --listen 0.0.0.0:8080', 'for others, who need a token (facetry token new)'],
    ['facetry serve --facets ./my-facets --log-format json', 'with interfaces of your own, logs for machines'],
  ],
  async run(session, _args, options) {
    const { terminal, settings, colors } = session;
    refuseExposure(settings.listen, settings['insecure-open'] || settings.auth !== 'open');
    const format = settings['log-format'] ?? (terminal.stdout.isTTY === true ? 'pretty' : 'json');
    const log = createLogger({
      format,
      level: settings['log-level'],
      accessLog: settings['access-log'],
      colorize: colors.out.isColorSupported,
    });
    const { stopped, release } = untilStopped(log);
    try {
      await serveUntil(stopped, session, log, { format, samples: options.samples === true });
    } finally {
      release();
    }
  },
};

async function serveUntil(
  stopped: Promise<unknown>,
  session: Session,
  log: Logger,
  { format, samples }: { readonly format: 'json' | 'pretty'; readonly samples: boolean },
): Promise<void> {
  const { terminal, settings, configuration } = session;
  // what is wrong with the vault is said before anything is opened
  const vault = settings.clusters ? vaultOf(session, true) : undefined;
  const bar = progressBar(terminal, 'loading', { quiet: settings.quiet, unit: 'resources' });
  let client: Client | undefined;
  const doors =
    vault &&
    clusterRoutes({
      client: () => client as Client,
      vault: () => vault,
      quota: settings.quota,
      // whoever may do everything on this machine may also reach everything on it
      ...(settings.auth === 'open' ? {} : { plainSites: settings['plain-sites'] ?? [] }),
    });
  const onLoading = (event: DirectoryEvent) => {
    if (event.kind === 'loading' && event.total > 0) bar.update(event.done, event.total);
    if (event.kind === 'ready') bar.stop();
  };
  const server = await startServer(settings, terminal, log, onLoading, doors).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    const hint = 'stop that process, or choose another address with --listen HOST:PORT';
    throw new UsageError(`${settings.listen} is in use by another process`, hint);
  });
  const ended = new AbortController();
  let keeping: Promise<void> | undefined;
  client = connect(server.url, credentials(configuration, terminal));
  try {
    const ready = server.ready.then(() => true);
    if (!(await Promise.race([ready, stopped.then(() => false)]))) return;
    if (samples) {
      const count = await publishSamples(server.url, facetFolderOf({ settings, terminal }), credentials(configuration, terminal));
      if (count > 0) log.info({ resources: count }, 'sample resources published');
    }
    await server.announce();
    if (vault !== undefined) keeping = keepClusters(client, vault, settings['check-interval'], log, ended.signal);
    if (format === 'json') log.info({ url: server.url }, 'listening');
    else terminal.stdout.write(welcome(server.url, samples));
    await stopped;
  } finally {
    bar.stop();
    ended.abort();
    await keeping;
    await server.close();
  }
}

/** The address, and two lines to try. */
function welcome(url: string, samples: boolean): string {
  const where = url === 'http://127.0.0.1:8080' ? '' : ` --url ${url}`;
  const question = samples ? '//host:host/host:hostname' : 'count(/r:resource)';
  return `
  facetry is ready at ${url}

    curl -s '${url}/discover?xpath=${encodeURIComponent(question)}'
    npx facetry discover '${question}'${where}

`;
}
