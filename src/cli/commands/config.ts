import type { CommandSpec } from '../command.js';
import { SETTING_NAMES } from '../config/settings.js';
import { structured } from '../output/structured.js';
import { table } from '../output/table.js';
import { outputOf } from '../output-form.js';

export const config: CommandSpec = {
  name: 'config',
  summary: 'Show the settings in force',
  description:
    'A setting has one name: max-bytes is the flag --max-bytes, the variable FACETRY_MAX_BYTES and the key max-bytes in a file. The first of these wins: flag, variable, ./facetry.yaml, $XDG_CONFIG_HOME/facetry/config.yaml, /etc/facetry/config.yaml, default.',
  arguments: [{ form: '<ACTION>', about: 'view', choices: ['view'] }],
  options: [['--origin', 'also where each value comes from']],
  examples: [
    ['facetry config view', 'all settings'],
    ['facetry config view --origin', 'and where they come from'],
  ],
  async run(session, _args, options) {
    const form = outputOf(session, ['table', 'json', 'yaml']);
    const { settings, origins } = session.configuration;
    const shown = SETTING_NAMES.filter((name) => settings[name] !== undefined);
    if (form !== 'table') {
      const plain = Object.fromEntries(
        shown.map((name) => [name, options.origin === true ? { value: settings[name], origin: origins[name] } : settings[name]]),
      );
      return await session.print(structured(form, plain));
    }
    const rows = shown.map((name) => [name, String(settings[name]), ...(options.origin === true ? [origins[name]] : [])]);
    await session.print(table(['SETTING', 'VALUE', ...(options.origin === true ? ['ORIGIN'] : [])], rows, session.colors.out));
  },
};
