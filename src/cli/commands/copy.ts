/** `facetry copy`: from one kind of store to another. */
import { resolve } from 'node:path';
import { openStore, type Store } from '../../store/index.js';
import { basexPassword } from '../basex-password.js';
import type { CommandSpec } from '../command.js';
import { copyStore } from '../copy-store.js';
import { UsageError } from '../exit-code.js';
import { progressBar } from '../output/progress.js';
import { structured } from '../output/structured.js';
import { outputOf } from '../output-form.js';
import type { Session } from '../session.js';
import { requireStore, storeUrl } from '../store-folder.js';

export const copy: CommandSpec = {
  name: 'copy',
  summary: 'Copy all resources from one store into another, such as one in BaseX',
  description:
    'Documents, owners and the order of publication are kept; revisions and times begin anew. No server may use either store. A copy that was broken off goes on where it was; in the end both are compared by digest. A store in BaseX needs its journal (--journal) and its password.',
  options: [
    ['--from <URL>', 'the store to read'],
    ['--to <URL>', 'the store to write: an empty one, or one that a copy was broken off in'],
  ],
  examples: [
    ['facetry copy --from embedded:./data --to basex://facetry@127.0.0.1:1984/facetry --journal ./journal', 'into BaseX'],
    ['facetry copy --from basex://facetry@127.0.0.1:1984/facetry --journal ./journal --to embedded:./data', 'and back'],
  ],
  async run(session, _args, options) {
    const form = outputOf(session, ['table', 'json', 'yaml', 'value']);
    const from = urlOf(session, options.from, '--from');
    const to = urlOf(session, options.to, '--to');
    if (from === to) throw new UsageError('--from and --to name the same store');
    if (inBaseX(from) && inBaseX(to))
      throw new UsageError('both stores are in BaseX', 'copy through a store in a folder: there is one --journal');
    requireStore(from, session.terminal.cwd);
    const bar = progressBar(session.terminal, 'copying', { quiet: session.settings.quiet, unit: 'resources' });
    const source = await open(session, from);
    try {
      const target = await open(session, to);
      try {
        const copied = await copyStore(source, target, { onProgress: bar.update, signal: session.terminal.interrupted });
        bar.stop();
        if (form === 'json' || form === 'yaml') await session.print(structured(form, copied));
        else await session.print(`${copied.digest}\n`);
        session.note(`${copied.resources} resources, ${copied.written} of them written now; both stores have the digest above`);
      } finally {
        await target.close();
      }
    } finally {
      bar.stop();
      await source.close();
    }
  },
};

function urlOf({ terminal }: Session, given: unknown, option: string): string {
  if (typeof given !== 'string') throw new UsageError(`there is no ${option}`, `name both stores: --from URL --to URL`);
  return storeUrl(given, terminal.cwd);
}

const inBaseX = (url: string) => /^basex:/i.test(url);

function open({ settings, terminal }: Session, url: string): Promise<Store> {
  if (!inBaseX(url)) return openStore(url);
  return openStore(url, { basex: { journal: resolve(terminal.cwd, settings.journal), password: basexPassword(settings, terminal) } });
}
