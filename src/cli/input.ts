/** The files a command is given: names, patterns, `-` for standard input. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { UsageError } from './exit-code.js';
import type { Terminal } from './terminal.js';

export interface InputFile {
  /** as the user knows it; `<stdin>` */
  readonly label: string;
  readonly path: string | undefined;
  /** bytes; 0 when not known */
  readonly size: number;
}

/** Patterns that the shell left alone are expanded; one that matches nothing is an error, as a missing file is. */
export function inputFiles(given: readonly string[], terminal: Terminal): readonly InputFile[] {
  return given.flatMap((name): InputFile[] => {
    if (name === '-') return [{ label: '<stdin>', path: undefined, size: 0 }];
    const path = resolve(terminal.cwd, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile()) return [{ label: name, path, size: stat.size }];
    if (stat?.isDirectory()) throw new UsageError(`${name} is a folder`, `name its files: '${name.replace(/\/$/, '')}/*.xml'`);
    if (stat !== undefined) return [{ label: name, path, size: 0 }];
    const found = /[*?]/.test(name) ? expand(name, terminal.cwd) : [];
    if (found.length === 0) throw new UsageError(/[*?]/.test(name) ? `no file matches ${name}` : `there is no file ${name}`);
    return found.map((label) => {
      const full = resolve(terminal.cwd, label);
      return { label, path: full, size: statSync(full).size };
    });
  });
}

export async function readInput({ path, label }: InputFile, terminal: Terminal): Promise<Buffer> {
  if (path === undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk as Buffer));
    return Buffer.concat(chunks);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${label} cannot be read: ${(error as Error).message}`);
  }
}

/** `*` and `?` within a name, `**` for any folders. Hidden files only when the pattern names the dot. Sorted. */
function expand(pattern: string, cwd: string): string[] {
  const steps = pattern.split(/[\\/]+/);
  const absolute = steps[0] === '';
  let found = [absolute ? sep : ''];
  for (const [k, step] of (absolute ? steps.slice(1) : steps).entries()) {
    const last = k === steps.length - (absolute ? 2 : 1);
    if (step === '**') found = found.flatMap((folder) => [folder, ...foldersBelow(folder, cwd)]);
    else if (/[*?]/.test(step)) {
      const wanted = new RegExp(
        `^${step
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
        'u',
      );
      found = found.flatMap((folder) =>
        entries(folder, cwd)
          .filter(
            (entry) =>
              wanted.test(entry.name) &&
              (step.startsWith('.') || !entry.name.startsWith('.')) &&
              (last ? entry.isFile() : entry.isDirectory()),
          )
          .map((entry) => join(folder, entry.name)),
      );
    } else
      found = found
        .map((folder) => join(folder, step))
        .filter((path) => statSync(resolve(cwd, path), { throwIfNoEntry: false }) !== undefined);
  }
  return found.sort();
}

function entries(folder: string, cwd: string) {
  try {
    return readdirSync(resolve(cwd, folder), { withFileTypes: true });
  } catch {
    return [];
  }
}

function foldersBelow(folder: string, cwd: string): string[] {
  return entries(folder, cwd)
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap((entry) => [join(folder, entry.name), ...foldersBelow(join(folder, entry.name), cwd)]);
}
