import type { Command } from 'commander';
import { type Client, connect } from '../client/index.js';
import { type Configuration, configure } from './config/configuration.js';
import type { Settings } from './config/settings.js';
import { credentials } from './credentials.js';
import type { Colors } from './output/colors.js';
import { colorsFor, type Terminal, write } from './terminal.js';

/** What every command works with. */
export interface Session {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly configuration: Configuration;
  /** of standard output and standard error */
  readonly colors: { readonly out: Colors; readonly err: Colors };
  /** Data goes here and nowhere else. */
  print(text: string | Uint8Array): Promise<void>;
  /** Everything that is not data. */
  say(text: string): void;
  /** As `say`, but not with --quiet. */
  note(text: string): void;
  readonly client: Client;
}

export function sessionOf(terminal: Terminal, command: Command): Session {
  // A setting has one value: a list under the same name is an option of the command's own (`token new --scope /a --scope /b`).
  const flags = Object.fromEntries(Object.entries(command.optsWithGlobals()).filter(([, value]) => !Array.isArray(value)));
  const configuration = configure(flags.color === false ? { ...flags, color: 'never' } : flags, terminal);
  const { settings } = configuration;
  const say = (text: string) => void terminal.stderr.write(`${text}\n`);
  let client: Client | undefined;
  return {
    terminal,
    settings,
    configuration,
    colors: { out: colorsFor(terminal, 'stdout', settings.color), err: colorsFor(terminal, 'stderr', settings.color) },
    print: (text) => write(terminal.stdout, text),
    say,
    note: (text) => {
      if (!settings.quiet) say(text);
    },
    get client() {
      client ??= connect(settings.url, { timeout: settings['request-timeout'] * 1000, ...credentials(configuration, terminal) });
      return client;
    },
  };
}
