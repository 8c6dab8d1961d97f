/**
 * Where does a value come from? The first of these that says something:
 *
 *     flag  >  FACETRY_* variable  >  ./facetry.yaml  >  $XDG_CONFIG_HOME/facetry/config.yaml  >  /etc/facetry/config.yaml  >  default
 *
 * Within a file, the chosen context comes before the settings beside it. The context is chosen by --context,
 * FACETRY_CONTEXT, or the first file with `context:`.
 */
import { join } from 'node:path';
import { nearest } from '../../model/index.js';
import { UsageError } from '../exit-code.js';
import { type ConfigFile, type Found, readConfigFile } from './config-file.js';
import { SETTING_NAMES, SETTINGS, type SettingName, type Settings, variableOf } from './settings.js';

/** `--max-bytes 5`, in commander's spelling: `{ maxBytes: '5' }`. */
export type Flags = Readonly<Record<string, unknown>>;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** default /etc/facetry/config.yaml */
  readonly systemFile?: string;
}

export interface Configuration {
  readonly settings: Settings;
  /** `flag --url`, `FACETRY_URL`, `/path/facetry.yaml:3`, `default` */
  readonly origins: Readonly<Record<SettingName, string>>;
  /** files that exist, first one first */
  readonly files: readonly string[];
  readonly context?: string;
}

interface Layer {
  readonly origin: (name: string) => string;
  readonly value: (name: SettingName | 'data') => unknown;
}

export function configure(flags: Flags, surroundings: Surroundings): Configuration {
  const { env } = surroundings;
  const files = configFiles(flags, surroundings).flatMap((path) => readConfigFile(path) ?? []);
  const context = text(flags.context) ?? env.FACETRY_CONTEXT ?? files.find((file) => file.context !== undefined)?.context;
  if (context !== undefined && !files.some((file) => file.contexts.has(context))) throw noContext(context, files);

  const layers: Layer[] = [
    { origin: (name) => `flag --${name}`, value: (name) => flags[camel(name)] },
    { origin: variableOf, value: (name) => (env[variableOf(name)] === '' ? undefined : env[variableOf(name)]) },
    ...files.flatMap((file) => [
      ...layerOf(file, context === undefined ? undefined : file.contexts.get(context)),
      ...layerOf(file, file.values),
    ]),
  ];

  const settings: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const name of SETTING_NAMES) {
    const found = firstOf(layers, name);
    settings[name] = found === undefined ? (SETTINGS[name] as { fallback?: unknown }).fallback : read(name, found);
    origins[name] = found?.origin ?? 'default';
  }
  return {
    settings: settings as unknown as Settings,
    origins: origins as Record<SettingName, string>,
    files: files.map(({ path }) => path),
    ...(context === undefined ? {} : { context }),
  };
}

function configFiles(flags: Flags, { env, cwd, systemFile = '/etc/facetry/config.yaml' }: Surroundings): readonly string[] {
  const home = env.XDG_CONFIG_HOME || (env.HOME ? join(env.HOME, '.config') : undefined);
  return [
    text(flags.config) ?? env.FACETRY_CONFIG ?? join(cwd, 'facetry.yaml'),
    ...(home === undefined ? [] : [join(home, 'facetry', 'config.yaml')]),
    systemFile,
  ];
}

function layerOf(file: ConfigFile, values: ReadonlyMap<string, Found> | undefined): Layer[] {
  if (values === undefined) return [];
  return [{ origin: (name) => `${file.path}:${values.get(name)?.line}`, value: (name) => values.get(name)?.value }];
}

/** `data` is short for `store`, or names the journal's folder beside a store in BaseX; else one layer may say only one of them. */
function firstOf(layers: readonly Layer[], name: SettingName): { readonly value: unknown; readonly origin: string } | undefined {
  for (const layer of layers) {
    const value = layer.value(name);
    const folder = name === 'store' || name === 'journal' ? layer.value('data') : undefined;
    if (name === 'journal' && value === undefined && folder !== undefined) return { value: folder, origin: layer.origin('data') };
    if (name === 'store' && value !== undefined && folder !== undefined && !/^basex:/i.test(String(value))) {
      throw new UsageError(
        `${layer.origin('store')} and ${layer.origin('data')} say two things`,
        'data DIR is short for store embedded:DIR',
      );
    }
    if (value === undefined && folder !== undefined) return { value: `embedded:${String(folder)}`, origin: layer.origin('data') };
    if (value !== undefined) return { value, origin: layer.origin(name) };
  }
  return undefined;
}

function read(name: SettingName, { value, origin }: { readonly value: unknown; readonly origin: string }): unknown {
  const result = SETTINGS[name].read.safeParse(value);
  if (!result.success) throw new UsageError(`${origin}: "${String(value)}" ${result.error.issues[0]?.message}`);
  return result.data;
}

function noContext(context: string, files: readonly ConfigFile[]): UsageError {
  const known = files.flatMap((file) => [...file.contexts.keys()]);
  const near = nearest(context, known);
  const hint =
    near !== undefined ? `did you mean "${near}"?` : known.length > 0 ? `known: ${known.join(', ')}` : 'no configuration file has contexts';
  return new UsageError(`there is no context "${context}"`, hint);
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
