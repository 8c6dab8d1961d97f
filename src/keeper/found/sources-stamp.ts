import type { DelegateSources } from './discover.js';
import { stampOf } from './safe-path.js';
import { scanFolder, scanPackages } from './scan.js';

/** Changes when a delegate comes, goes, or changes, its permissions included. Runs none of them. */
export function sourcesStamp({ folders, packages }: DelegateSources): string {
  const scanned = [...folders.map(scanFolder), ...packages.map(scanPackages)];
  return scanned
    .flatMap(({ candidates, refused }) => [
      ...candidates.map(({ path, stats }) => `${path} ${stampOf(stats)}`),
      ...refused.map(({ path }) => path),
    ])
    .join('\n');
}
