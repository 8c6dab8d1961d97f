import { keepClusters } from '../clusters/keep.js';
import { vaultOf } from '../clusters/vault-folder.js';
import type { CommandSpec } from '../command.js';
import { createLogger } from '../serve/log.js';
import { untilStopped } from '../serve/signals.js';

export const clusters: CommandSpec = {
  name: 'clusters',
  summary: 'Bring clusters to life and free them, until told to stop',
  description:
    'What is wanted is in the directory, what there is on the sites: it brings one to the other. It keeps nothing itself, so it may be killed at any time and started again.',
  examples: [
    ['facetry clusters', 'for the directory at http://127.0.0.1:8080'],
    ['facetry clusters --vault /var/lib/facetry/vault --vault-key /etc/facetry/vault.key', 'with the vault elsewhere'],
  ],
  async run(session) {
    const { client, terminal, settings, colors } = session;
    const format = settings['log-format'] ?? (terminal.stdout.isTTY === true ? 'pretty' : 'json');
    const log = createLogger({ format, level: settings['log-level'], accessLog: false, colorize: colors.out.isColorSupported });
    const vault = vaultOf(session, true);
    const { stopped, release } = untilStopped(log);
    const ended = new AbortController();
    void stopped.then(() => ended.abort());
    try {
      await keepClusters(client, vault, settings['check-interval'], log, ended.signal);
    } finally {
      release();
    }
  },
};
