import { statSync } from 'node:fs';
import type { DelegateSources } from './discover.js';
import { stampOf } from './safe-path.js';
import { scanFolder, scanPackages } from './scan.js';

/** Changes when a delegate comes, goes, or changes, or who may write it or its folder. Runs none of them. */
export function sourcesStamp({ folders, packages }: DelegateSources): string {
  const scanned = [...folders.map(scanFolder), ...packages.map(scanPackages)];
  const files = scanned.flatMap(({ candidates, refused }) => [
    ...candidates.map(({ path, stats }) => `${path} ${stampOf(stats)}`),
    ...refused.map(({ path }) => path),
  ]);
  return [...[...folders, ...packages].map(ownerOf), ...files].join('\n');
}

function ownerOf(folder: string): string {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats === undefined ? folder : `${folder} ${stats.mode} ${stats.uid}`;
}
