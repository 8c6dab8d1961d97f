import { resolve } from 'node:path';
import { Problem } from '../../model/index.js';
import type { CommandSpec } from '../command.js';
import { folderOf, hasStore, requireStore } from '../store-folder.js';
import { copyStore } from './backup.js';

export const restore: CommandSpec = {
  name: 'restore',
  summary: 'Make a store from a backup',
  description: 'The store must not exist yet: nothing is overwritten. What was restored is checked.',
  arguments: [{ form: '<FOLDER>', about: 'the backup' }],
  options: [['--no-verify', 'do not check what was restored']],
  examples: [['facetry restore /backup/monday --data ./data', 'into ./data, which must not hold a store']],
  async run(session, [source], options) {
    const { store } = session.settings;
    const target = folderOf(store, session.terminal.cwd);
    if (hasStore(target))
      throw new Problem('conflict', {
        detail: `there is a store in ${target} already`,
        hint: 'move it away, or name another folder with --data DIR',
      });
    const from = `embedded:${resolve(session.terminal.cwd, source as string)}`;
    requireStore(from, session.terminal.cwd);
    await copyStore(session, from, target, options.verify !== false);
    await session.print(`${target}\n`);
  },
};
