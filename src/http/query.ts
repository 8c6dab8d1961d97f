/** The query string, checked: each parameter known, given once, and of its type. */
import { z } from 'zod';
import { Problem } from '../model/index.js';

/** Parameters of every route: the form of the answer, for those who cannot set headers. */
export const format = z.enum(['xml', 'json']).optional().meta({ description: 'Form of the answer; stronger than Accept.' });

/** `?count`, `?count=true`, `?count=false` */
export function flag(description: string, otherwise = false) {
  return z
    .enum(['true', 'false', ''], { error: 'must be true or false' })
    .optional()
    .transform((value) => (value === undefined ? otherwise : value !== 'false'))
    .meta({ type: 'boolean', description, default: otherwise });
}

/** Whole number without sign. */
export function whole(description: string, minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: 'must be a whole number' })
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, { error: `must be between ${minimum} and ${maximum}` })
    .optional()
    .meta({ type: 'integer', minimum, maximum, description });
}

const NONE = new URLSearchParams();

export function parametersOf(url: string): URLSearchParams {
  const start = url.indexOf('?');
  return start < 0 ? NONE : new URLSearchParams(url.slice(start + 1));
}

/** Once each; without prototype, so that `__proto__` is a name like any other. */
export function onceEach(parameters: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of parameters) {
    if (name in values) throw new Problem('bad-request', { detail: `the parameter ${name.slice(0, 100)} is given more than once` });
    values[name] = value;
  }
  return values;
}

/** Reads the query of a request by the schema of its route. */
export function readQuery<T extends z.ZodObject>(schema: T, url: string): z.output<T> {
  return check(schema, onceEach(parametersOf(url)));
}

/** Problem `bad-request`, with a violation for each thing that is wrong. */
export function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw result.error;
}
