import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import type { DelegateKind } from '../found-delegate.js';

/** npm packages say by this keyword that they are delegates. */
const KEYWORD = 'facetry-delegate';

/** A file that wants to be a delegate, before it was asked what it is. */
export interface Candidate {
  readonly kind: DelegateKind;
  readonly path: string;
  readonly stats: Stats;
  /** of its package */
  readonly version?: string;
}

export interface Scanned {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly { readonly path: string; readonly why: string }[];
}

/** A folder of delegates: modules (`*.mjs`, `*.js`), facets (`*.xml`) and executables of any other name. Folders inside are not looked at. */
export function scanFolder(folder: string): Scanned {
  const candidates: Candidate[] = [];
  const refused: { path: string; why: string }[] = [];
  for (const name of namesIn(folder)) {
    if (name.startsWith('.') || name.endsWith('~')) continue;
    const path = join(folder, name);
    try {
      const stats = statSync(path);
      if (!stats.isFile()) continue;
      const kind = kindOf(name, stats);
      if (kind !== undefined) candidates.push({ kind, path, stats });
      else if (/\.(?:sh|py|rb|pl)$/.test(name)) refused.push({ path, why: `it is not executable: chmod +x ${path}` });
    } catch (error) {
      refused.push({ path, why: (error as Error).message });
    }
  }
  return { candidates, refused };
}

/** A folder of npm packages (`node_modules`): those with the keyword are delegates by their `main`. */
export function scanPackages(folder: string): Scanned {
  const candidates: Candidate[] = [];
  const refused: { path: string; why: string }[] = [];
  const names = namesIn(folder).flatMap((name) =>
    name.startsWith('@') ? namesIn(join(folder, name)).map((one) => join(name, one)) : [name],
  );
  for (const name of names) {
    const manifest = join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    try {
      const { keywords, main = 'index.js', version } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>;
      if (!Array.isArray(keywords) || !keywords.includes(KEYWORD)) continue;
      const path = realpathSync(join(folder, name, String(main)));
      candidates.push({ kind: 'module', path, stats: statSync(path), ...(typeof version === 'string' ? { version } : {}) });
    } catch (error) {
      refused.push({ path: manifest, why: (error as Error).message });
    }
  }
  return { candidates, refused };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    // It may come later: folders are looked at again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function kindOf(name: string, { mode }: Stats): DelegateKind | undefined {
  const extension = extname(basename(name));
  if (extension === '.mjs' || extension === '.js') return 'module';
  if (extension === '.xml') return 'file';
  return (mode & 0o111) === 0 ? undefined : 'executable';
}
