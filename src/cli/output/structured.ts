import { stringify } from 'yaml';

/** Data as JSON (two spaces) or YAML, ending in a line break. */
export function structured(form: 'json' | 'yaml', data: unknown): string {
  return form === 'json' ? `${JSON.stringify(data, null, 2)}\n` : stringify(data, { lineWidth: 0 });
}
