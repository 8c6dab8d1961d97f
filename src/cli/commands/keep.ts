/** `facetry keep`: keepers, until they are told to stop. */
import type { KeeperConfig, Outcome } from '../../keeper/index.js';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT, UsageError } from '../exit-code.js';
import { assemble, type Surroundings } from '../keepers/assemble.js';
import { keeperMetrics } from '../keepers/metrics.js';
import { keeperIn, openReader } from '../keepers/open.js';
import { supervise } from '../keepers/supervise.js';
import { createLogger } from '../serve/log.js';
import { untilStopped } from '../serve/signals.js';

export const keep: CommandSpec = {
  name: 'keep',
  summary: 'Keep resources described: run the delegates of this node on a schedule, publish what they give',
  description:
    'One file is one keeper. Files and folders of delegates are watched: what changes counts without a restart.\nSIGTERM or Ctrl-C: it leaves as the file says (leave: withdraw, expire or stay).',
  arguments: [{ form: '<FILE...>', about: 'keepers, YAML' }],
  options: [['--once', 'ask every delegate once, publish, and end; 1 when something failed']],
  examples: [
    ['facetry keep keepers/node.yaml', 'this machine, until Ctrl-C'],
    ['facetry keep /etc/facetry/keepers/*.yaml --metrics 127.0.0.1:9101', 'several keepers, with figures for Prometheus'],
    ['facetry keep keepers/node.yaml --once', 'as a job of cron'],
  ],
  async run(session, [given], options) {
    const configs = (given as readonly string[]).map((path) => keeperIn(session, path));
    const twice = configs.find(({ name }, i) => configs.findIndex((one) => one.name === name) !== i);
    if (twice !== undefined) throw new UsageError(`two keepers have the name "${twice.name}"`, 'a name owns facets: give each its own');
    const { settings, terminal, colors } = session;
    const format = settings['log-format'] ?? (terminal.stdout.isTTY === true ? 'pretty' : 'json');
    const log = createLogger({ format, level: settings['log-level'], accessLog: false, colorize: colors.out.isColorSupported });
    const metrics = keeperMetrics();
    const reader = await openReader();
    const surroundings = { session, reader, metrics, log };
    const { stopped, release } = untilStopped(log);
    const ended = new AbortController();
    void stopped.then(() => ended.abort());
    try {
      if (options.once === true) {
        for (const config of configs) await keepOnce(config, surroundings);
        return;
      }
      const port = settings.metrics === undefined ? undefined : await metrics.listen(settings.metrics);
      if (port !== undefined) log.info({ url: port.url }, 'figures');
      try {
        await supervise(configs, surroundings, ended.signal);
      } finally {
        await port?.close();
      }
    } finally {
      release();
      await reader.close();
    }
  },
};

async function keepOnce(config: KeeperConfig, surroundings: Surroundings): Promise<void> {
  const { keeper, release } = assemble(config, surroundings);
  try {
    const outcome = await keeper.once();
    if (!outcome.published) throw new Ended(EXIT.unreachable);
    if (hasFailed(outcome)) throw new Ended(EXIT.failure);
  } finally {
    release();
  }
}

function hasFailed({ composition, resources, incomplete }: Outcome): boolean {
  return (
    incomplete ||
    composition.refusals.length > 0 ||
    resources.some(({ refused, tasks }) => refused !== undefined || [...tasks.values()].some(({ last }) => last?.status !== 'ok'))
  );
}
