/** `--ns p=uri` and `--var name=value`, of `discover` and `xpath`. */
import { isNcName, parseNameKey } from '../model/index.js';
import { UsageError } from './exit-code.js';

export const BINDING_OPTIONS = [
  ['--ns <PREFIX=URI>', 'bind a prefix (repeatable)', { repeatable: true }],
  ['--var <NAME=VALUE>', 'give $NAME a string; NAME:number=5 and NAME:boolean=true give other types (repeatable)', { repeatable: true }],
] as const;

export function namespacesOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    given(options.ns).map((text) => {
      const at = text.indexOf('=');
      const prefix = text.slice(0, at);
      if (at < 1 || !isNcName(prefix)) throw new UsageError(`--ns must be PREFIX=URI, not "${text}"`);
      return [prefix, text.slice(at + 1)];
    }),
  );
}

export function variablesOf(options: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    given(options.var).map((text) => {
      const [, name, type = 'string', value] = /^(Q\{[^}]*\}[^:=]+|[^:={]+)(?::(string|number|boolean))?=(.*)$/s.exec(text) ?? [];
      if (name === undefined || !isNcName(parseNameKey(name)?.local ?? name))
        throw new UsageError(`--var must be NAME=VALUE or NAME:number=VALUE, not "${text}"`);
      return [name, typed(name, type, value)];
    }),
  );
}

function typed(name: string, type: string, value: string): string | number | boolean {
  if (type === 'number') {
    const number = Number(value);
    if (value.trim() === '' || (Number.isNaN(number) && value !== 'NaN'))
      throw new UsageError(`--var ${name}:number must be a number, not "${value}"`);
    return number;
  }
  if (type === 'boolean') {
    if (value !== 'true' && value !== 'false') throw new UsageError(`--var ${name}:boolean must be true or false, not "${value}"`);
    return value === 'true';
  }
  return value;
}

function given(value: unknown): readonly string[] {
  return (value ?? []) as readonly string[];
}
