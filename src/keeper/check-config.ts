import { z } from 'zod';
import type { Declaration } from './found-delegate.js';

/** A schema is compiled once: a keeper asks before each run. */
const shapes = new WeakMap<object, z.ZodType>();

/** What a configuration breaks of the JSON Schema that its delegate declares, each with its place; empty when nothing. */
export function configFaults(
  { config: schema }: Pick<Declaration, 'config'>,
  config: Readonly<Record<string, unknown>>,
): readonly string[] {
  if (schema === undefined) return [];
  let shape = shapes.get(schema);
  try {
    shape ??= z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
    shapes.set(schema, shape);
  } catch (error) {
    return [`the schema of its configuration cannot be used: ${(error as Error).message}`];
  }
  // zod heeds `required` only where `properties` describes what is required.
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const missing = required.filter((name) => !Object.hasOwn(config, name));
  const issues = shape.safeParse(config).error?.issues ?? [];
  return [
    ...missing.map((name) => `"${name}" is required`),
    ...issues
      .filter(({ path }) => !missing.includes(String(path[0])))
      .map(({ path, message }) => (path.length === 0 ? message : `"${path.join('.')}": ${message}`)),
  ];
}
