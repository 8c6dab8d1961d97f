/** Starting the child, reading what it says, and holding a store against it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Store } from '../../src/store/index.js';
import { ensureInstalled, type Need, skipWhen } from '../servers/installed.js';
import type { Line } from './store-child.js';
import { documentOf, stateAfter } from './store-load.js';

export interface Child {
  readonly process: ChildProcess;
  /** everything said so far */
  readonly lines: readonly Line[];
  readonly errors: () => string;
  /** resolves when a line fulfils `test`, rejects when the child ends before */
  until(test: (line: Line, lines: readonly Line[]) => boolean): Promise<void>;
  /** resolves when the child has ended and all it said is read */
  readonly ended: Promise<void>;
}

/** `before`: a command that starts the child, such as strace with its options. */
export function startChild(before: readonly string[], folder: string, prefix: string, writers: number, writes: number): Child {
  const command = [...before, process.execPath, '--import', 'tsx', 'test/faults/store-child.ts', folder, prefix, `${writers}`, `${writes}`];
  // A group of its own, so that a signal reaches the child through whatever started it.
  const child = spawn(command[0], command.slice(1), { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    for (const part of parts) lines.push(JSON.parse(part));
    for (const look of waiting) look();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(() => {});
  return {
    process: child,
    lines,
    errors: () => errors,
    ended,
    until(test) {
      return new Promise((resolve, reject) => {
        let read = 0;
        const look = () => {
          while (read < lines.length) {
            if (test(lines[read++], lines)) {
              waiting.delete(look);
              return resolve();
            }
          }
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`the child ended early: ${errors}`)));
      });
    },
  };
}

export async function kill(child: Child): Promise<void> {
  process.kill(-(child.process.pid as number), 'SIGKILL');
  await child.ended;
}

/** writer → number of its acknowledged writes */
export function acknowledged(lines: readonly Line[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.said !== 'ack') continue;
    expect(line.n).to.equal(counts.get(line.writer) ?? 0);
    counts.set(line.writer, line.n + 1);
  }
  return counts;
}

/**
 * Each writer's resources are those after its last acknowledged write, or (unless `exact`) after the next one, in every byte.
 * Resolves with which it was: from now on it must stay so.
 */
export async function expectAcknowledged(store: Store, writers: ReadonlyMap<string, number>, exact = false): Promise<Map<string, number>> {
  const stored = new Map<string, Map<string, string>>([...writers.keys()].map((writer) => [writer, new Map()]));
  for await (const batch of (await store.resources()).batches) {
    for (const { id, xml } of batch) stored.get(id.slice(0, id.lastIndexOf('-')))?.set(id, Buffer.from(xml).toString('latin1'));
  }
  const settled = new Map<string, number>();
  for (const [writer, count] of writers) {
    const found = stored.get(writer) as Map<string, string>;
    const writes = (exact ? [count] : [count, count + 1]).find((possible) => {
      const state = stateAfter(writer, possible);
      return (
        state.size === found.size && [...state].every(([id, n]) => found.get(id) === Buffer.from(documentOf(id, n)).toString('latin1'))
      );
    });
    const shown = JSON.stringify([...found].map(([id, xml]) => [id, xml.slice(0, 40)]));
    expect(writes, `${writer} after ${count} acknowledged writes: ${shown}`).not.to.equal(undefined);
    settled.set(writer, writes as number);
  }
  return settled;
}

/** A folder that is gone after the test. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'facetry-faults-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const STRACE: Need = { name: 'strace', found: () => spawnSync('strace', ['-V']).status === 0, packages: ['strace'] };

/** Skips the suite when strace is missing or may not be used here, and says why. */
export async function needStrace(suite: Mocha.Context): Promise<void> {
  skipWhen(suite, await ensureInstalled(STRACE));
  const tried = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], { encoding: 'utf8' });
  skipWhen(suite, tried.status === 0 ? undefined : `strace may not trace here: ${tried.stderr.trim()}`);
}
