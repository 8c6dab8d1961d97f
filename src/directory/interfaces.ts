import { DIRECTORY_NS, RESOURCE_NS } from '../model/index.js';
import type { Schema, SchemaReport } from '../xml/index.js';
import type { InterfaceSummary } from './directory.js';

/** The registered interfaces of one registry revision. */
export interface SchemaSet {
  /** prefixes that every question has bound: `r` and those of the registered interfaces */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly summaries: readonly InterfaceSummary[];
  schema(ns: string): string | undefined;
}

export function schemaSet(schemas: readonly Schema[], report: SchemaReport): SchemaSet {
  const texts = new Map(schemas.map((schema) => [schema.ns, schema.xsd]));
  const prefixes: Record<string, string> = { r: RESOURCE_NS, dir: DIRECTORY_NS };
  for (const { prefix, ns } of report.interfaces) prefixes[prefix] ??= ns;
  return { prefixes, summaries: report.interfaces, schema: (ns) => texts.get(ns) };
}
