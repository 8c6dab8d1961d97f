/** The tree of commands. */
import { Command, Option } from 'commander';
import { type CommandSpec, declare, settingOption } from './command.js';
import { SETTING_NAMES, SETTINGS } from './config/settings.js';
import type { Terminal } from './terminal.js';
import { packageVersion } from './version.js';

export function createProgram(terminal: Terminal, commands: readonly CommandSpec[]): Command {
  const program = new Command('facetry')
    .description('A directory of computational resources: publish faceted XML descriptions, discover them by XPath')
    .version(packageVersion(), '-V, --version')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ writeOut: (text) => terminal.stdout.write(text), writeErr: (text) => terminal.stderr.write(text) })
    .showSuggestionAfterError(true)
    .showHelpAfterError('("facetry --help" lists the commands, "facetry COMMAND --help" explains one)')
    .exitOverride();
  for (const name of SETTING_NAMES) if (!('of' in SETTINGS[name])) program.addOption(settingOption(name));
  program.addOption(new Option('--no-color', 'no colours').hideHelp());
  program.addOption(new Option('--config <FILE>', 'configuration file instead of ./facetry.yaml'));
  program.addOption(new Option('--context <NAME>', 'named context of the configuration files'));
  for (const spec of commands) program.addCommand(declare(terminal, spec).copyInheritedSettings(program));
  program.addHelpText(
    'after',
    `
Settings come from flags, FACETRY_* variables, ./facetry.yaml, ~/.config/facetry/config.yaml, /etc/facetry/config.yaml.
Exit codes: 0 fine, 1 failure, 2 wrong command line, 3 not found, 4 conflict, 5 invalid document, 6 not allowed,
7 no answer, 130 interrupted.`,
  );
  return program;
}
