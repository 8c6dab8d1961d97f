import type { Output } from './config/settings.js';
import { UsageError } from './exit-code.js';
import type { Session } from './session.js';

/** The form asked for, among those a command has; the first is its own choice. */
export function outputOf<const T extends Output>({ settings }: Session, forms: readonly [T, ...T[]]): T {
  const asked = settings.output;
  if (asked === undefined) return forms[0];
  const found = forms.find((form) => form === asked);
  if (found === undefined) throw new UsageError(`this command has no output "${asked}"`, `it has ${forms.join(', ')}`);
  return found;
}

/** Columns of the terminal that tables are cut to; undefined when standard output is none. */
export function tableWidth({ terminal }: Session): number | undefined {
  return terminal.stdout.isTTY === true ? terminal.stdout.columns : undefined;
}
