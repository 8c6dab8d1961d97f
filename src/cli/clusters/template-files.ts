/**
 * The files that a Heat template draws on: `get_file`, and types that are templates themselves. Heat is given them as text under
 * the very names that the template uses; it fetches none from here.
 */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../exit-code.js';

/** bytes of all files together; a resource in the directory may have 1 MiB unless told otherwise */
const MOST = 512 * 1024;
const IS_TEMPLATE = /\.(?:yaml|yml|template)$/;
/** what neither XML nor JSON text can hold as it is */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Name → content; `label` is the template, in the words of errors. Throws UsageError that names the file that cannot be taken. */
export function templateFiles(template: string, label: string, folder: string): Readonly<Record<string, string>> {
  const root = realpathSync(folder);
  const found = new Map<string, { readonly path: string; readonly content: string }>();
  let bytes = 0;

  function take(text: string, from: string, base: string): void {
    for (const name of namesIn(text, from)) {
      const path = placeOf(name, from, base);
      const known = found.get(name);
      if (known !== undefined) {
        if (known.path === path) continue;
        throw new UsageError(
          `${from}: "${name}" is another file there than elsewhere`,
          'Heat knows each name once: give the files different names',
        );
      }
      bytes += statSync(path).size;
      if (bytes > MOST)
        throw new UsageError(
          `${from}: with ${name} the files of ${label} have more than ${MOST / 1024} KiB`,
          'put what is large at an address that the machines fetch it from',
        );
      const content = textOf(path, name, from);
      found.set(name, { path, content });
      if (IS_TEMPLATE.test(name)) take(content, name, dirname(path));
    }
  }

  /** Links are followed first: what is told of a folder must be in it. */
  function placeOf(name: string, from: string, base: string): string {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name) || isAbsolute(name))
      throw new UsageError(
        `${from}: "${name}" is no path below the folder of ${label}`,
        'copy the file beside the template and name it there',
      );
    let path: string;
    try {
      path = realpathSync(resolve(base, name));
    } catch {
      throw new UsageError(`${from}: there is no file ${name}`);
    }
    const inside = relative(root, path);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      throw new UsageError(`${from}: "${name}" leads out of the folder of ${label}`, 'copy the file beside the template and name it there');
    if (!statSync(path).isFile()) throw new UsageError(`${from}: ${name} is no file`);
    return path;
  }

  take(template, label, root);
  return Object.fromEntries([...found].map(([name, { content }]) => [name, content]));
}

function textOf(path: string, name: string, from: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
    if (!NO_TEXT.test(text)) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw new UsageError(`${from}: ${name} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`${from}: ${name} is no text`, 'put it at an address that the machines fetch it from');
}

function namesIn(text: string, from: string): readonly string[] {
  let whole: unknown;
  try {
    whole = parse(text);
  } catch (error) {
    throw new UsageError(`${from} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  const names: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    // of a list the keys are numbers
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') visit(inner);
      // a type may be an address, which the site itself fetches
      else if (key === 'get_file' || (key === 'type' && IS_TEMPLATE.test(inner) && !inner.includes('://'))) names.push(inner);
    }
  };
  visit(whole);
  return names;
}
