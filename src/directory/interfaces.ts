import { DIRECTORY_NS, RESOURCE_NS } from '../model/index.js';
import type { Schema, SchemaReport } from '../xml/index.js';
import type { InterfaceSummary } from './directory.js';

/** The registered interfaces of one registry revision: what documents are read by, and which prefixes questions have. */
export interface SchemaSet {
  /** counts the sets this process has had */
  readonly number: number;
  /** prefixes that every question has bound: `r`, `dir` and those of the registered interfaces */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly summaries: readonly Pick<InterfaceSummary, 'ns' | 'prefix' | 'elements' | 'documentation'>[];
  readonly schemas: readonly Schema[];
  schema(ns: string): string | undefined;
  /** namespaces that the schema of `ns` imports */
  imports(ns: string): readonly string[];
}

export function schemaSet(schemas: readonly Schema[], report: SchemaReport, number = 0): SchemaSet {
  const texts = new Map(schemas.map((schema) => [schema.ns, schema.xsd]));
  const imports = new Map(report.interfaces.map((one) => [one.ns, one.imports]));
  const prefixes: Record<string, string> = { r: RESOURCE_NS, dir: DIRECTORY_NS };
  for (const { prefix, ns } of report.interfaces) prefixes[prefix] ??= ns;
  return {
    number,
    prefixes,
    summaries: report.interfaces,
    schemas,
    schema: (ns) => texts.get(ns),
    imports: (ns) => imports.get(ns) ?? [],
  };
}

/** `ns` and all that build on it: a change of its schema may change what is valid there. */
export function dependents(set: Pick<SchemaSet, 'summaries' | 'imports'>, ns: string): ReadonlySet<string> {
  const found = new Set([ns]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const other of set.summaries) if (set.imports(other.ns).some((imported) => found.has(imported))) found.add(other.ns);
  }
  return found;
}
