import { createInterface } from 'node:readline/promises';
import { UsageError } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** Asks before what cannot be undone. Without a terminal to ask on, `--yes` must have said it. */
export async function confirm(question: string, { stdin, stderr, interrupted }: Terminal): Promise<boolean> {
  if (stdin.isTTY !== true)
    throw new UsageError('this cannot be undone, and there is no terminal to ask on', 'say --yes if that is what you want');
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: interrupted })).trim());
  } finally {
    lines.close();
  }
}
