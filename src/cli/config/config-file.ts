/** One configuration file: YAML of settings, and named contexts of settings. Whatever is wrong is said with its line. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { nearest } from '../../model/index.js';
import { FileError } from '../output/file-error.js';
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.js';

/** A value as it stands in a file, and where. */
export interface Found {
  readonly value: unknown;
  readonly line: number;
}

export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<SettingName | 'data', Found>;
  /** the context the file chooses by itself */
  readonly context?: string;
  readonly contexts: ReadonlyMap<string, ReadonlyMap<SettingName | 'data', Found>>;
}

/** Undefined: there is no such file. Throws FileError for anything in it that is not understood. */
export function readConfigFile(path: string): ConfigFile | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(path, '', [{ rule: 'config', message: `cannot be read: ${(error as Error).message}` }]);
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  function fail(offset: number, message: string, hint?: string): never {
    const { line, col } = counter.linePos(offset);
    throw new FileError(path, text, [{ rule: 'config', message, line, column: col, ...(hint === undefined ? {} : { hint }) }]);
  }
  const [error] = document.errors;
  if (error !== undefined) fail(error.pos[0], error.message);
  if (document.contents === null) return { path, values: new Map(), contexts: new Map() };
  if (!isMap(document.contents)) fail(0, 'must hold settings, such as url: http://127.0.0.1:8080');

  function settingsIn(map: YAMLMap, more: readonly string[]): Map<SettingName | 'data', Found> {
    const found = new Map<SettingName | 'data', Found>();
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const at = (isScalar(key) ? key.range?.[0] : undefined) ?? 0;
      if (more.includes(name)) continue;
      if (name !== 'data' && !Object.hasOwn(SETTINGS, name)) {
        const known = [...SETTING_NAMES, 'data', ...more];
        const near = nearest(name, known);
        fail(at, `there is no setting "${name}"`, near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`);
      }
      const scalar = isScalar(value) ? value : undefined;
      if (scalar === undefined) fail(at, `"${name}" must have one value`);
      if (name !== 'data') {
        const read = SETTINGS[name as SettingName].read.safeParse(scalar.value);
        if (!read.success) fail(scalar.range?.[0] ?? at, `"${name}" ${read.error.issues[0]?.message}`);
      }
      found.set(name as SettingName, { value: scalar.value, line: counter.linePos(at).line });
    }
    return found;
  }

  const root = document.contents as YAMLMap;
  const contexts = new Map<string, ReadonlyMap<SettingName | 'data', Found>>();
  const all = root.get('contexts', true);
  if (all !== undefined && !isMap(all)) fail(0, '"contexts" must map names to settings');
  for (const { key, value } of isMap(all) ? all.items : []) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!isMap(value)) fail((isScalar(key) ? key.range?.[0] : undefined) ?? 0, `the context "${name}" must hold settings`);
    contexts.set(name, settingsIn(value, []));
  }
  const context = root.get('context');
  return {
    path,
    values: settingsIn(root, ['contexts', 'context']),
    contexts,
    ...(context === undefined ? {} : { context: String(context) }),
  };
}
