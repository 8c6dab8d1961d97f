import { existsSync, readFileSync } from 'node:fs';
import { DOCUMENT_LIMITS, type DocumentLimits, Problem, RESOURCE_NS, type Violation } from '../../src/model/index.js';
import type { Accepted } from '../../src/xml/index.js';
import { createReader, type ReadBytesOptions } from '../../src/xml/reader.js';
import { checkSchemas, type Schema } from '../../src/xml/schema-registry.js';
import { compileValidator } from '../../src/xml/validator.js';

/** The reader a worker has, in this thread. */
export function readerOf(schemas: readonly Schema[] = [], limits: DocumentLimits = DOCUMENT_LIMITS) {
  const inspected = checkSchemas(schemas);
  const resourceSchema = { ns: RESOURCE_NS, xsd: readFileSync(new URL('../../xsd/resource.xsd', import.meta.url), 'utf8') };
  const read = createReader(limits, inspected, compileValidator([resourceSchema, ...inspected]));
  return (document: string | Uint8Array, options?: ReadBytesOptions): Accepted =>
    read(typeof document === 'string' ? Buffer.from(document) : document, options);
}

/** A resource with these parts; facets and the like in between the tags. */
export function resource(inside: string, attributes = ''): string {
  return `<resource xmlns="${RESOURCE_NS}" id="a1"${attributes}>${inside}</resource>`;
}

export const FACET = '<f:hw xmlns:f="urn:f"><f:cpu>4</f:cpu></f:hw>';

/** What the call is refused with. */
export function problemOf(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

export function rulesOf(call: () => unknown): string[] {
  return problemOf(call).violations.map(({ rule }) => rule);
}

/** `rule line:column path`, as tables compare it. */
export function said({ rule, line, column, path }: Violation): string {
  return `${rule} ${line}:${column}${path === undefined ? '' : ` ${path}`}`;
}

/** A folder beside the repository with test data, or the reason why not; its absence is a failure under CI=true. */
export function shared(folder: string): { readonly url: URL; readonly missing?: string } {
  const url = new URL(`../../../shared/${folder}/`, import.meta.url);
  return existsSync(url) ? { url } : { url, missing: `../shared/${folder} is not beside this repository` };
}
