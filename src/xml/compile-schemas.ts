import { SaxesParser } from 'saxes';
import { positionsIn } from './positions.js';
import type { InspectedSchema } from './schema-registry.js';
import { compileValidator, SchemaCompileError, type SchemaFinding, type SchemaText, type Validator } from './validator.js';

export { SchemaCompileError } from './validator.js';

/**
 * Compiles the registered schemas. libxml2 tells the line of a faulty declaration and no column, so schemas that do not compile are
 * given to it once more with one line an element: the line is then the element's ordinal, and we know where that stands.
 */
export function compileSchemas(resourceSchema: SchemaText, schemas: readonly InspectedSchema[]): Validator {
  try {
    return compileValidator([resourceSchema, ...schemas]);
  } catch (error) {
    if (!(error instanceof SchemaCompileError)) throw error;
    throw new SchemaCompileError(placed(error.findings, resourceSchema, schemas));
  }
}

function placed(found: readonly SchemaFinding[], resourceSchema: SchemaText, schemas: readonly InspectedSchema[]): SchemaFinding[] {
  const probes = schemas.map(({ ns, xsd }) => ({ ns, ...oneLineAnElement(xsd) }));
  let findings = found;
  let probed = false;
  try {
    compileValidator([resourceSchema, ...probes]).dispose();
  } catch (error) {
    if (error instanceof SchemaCompileError) {
      findings = error.findings;
      probed = true;
    }
  }
  // Index 0 is the resource schema.
  return findings.map((finding) => {
    const { message, schema } = finding;
    const own = schema === undefined || schema === 0 ? undefined : schemas[schema - 1];
    if (own === undefined || schema === undefined) return finding;
    if (!probed) return { ...finding, ns: own.ns };
    const start = probes[schema - 1].starts[finding.line - 2];
    return { message, schema, ns: own.ns, ...(start === undefined ? { line: 0 } : positionsIn(own.xsd)(start)) };
  });
}

/** The schema with a line feed inside each start tag and nowhere else; and where in the source the tags begin. */
function oneLineAnElement(xsd: string): { readonly xsd: string; readonly starts: readonly number[] } {
  const parser = new SaxesParser({ xmlns: true });
  const starts: number[] = [];
  let out = '';
  let done = 0;
  parser.on('opentag', (tag) => {
    const start = xsd.lastIndexOf('<', parser.position - 1);
    const end = start + 1 + tag.name.length;
    starts.push(start);
    out += `${xsd.slice(done, end).replace(/[\r\n]/g, ' ')}\n`;
    done = end;
  });
  parser.write(xsd).close();
  return { xsd: out + xsd.slice(done).replace(/[\r\n]/g, ' '), starts };
}
