/** `facetry delegates`: what a keeper would find on this node, and why it would refuse the rest. */
import { resolve } from 'node:path';
import { type DelegateSources, discoverDelegates } from '../../keeper/index.js';
import type { CommandSpec } from '../command.js';
import { structured } from '../output/structured.js';
import { cell, table } from '../output/table.js';
import { outputOf } from '../output-form.js';

export const delegates: CommandSpec = {
  name: 'delegates',
  summary: 'List the delegates in folders: what each provides, and why others are refused',
  description:
    'Modules (*.mjs, *.js), facets (*.xml) and executables in any language. Each is asked what it provides, which runs it: look only into folders you trust.',
  arguments: [{ form: '<FOLDER...>', about: 'folders of delegates' }],
  options: [['--packages <DIR>', 'a folder of npm packages, such as node_modules (repeatable)', { repeatable: true }]],
  examples: [
    ['facetry delegates /etc/facetry/delegates', 'what is there'],
    ['facetry delegates ./delegates --packages node_modules -o json', 'for programs'],
  ],
  async run(session, [given], options) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'name']);
    const absolute = (path: string) => resolve(session.terminal.cwd, path);
    const sources: DelegateSources = {
      folders: (given as readonly string[]).map(absolute),
      packages: ((options.packages ?? []) as readonly string[]).map(absolute),
    };
    const found = await discoverDelegates(sources);
    if (form === 'json' || form === 'yaml') {
      await session.print(structured(form, found));
      return;
    }
    if (form === 'name') {
      await session.print(found.delegates.map(({ name }) => `${name}\n`).join(''));
      return;
    }
    const rows = found.delegates.map(({ name, kind, version = '', provides, path }) =>
      [name, kind, version, provides.join(' '), path].map(cell),
    );
    await session.print(table(['NAME', 'KIND', 'VERSION', 'PROVIDES', 'PATH'], rows, session.colors.out));
    for (const { path, why } of found.refused) session.say(`${session.colors.err.yellow('refused')}: ${path}: ${why}`);
  },
};
