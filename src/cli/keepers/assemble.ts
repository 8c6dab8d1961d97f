import type { Logger } from 'pino';
import { createKeeper, type Keeper, type KeeperConfig, openSpool } from '../../keeper/index.js';
import type { XmlReader } from '../../xml/index.js';
import type { Session } from '../session.js';
import { packageVersion } from '../version.js';
import { claim } from './claim.js';
import { logEvents } from './log.js';
import type { KeeperMetrics } from './metrics.js';
import { directoryOf, stateFolder } from './open.js';

/** What the keepers of one process share. */
export interface Surroundings {
  readonly session: Session;
  readonly reader: XmlReader;
  readonly metrics: KeeperMetrics;
  readonly log: Logger;
}

/** A keeper with all it works with; `release` gives its state folder back. Throws UsageError when another process has that. */
export function assemble(
  config: KeeperConfig,
  { session, reader, metrics, log }: Surroundings,
): { readonly keeper: Keeper; readonly release: () => void } {
  const note = logEvents(log.child({ keeper: config.name }));
  const folder = stateFolder(session, config);
  const release = claim(folder, `the keeper "${config.name}"`);
  const keeper = createKeeper(config, {
    client: directoryOf(session, config),
    reader,
    spool: openSpool(folder, (why) => note({ kind: 'spool-failed', why })),
    version: packageVersion(),
    onEvent(event) {
      note(event);
      metrics.note(config.name, event);
    },
  });
  return { keeper, release };
}
