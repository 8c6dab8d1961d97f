import { SaxesParser } from 'saxes';
import { ANSWER_NS, DIRECTORY_NS, isNcName, Problem, RESOURCE_NS, type Violation, XML_NS, XMLNS_NS } from '../model/index.js';
import { decodeDocument } from './decode.js';
import { isExplosive } from './pattern-ambiguity.js';
import { saxesMessage } from './well-formed.js';

/** A facet schema as it is registered. */
export interface Schema {
  /** its target namespace, for those who want it checked */
  readonly ns?: string;
  readonly xsd: string;
  /** the prefix questions and messages use; without it one is taken from the schema */
  readonly prefix?: string;
}

/** What we know of a schema without compiling it. */
export interface InspectedSchema {
  readonly ns: string;
  readonly prefix: string;
  readonly xsd: string;
  /** global elements: what can stand as a facet */
  readonly elements: readonly string[];
  readonly documentation?: string;
  readonly imports: readonly { readonly ns: string; readonly line: number; readonly column: number }[];
}

export interface InterfaceReport {
  readonly ns: string;
  readonly prefix: string;
  readonly elements: readonly string[];
  readonly documentation?: string;
  /** namespaces */
  readonly imports: readonly string[];
}

/** What stands registered after a change. */
export interface SchemaReport {
  readonly interfaces: readonly InterfaceReport[];
}

export const SCHEMA_LIMITS = {
  /** characters of one schema */
  length: 1024 * 1024,
  /** characters of all of them */
  total: 16 * 1024 * 1024,
  count: 1000,
} as const;

const XS_NS = 'http://www.w3.org/2001/XMLSchema';
const XSI_NS = 'http://www.w3.org/2001/XMLSchema-instance';
/** Namespaces nobody can register: they have a meaning already. */
const RESERVED: ReadonlySet<string> = new Set([RESOURCE_NS, ANSWER_NS, DIRECTORY_NS, XML_NS, XMLNS_NS, XS_NS, XSI_NS]);
/** Prefixes people give to "the namespace of this very schema"; they say nothing. */
const ANONYMOUS = /^(?:tns|this|target|self|my|ns\d*)$/;
const TAKEN: readonly string[] = ['r', 'dir', 'xml', 'xmlns'];

/**
 * Checks a whole set: no second schema of a namespace, and every import resolves to a registered schema, by its namespace. libxml2 would
 * ignore the one and tolerate the other without a word. `schemaLocation` is never followed.
 */
export function checkSchemas(schemas: readonly Schema[]): readonly InspectedSchema[] {
  if (schemas.length > SCHEMA_LIMITS.count) throw invalid(`there are more than ${SCHEMA_LIMITS.count} schemas`, []);
  if (schemas.reduce((sum, { xsd }) => sum + xsd.length, 0) > SCHEMA_LIMITS.total)
    throw invalid(`the schemas together have more than ${SCHEMA_LIMITS.total} characters`, []);
  const prefixes = new Set(TAKEN);
  const inspected: InspectedSchema[] = [];
  for (const schema of schemas) {
    const one = inspectSchema(schema.xsd, schema);
    if (inspected.some(({ ns }) => ns === one.ns))
      throw invalid(`there are two schemas of the namespace "${one.ns}"`, [], 'one namespace has one schema: join the two into one text');
    inspected.push({ ...one, prefix: free(one.prefix, prefixes) });
  }
  const known = new Set([RESOURCE_NS, ...inspected.map(({ ns }) => ns)]);
  for (const schema of inspected) {
    const lost = schema.imports.filter(({ ns }) => !known.has(ns));
    if (lost.length === 0) continue;
    const violations = lost.map(
      ({ ns, line, column }): Violation => ({
        rule: 'schema-import',
        message: `the imported namespace "${ns}" is not registered`,
        line,
        column,
      }),
    );
    throw invalid(
      inSchema(schema.ns, violations[0]),
      violations,
      'register the schema of that namespace first; locations are never followed',
    );
  }
  return inspected;
}

