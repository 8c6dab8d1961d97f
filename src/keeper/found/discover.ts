import { basename } from 'node:path';
import { readDeclaration } from '../declaration.js';
import type { Discovery, FoundDelegate, RefusedDelegate } from '../found-delegate.js';
import { lane } from '../lane.js';
import { describeExecutable, describeFile, moduleRuntime } from '../runtime/index.js';
import { stampOf, unsafePath } from './safe-path.js';
import { type Candidate, scanFolder, scanPackages } from './scan.js';

/** delegates that are asked at once: each has so many seconds to answer, and all of them may come with the start of the machine */
const AT_ONCE = 4;

export interface DelegateSources {
  readonly folders: readonly string[];
  /** folders of npm packages */
  readonly packages: readonly string[];
}

/**
 * The delegates on this node. Each is asked what it provides, apart from all others; `before` spares those that have not changed
 * the question. Of two with one name the first one found is taken, in the order of folders and names.
 */
export async function discoverDelegates(sources: DelegateSources, before?: Discovery): Promise<Discovery> {
  const scanned = [...sources.folders.map(scanFolder), ...sources.packages.map(scanPackages)];
  const refused: RefusedDelegate[] = scanned.flatMap((one) => one.refused);
  const known = new Map(before?.delegates.map((one) => [one.path, one]));
  const candidates = scanned.flatMap((one) => one.candidates);
  const few = lane(AT_ONCE);
  const asked = await Promise.all(candidates.map((candidate) => few.run(() => describe(candidate, known.get(candidate.path)))));
  const taken = new Map<string, FoundDelegate>();
  for (const one of asked) {
    if ('why' in one) refused.push(one);
    else {
      const first = taken.get(one.name);
      if (first === undefined) taken.set(one.name, one);
      else refused.push({ path: one.path, why: `another delegate has the name "${one.name}": ${first.path}` });
    }
  }
  return { delegates: [...taken.values()], refused };
}

async function describe(candidate: Candidate, known: FoundDelegate | undefined): Promise<FoundDelegate | RefusedDelegate> {
  const { kind, path, stats } = candidate;
  const stamp = stampOf(stats);
  try {
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) return { path, why: unsafe };
    if (known?.stamp === stamp) return known;
    const { version = candidate.version, ...declared } = await declarationOf(candidate);
    return { ...declared, ...(version === undefined ? {} : { version }), kind, path, stamp };
  } catch (error) {
    return { path, why: (error as Error).message };
  }
}

async function declarationOf({ kind, path }: Candidate) {
  if (kind === 'file') return readDeclaration(describeFile(path, basename(path, '.xml')));
  if (kind === 'executable') return readDeclaration(await describeExecutable(path));
  const module = moduleRuntime(path, () => undefined);
  try {
    return readDeclaration(await module.describe());
  } finally {
    await module.close();
  }
}
