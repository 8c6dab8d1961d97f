/** The store that the settings name, the folder beside it, and how it does. */
import { resolve } from 'node:path';
import type { HttpOptions } from '../../http/index.js';
import { Problem, publicId } from '../../model/index.js';
import { type Accept, type BaseXState, openStore, type Store, type StoreEvent } from '../../store/index.js';
import type { XmlReader } from '../../xml/index.js';
import { basexPassword } from '../basex-password.js';
import type { Settings } from '../config/settings.js';
import { folderOf, storeUrl } from '../store-folder.js';
import type { Terminal } from '../terminal.js';

type Checks = ReturnType<NonNullable<HttpOptions['checks']>>;

export interface OpeningData {
  readonly opening: Promise<Store>;
  /** what lies beside the data, where there is a folder */
  readonly folder: string | undefined;
  /** lines of /readyz?verbose */
  readonly checks: () => Checks;
}

/** Throws UsageError when the password for BaseX is missing; the promise rejects as `openStore` does. */
export function openData(
  settings: Settings,
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
  observe: (event: StoreEvent) => void,
  reading: Promise<XmlReader>,
): OpeningData {
  if (!/^basex:/i.test(settings.store)) {
    const folder = settings.store.startsWith('embedded:') ? folderOf(settings.store, cwd) : undefined;
    return { opening: openStore(storeUrl(settings.store, cwd), { observe }), folder, checks: () => [] };
  }
  const folder = resolve(cwd, settings.journal);
  let state: BaseXState | undefined;
  const opening = openStore(settings.store, {
    observe(event) {
      if (event.kind === 'basex') state = event;
      observe(event);
    },
    basex: {
      journal: folder,
      password: basexPassword(settings, { cwd, env }),
      whenAway: settings['when-basex-away'],
      accept: acceptBy(reading),
    },
  });
  return { opening, folder, checks: () => (state === undefined ? [] : [checkOf(state)]) };
}

/** What nobody published is held against the same rules as what is. */
function acceptBy(reading: Promise<XmlReader>): Accept {
  return async (id, bytes) => {
    try {
      const { resource } = await (await reading).read(bytes, { id: publicId(id) });
      return Buffer.from(resource.xml);
    } catch (error) {
      if (error instanceof Problem && error.status < 500) return error;
      throw error;
    }
  };
}

function checkOf({ phase, since, applied, reason }: BaseXState): Checks[number] {
  const seconds = Math.round((Date.now() - since) / 1000);
  const detail = `${phase} for ${seconds} s${phase === 'in step' ? '' : `, at revision ${Math.max(applied, 0)}`}`;
  return { name: 'basex', ok: phase === 'in step', detail: reason === undefined ? detail : `${detail}: ${reason}` };
}