/** Reads what a schema declares. Refuses what could reach outside it, before libxml2 sees it. */
export function inspectSchema(xsd: string, expected: { readonly ns?: string; readonly prefix?: string } = {}): InspectedSchema {
  const label = expected.ns ?? 'new';
  if (xsd.length > SCHEMA_LIMITS.length) throw invalid(`the schema of "${label}" has more than ${SCHEMA_LIMITS.length} characters`, []);
  let text: string;
  try {
    text = decodeDocument(Buffer.from(withoutDeclaration(xsd)));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw invalid(`the schema of "${label}": ${error.message}`, error.violations, error.hint);
  }
  const parser = new SaxesParser({ xmlns: true });
  let depth = 0;
  let ns: string | undefined;
  let bound: string | undefined;
  let documentation: string | undefined;
  let collecting: 'no' | 'annotation' | 'documentation' = 'no';
  const elements: string[] = [];
  const imports: { ns: string; line: number; column: number }[] = [];
  const here = () => ({ line: parser.line, column: Math.max(1, parser.column) });
  function fail(rule: string, message: string, hint?: string): never {
    const violation: Violation = { rule, message, ...here(), ...(hint === undefined ? {} : { hint }) };
    throw invalid(inSchema(ns ?? label, violation), [violation], hint);
  }
  parser.on('error', (error) => fail('well-formed', saxesMessage(error) ?? error.message));
  parser.on('opentag', (tag) => {
    depth++;
    if (depth > 256) fail('limit-depth', 'the schema is more than 256 elements deep');
    const attribute = (name: string) => tag.attributes[name]?.value;
    if (depth === 1) {
      if (tag.uri !== XS_NS || tag.local !== 'schema')
        fail('schema-root', `the root element is ${tag.name}, not a schema`, `the root must be <xs:schema xmlns:xs="${XS_NS}">`);
      ns = attribute('targetNamespace')?.trim();
      if (ns === undefined || ns === '')
        fail('schema-namespace', 'the schema has no targetNamespace', 'facets live in a namespace: say which');
      if (RESERVED.has(ns))
        fail('schema-namespace', `the namespace "${ns}" cannot be registered`, 'it has a fixed meaning: use a namespace of your own');
      if (expected.ns !== undefined && expected.ns !== ns) fail('schema-namespace', `the schema is of "${ns}", not of "${expected.ns}"`);
      bound = Object.keys(tag.ns ?? {}).find((prefix) => tag.ns[prefix] === ns && prefix !== '' && !ANONYMOUS.test(prefix));
      return;
    }
    if (tag.uri !== XS_NS) return;
    if (tag.local === 'include' || tag.local === 'redefine' || tag.local === 'override') {
      fail(
        'schema-include',
        `xs:${tag.local} is not accepted`,
        'put the declarations into this schema, or into a registered one and import that',
      );
    }
    if (tag.local === 'pattern' && isExplosive(attribute('value') ?? '')) {
      fail(
        'schema-pattern',
        `the pattern ${attribute('value')} can need exponential time`,
        'the same text can be read by it in many ways: write it so that each character has one place',
      );
    }
    if (tag.local === 'import') imports.push({ ns: attribute('namespace') ?? '', ...here() });
    if (depth === 2) {
      if (tag.local === 'element' && attribute('name') !== undefined) elements.push((attribute('name') as string).trim());
      if (tag.local === 'annotation' && documentation === undefined) collecting = 'annotation';
    } else if (depth === 3 && collecting === 'annotation' && tag.local === 'documentation') {
      collecting = 'documentation';
      documentation ??= '';
    }
  });
  const onText = (piece: string) => {
    if (collecting === 'documentation') documentation += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    depth--;
    if (depth === 2 && collecting === 'documentation') collecting = 'annotation';
    if (depth === 1) collecting = 'no';
  });
  parser.write(text).close();

  const said = documentation?.replace(/\s+/g, ' ').trim();
  const prefix = expected.prefix ?? bound ?? lastWord(ns as unknown as string);
  return { ns: ns as unknown as string, prefix, xsd: text, elements, imports, ...(said ? { documentation: said } : {}) };
}

export function reportOf(schemas: readonly InspectedSchema[]): SchemaReport {
  return {
    interfaces: schemas.map(({ ns, prefix, elements, documentation, imports }) => ({
      ns,
      prefix,
      elements,
      imports: [...new Set(imports.map((imported) => imported.ns))],
      ...(documentation === undefined ? {} : { documentation }),
    })),
  };
}

/** The text is characters by now, so what it says of its encoding no longer holds. Line numbers stay. */
function withoutDeclaration(xsd: string): string {
  return xsd.replace(/^\uFEFF?<\?xml\s[^>]*\?>/, (declaration) => declaration.replace(/[^\r\n]+/g, ''));
}

/** `urn:facetry:site` → `site`, `http://example.org/facets/host#` → `host`. */
function lastWord(ns: string): string {
  const words = ns.match(/[\p{L}_][\p{L}\p{N}_-]*/gu) ?? [];
  const word = words.at(-1) ?? 'ns';
  return isNcName(word) ? word : 'ns';
}

function free(wanted: string, taken: Set<string>): string {
  let prefix = isNcName(wanted) ? wanted : 'ns';
  for (let k = 2; taken.has(prefix); k++) prefix = `${wanted}${k}`;
  taken.add(prefix);
  return prefix;
}

export function inSchema(ns: string, violation: Violation): string {
  return `the schema of "${ns}"${violation.line === undefined ? '' : `, line ${violation.line}`}: ${violation.message}`;
}

export function invalid(detail: string, violations: readonly Violation[], hint?: string): Problem {
  return new Problem('invalid-schema', { detail, hint, violations });
}
