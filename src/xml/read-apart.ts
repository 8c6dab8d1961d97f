import { Problem } from '../model/index.js';
import type { Instance } from './instance.js';
import type { Breakage, WireResult } from './pool-messages.js';
import { type Job, pack } from './pool-queue.js';

/** An instance in the hands of one reader. */
export interface Owned {
  readonly instance: Instance;
  giveBack(): void;
}

/** Reads with one instance that nobody else uses, whatever that costs; a document that breaks it is refused. */
export async function readApart(jobs: readonly Job[], take: () => Promise<Owned>, timeoutMs: number): Promise<(WireResult | Problem)[]> {
  const answers: (WireResult | Problem)[] = [];
  while (answers.length < jobs.length) {
    const { instance, giveBack } = await take();
    const { results, lost } = await instance.read(pack(jobs.slice(answers.length)), timeoutMs);
    answers.push(...results);
    if (lost === undefined) giveBack();
    else answers.push(unreadable(lost, timeoutMs));
  }
  return answers;
}

/** What is said of a document that an instance was lost with. */
export function unreadable({ kind, message }: Breakage, timeoutMs: number): Problem {
  if (kind === 'fault') return new Problem('internal-error', { detail: `the document could not be read: ${message}` });
  return new Problem('limit-exceeded', {
    detail:
      kind === 'time'
        ? `checking the document took more than ${timeoutMs} ms`
        : `the document could not be checked within the bounds of memory (${message})`,
    hint: 'make the document smaller, or the schemas of its facets simpler',
  });
}
