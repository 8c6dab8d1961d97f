/**
 * References in a keeper's file: `${node:hostname}`, `${env:NAME}` (of the file's list), `${file:PATH}` (its text), `${path:PATH}`
 * (made absolute), `${row:key}` (for-each). Relative paths begin at the keeper's file.
 * Files and variables are read when a delegate is asked, so that a secret in them stands nowhere else.
 */
import { readFileSync } from 'node:fs';
import * as os from 'node:os';
import { nearest } from '../../model/index.js';
import type { Row } from '../delegate.js';
import type { SecretReference } from './config.js';

const REFERENCE = /\$\{([^{}:]*):([^{}]*)\}/g;
const KINDS = ['node', 'env', 'file', 'path', 'row'];
/** Keys under which people keep what nobody else should read. */
const SECRET = /(?:password|passwd|secret|token|api[-_]?key|private[-_]?key)$/i;

/** Facts of the node that stay as they are when it is started again. */
const NODE_FACTS: Readonly<Record<string, () => string>> = {
  hostname: () => os.hostname(),
  'machine-id': () => readFileSync('/etc/machine-id', 'utf8').trim(),
  arch: () => os.machine(),
  platform: () => os.platform(),
};

export interface Surroundings {
  /** names that `${env:…}` may give */
  readonly env: readonly string[];
  /** where relative files begin; without it, no file is read */
  readonly folder?: (path: string) => string;
  readonly row?: Row;
}

/** Throws Error that names the reference for what cannot be resolved. */
export function fill(template: string, surroundings: Surroundings): string {
  return template.replace(REFERENCE, (_, kind: string, name: string) => String(lookUp(kind, name, surroundings)));
}

/** All texts in a configuration. What is one reference and nothing else keeps its type: a number of a row stays one. */
export function fillAll<T>(value: T, surroundings: Surroundings): T {
  if (typeof value === 'string') {
    const [only] = [...value.matchAll(REFERENCE)];
    return (
      only !== undefined && only[0] === value ? lookUp(only[1] as string, only[2] as string, surroundings) : fill(value, surroundings)
    ) as T;
  }
  if (Array.isArray(value)) return value.map((one) => fillAll(one, surroundings)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillAll(one, surroundings)])) as T;
}

function lookUp(kind: string, name: string, { env, folder, row }: Surroundings): string | number | boolean {
  const reference = `\${${kind}:${name}}`;
  switch (kind) {
    case 'node': {
      const fact = NODE_FACTS[name];
      if (fact === undefined) throw new Error(`${reference}: there is no such fact of the node`);
      return fact();
    }
    case 'env': {
      const value = env.includes(name) ? process.env[name] : undefined;
      if (value === undefined) throw new Error(`${reference}: the variable is not set`);
      return value;
    }
    case 'file':
      if (folder === undefined) throw new Error(`${reference}: no file can be read here`);
      return readFileSync(folder(name), 'utf8').replace(/\n$/, '');
    case 'path':
      if (folder === undefined) throw new Error(`${reference}: no path can be told here`);
      return folder(name);
    case 'row': {
      const value = row?.[name];
      if (value === undefined) throw new Error(`${reference}: the row has no "${name}"`);
      return value;
    }
    default:
      throw new Error(`${reference}: there is no such reference`);
  }
}

/** A secret that is referred to; undefined for anything else. */
export function secretReference(text: string): SecretReference | undefined {
  const [, kind, name] = /^\$\{(env|file):([^{}]+)\}$/.exec(text) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  return kind === 'env' ? { env: name } : { file: name };
}

export interface ReferenceFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string;
}

/** Secrets that stand in the file, and references that can never be resolved. The file may be wrong in other ways too. */
export function referenceFaults(file: unknown): readonly ReferenceFault[] {
  const env = listIn(file, 'env').map(String);
  const faults: ReferenceFault[] = [];
  visit(file, []);
  return faults;

  function visit(value: unknown, path: readonly PropertyKey[]): void {
    if (Array.isArray(value)) value.forEach((one, i) => void visit(one, [...path, i]));
    else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) visit(one, [...path, key]);
    else if (typeof value === 'string') check(value, path);
    else if (SECRET.test(String(path.at(-1))) && typeof value === 'number') literal(path);
  }

  function literal(path: readonly PropertyKey[]): void {
    faults.push({
      path,
      message: `"${path.map(String).join('.')}" is a secret that stands in the file`,
      hint: `refer to it: \${env:NAME}, with NAME in the list "env", or \${file:PATH}`,
    });
  }

  function check(text: string, path: readonly PropertyKey[]): void {
    if (SECRET.test(String(path.at(-1))) && secretReference(text) === undefined) literal(path);
    for (const [reference, kind, name] of text.matchAll(REFERENCE)) {
      const fault = faultOf(kind as string, name as string, path);
      if (fault !== undefined) faults.push({ path, message: `${reference}: ${fault[0]}`, hint: fault[1] });
    }
  }

  function faultOf(kind: string, name: string, path: readonly PropertyKey[]): readonly [string, string] | undefined {
    const inConfig = path.includes('config') || path[0] === 'directory';
    switch (kind) {
      case 'node': {
        if (Object.hasOwn(NODE_FACTS, name)) return undefined;
        const near = nearest(name, Object.keys(NODE_FACTS));
        const known = Object.keys(NODE_FACTS).join(', ');
        return ['there is no such fact of the node', near === undefined ? `known: ${known}` : `did you mean "${near}"?`];
      }
      case 'env':
        return env.includes(name)
          ? undefined
          : ['the variable is not on the list "env"', `add it there: env: [${[...env, name].join(', ')}]`];
      case 'file':
        return inConfig ? undefined : ['a file may be referred to in "config" and "directory" only', 'it would be published'];
      case 'path':
        return inConfig ? undefined : ['a path may be referred to in "config" only', 'what is published should not tell of folders'];
      case 'row':
        return path[0] === 'resources' &&
          fieldIn(listIn(file, 'resources')[Number(path[1])], 'for-each') !== undefined &&
          path[2] !== 'for-each'
          ? undefined
          : ['there are rows in a resource with "for-each" only', 'add for-each: { delegate: … }'];
      default: {
        const near = nearest(kind, KINDS);
        return ['there is no such reference', near === undefined ? `known: ${KINDS.join(', ')}` : `did you mean \${${near}:${name}}?`];
      }
    }
  }
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = fieldIn(value, key);
  return Array.isArray(list) ? list : [];
}

function fieldIn(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}
