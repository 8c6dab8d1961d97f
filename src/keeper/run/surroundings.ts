import { dirname, resolve } from 'node:path';
import type { KeeperConfig, Surroundings } from '../config/index.js';

/** What references in a keeper's file may stand for. */
export function surroundingsOf({ env, file }: KeeperConfig): Surroundings {
  return { env, folder: (path) => resolve(dirname(file), path) };
}

/** All files and folders of which a change causes runs. */
export function inputsOf({ resources }: KeeperConfig): readonly string[] {
  return [
    ...new Set(
      resources
        .flatMap(({ schedule, facets }) => [schedule, ...facets.map((one) => one.schedule)])
        .flatMap(({ onChange = [] }) => onChange),
    ),
  ];
}
