/** `facetry serve`: the directory itself, until it is told to stop. */
import type { CommandSpec } from '../command.js';
import { UsageError } from '../exit-code.js';
import { facetFolderOf } from '../facet-folder.js';
import { progressBar } from '../output/progress.js';
import { refuseExposure } from '../serve/listen.js';
import { createLogger } from '../serve/log.js';
import { publishSamples } from '../serve/samples.js';
import { startServer } from '../serve/server.js';
import { untilStopped } from '../serve/signals.js';

export const serve: CommandSpec = {
  name: 'serve',
  summary: 'Run the directory',
  description:
    'SIGTERM or Ctrl-C: it takes no more requests, finishes what it accepted and ends; a second signal ends it at once.\nUntil the data is loaded it answers 503, and /readyz tells how far it has come.',
  options: [['--samples', 'publish the sample resources of the facet interfaces if the directory is empty']],
  examples: [
    ['facetry serve', 'on http://127.0.0.1:8080, data in ./data'],
    ['facetry serve --data /var/lib/facetry --listen 127.0.0.1:9000', 'elsewhere'],
    ['facetry serve --facets ./my-facets --log-format json', 'with interfaces of your own, logs for machines'],
  ],
  async run({ terminal, settings, colors }, _args, options) {
    refuseExposure(settings.listen, settings['insecure-open']);
    const format = settings['log-format'] ?? (terminal.stdout.isTTY === true ? 'pretty' : 'json');
    const log = createLogger({
      format,
      level: settings['log-level'],
      accessLog: settings['access-log'],
      colorize: colors.out.isColorSupported,
    });
    const stopped = untilStopped(log);
    const bar = progressBar(terminal, 'loading', { quiet: settings.quiet, unit: 'resources' });
    const server = await startServer(settings, terminal.cwd, log, (event) => {
      if (event.kind === 'loading' && event.total > 0) bar.update(event.done, event.total);
      if (event.kind === 'ready') bar.stop();
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE'
        ? new UsageError(
            `${settings.listen} is in use by another process`,
            'stop that process, or choose another address with --listen HOST:PORT',
          )
        : error;
    });
    try {
      const first = await Promise.race([server.ready.then(() => 'ready' as const), stopped.then(() => 'stopped' as const)]);
      if (first === 'ready') {
        if (options.samples === true) {
          const count = await publishSamples(server.url, facetFolderOf({ settings, terminal }));
          if (count > 0) log.info({ resources: count }, 'sample resources published');
        }
        if (format === 'json') log.info({ url: server.url }, 'listening');
        else terminal.stdout.write(welcome(server.url, options.samples === true));
        await stopped;
      }
    } finally {
      bar.stop();
      await server.close();
    }
  },
};

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
