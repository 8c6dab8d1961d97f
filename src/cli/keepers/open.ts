/** What a keeper works with: its directory, a reader of facets, a folder that outlives it. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Client, connect } from '../../client/index.js';
import { ConfigFault, type KeeperConfig, readConfigFile, type SecretReference } from '../../keeper/index.js';
import { createXmlPool, type XmlReader } from '../../xml/index.js';
import { credentials } from '../credentials.js';
import { UsageError } from '../exit-code.js';
import { FileError } from '../output/file-error.js';
import type { Session } from '../session.js';

/** The file's keeper. Throws FileError with every place that is wrong. */
export function keeperIn(session: Session, path: string): KeeperConfig {
  try {
    return readConfigFile(resolve(session.terminal.cwd, path));
  } catch (error) {
    if (error instanceof ConfigFault) throw new FileError(path, error.text, error.violations);
    throw error;
  }
}

/** ms that a directory may take to answer a keeper: it does not wait for one that hangs */
const PATIENCE = 15_000;

/** The directory that the file names, otherwise the one that every command talks to. */
export function directoryOf(session: Session, { directory }: KeeperConfig): Client {
  const { settings, configuration, terminal } = session;
  const own = credentials(configuration, terminal);
  const { token } = directory;
  return connect(directory.url ?? settings.url, {
    timeout: Math.min(PATIENCE, settings['request-timeout'] * 1000),
    retries: 1,
    ...own,
    // Read for each request: whoever renews a token writes it to the file.
    ...(token === undefined ? {} : { token: () => secret(token, terminal.env) }),
  });
}

function secret(reference: SecretReference, env: Readonly<Record<string, string | undefined>>): string {
  if ('env' in reference) {
    const value = env[reference.env]?.trim();
    if (value === undefined || value === '') throw new UsageError(`the variable ${reference.env} holds no token`);
    return value;
  }
  try {
    return readFileSync(reference.file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`the token file ${reference.file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Checks facets off the main thread. */
export function openReader(): Promise<XmlReader> {
  return createXmlPool({ workers: 1 });
}

/** Where keepers keep what outlives them (XDG Base Directory Specification: state that is not worth a backup). */
export function stateFolder(session: Session, { name }: Pick<KeeperConfig, 'name'>): string {
  const { settings, terminal } = session;
  const { env } = terminal;
  const base =
    settings.state === undefined
      ? join(
          env.XDG_STATE_HOME?.startsWith('/') === true ? env.XDG_STATE_HOME : join(env.HOME ?? homedir(), '.local', 'state'),
          'facetry',
          'keepers',
        )
      : resolve(terminal.cwd, settings.state);
  return join(base, encodeURIComponent(name));
}
