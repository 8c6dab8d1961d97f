import type { ExplainedElement } from '../../model/index.js';
import { explainInterface, schemaModels } from '../../xml/index.js';
import type { SchemaSet } from '../interfaces.js';

const known = new WeakMap<SchemaSet, Map<string, readonly ExplainedElement[]>>();

/** The facets of an interface in words, made when first asked for. */
export function explain(set: SchemaSet, ns: string): readonly ExplainedElement[] {
  if (set.schema(ns) === undefined) return [];
  const made = known.get(set) ?? new Map<string, readonly ExplainedElement[]>();
  known.set(set, made);
  const before = made.get(ns);
  if (before !== undefined) return before;
  const wanted = withImports(set, ns);
  const prefixes = new Map(set.summaries.map((one) => [one.ns, one.prefix]));
  const models = schemaModels(set.schemas.filter((schema) => wanted.has(schema.ns as string)));
  const explained = explainInterface(models, ns, (other) => prefixes.get(other));
  made.set(ns, explained);
  return explained;
}

function withImports(set: SchemaSet, ns: string): ReadonlySet<string> {
  const found = new Set([ns]);
  for (const one of found) for (const imported of set.imports(one)) found.add(imported);
  return found;
}
