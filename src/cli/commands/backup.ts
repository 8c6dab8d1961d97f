import { resolve } from 'node:path';
import { Problem } from '../../model/index.js';
import { backup as copyFolder } from '../../store/embedded/care.js';
import { openStore } from '../../store/index.js';
import type { CommandSpec } from '../command.js';
import { Ended, EXIT } from '../exit-code.js';
import { progressBar } from '../output/progress.js';
import type { Session } from '../session.js';
import { folderOf, requireStore, storeUrl } from '../store-folder.js';
import { checkStore } from './check.js';

export const backup: CommandSpec = {
  name: 'backup',
  summary: 'Copy a store as of one revision, also while a server writes to it',
  description: 'The copy is a store by itself: it can be checked, served and restored. A folder that exists is not overwritten.',
  arguments: [{ form: '<FOLDER>', about: 'the new folder' }],
  options: [['--no-verify', 'do not check the copy']],
  examples: [
    ['facetry backup /backup/monday', 'of the store in ./data'],
    ['facetry backup /backup/monday --data /var/lib/facetry', 'of another one'],
  ],
  async run(session, [target], options) {
    requireStore(session.settings.store, session.terminal.cwd);
    await copyStore(session, session.settings.store, resolve(session.terminal.cwd, target as string), options.verify !== false);
    await session.print(`${String(target)}\n`);
  },
};

/** Copies, and reads the whole copy again. */
export async function copyStore(session: Session, from: string, target: string, verify: boolean): Promise<void> {
  const bar = progressBar(session.terminal, 'copying', { quiet: session.settings.quiet, unit: 'KiB' });
  const onProgress = (done: number, total: number) => bar.update(Math.round(done / 1024), Math.round(total / 1024));
  try {
    const store = await openStore(storeUrl(from, session.terminal.cwd)).catch((error) => {
      // A server has it open: the copy is made beside it, from what it has committed.
      if (error instanceof Problem && error.code === 'store-locked') return undefined;
      throw error;
    });
    if (store === undefined) await copyFolder(folderOf(from, session.terminal.cwd), target, onProgress);
    else await store.backup(target, onProgress).finally(() => store.close());
  } finally {
    bar.stop();
  }
  if (!verify) return;
  const { findings, resources, revision } = await checkStore(session, `embedded:${target}`);
  for (const { id, message } of findings) session.say(`${id === undefined ? 'store' : `"${id}"`}: ${message}`);
  if (findings.length > 0) throw new Ended(EXIT.failure);
  session.note(`${resources} resources at revision ${revision}, verified`);
}
