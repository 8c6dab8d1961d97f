/** Keepers as people run them: `facetry keep`, a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from './facetry.js';
import { endWithParent, hasEnded, stop, tail } from './process.js';

export interface KeeperProcess {
  readonly process: ChildProcess;
  /** the file of the keeper, which is read again when it changes */
  readonly file: string;
  /** its log, one object a line */
  log(): readonly Readonly<Record<string, unknown>>[];
  /** as it leaves by itself; resolves to its exit code */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

export interface KeeperOptions {
  /** its folder: `keeper.yaml`, `delegates/`, `state/` */
  readonly folder: string;
  readonly url: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly built?: boolean;
}

/** Starts it; what it does is seen in the directory. */
export function startKeeper({ folder, url, args = [], env = {}, built }: KeeperOptions): KeeperProcess {
  const file = join(folder, 'keeper.yaml');
  const command = [...programOf(built), 'keep', file, '--state', join(folder, 'state'), '--log-format', 'json', ...args];
  const child = spawn(process.execPath, command, {
    env: { ...process.env, FACETRY_URL: url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithParent(child);
  const output = tail(child, 1 << 20);
  return {
    process: child,
    file,
    log: () => output().split('\n').flatMap(parsed),
    async stop() {
      await stop(child, 20_000);
      return child.exitCode;
    },
    async kill() {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function parsed(line: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    return [JSON.parse(line) as Readonly<Record<string, unknown>>];
  } catch {
    return line.trim() === '' ? [] : [{ text: line }];
  }
}

/** Writes a keeper's files. `delegates`: by name of file; what begins with `#!` can be executed. */
export function writeKeeper(folder: string, config: string, delegates: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'delegates'), { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(delegates)) writeDelegate(folder, name, text);
  writeFileSync(join(folder, 'keeper.yaml'), config);
}

export function writeDelegate(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, 'delegates', name), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}

/** A module that provides `Q{urn:test:NAME}NAME` and does this when it is asked. */
export function moduleOf(name: string, body: string, more = ''): string {
  return `export default { name: '${name}', provides: ['Q{urn:test:${name}}${name}'], ${more} async collect({ resource, config, facets, row, signal }) { ${body} } };\n`;
}

/** A shell script that provides the same. */
export function scriptOf(name: string, body: string): string {
  return `#!/bin/sh\nif [ "$1" = --describe ]; then echo '{"name":"${name}","provides":["Q{urn:test:${name}}${name}"]}'; exit; fi\n${body}\n`;
}
