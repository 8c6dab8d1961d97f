/** Every command, in the order of the help. */
import type { CommandSpec } from '../command.js';
import { backup } from './backup.js';
import { check } from './check.js';
import { completion } from './completion.js';
import { config } from './config.js';
import { discover } from './discover.js';
import { doctor } from './doctor.js';
import { get } from './get.js';
import { import1g } from './import-1g.js';
import { interfaces } from './interfaces.js';
import { list } from './list.js';
import { publish } from './publish.js';
import { remove } from './remove.js';
import { restore } from './restore.js';
import { serve } from './serve.js';
import { validate } from './validate.js';
import { version } from './version.js';
import { xpath } from './xpath.js';

export const COMMANDS: readonly CommandSpec[] = [
  serve,
  publish,
  get,
  list,
  remove,
  discover,
  interfaces,
  validate,
  xpath,
  import1g,
  check,
  backup,
  restore,
  config,
  doctor,
  completion,
  version,
];
