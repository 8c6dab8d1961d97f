import {
  ParseOption,
  XmlBufferInputProvider,
  XmlDocument,
  XmlParseError,
  XmlValidateError,
  XsdValidator,
  xmlCleanupInputProvider,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';
import { escapeAttribute } from './escape.js';
import { MAX_VIOLATIONS } from './limits.js';
import { createXsdValidation } from './xsd-validation.js';

/**
 * The second opinion: libxml2 parses what `read-resource.ts` wrote, independently, and validates it against one compiled schema that
 * imports the resource schema and every registered one. Foreign elements pass (lax), known ones must be valid wherever they stand.
 *
 * Runs in a worker that can be killed: a hostile schema can make libxml2 spin, trap or eat memory.
 */
export interface Validator {
  /** What is wrong, in the order found. Lines count the line feeds of `xml`. */
  validate(xml: Uint8Array): Verdict;
  dispose(): void;
}

export interface Verdict {
  /** how many faults there are; 0: valid */
  readonly count: number;
  /** the first of them */
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly message: string;
  readonly line: number;
  /** `parse`: libxml2 does not even see well-formed XML */
  readonly kind: 'parse' | 'schema';
}

export interface SchemaText {
  readonly ns: string;
  readonly xsd: string;
}

/** Why schemas do not compile; `schema` is the index of the guilty one, if libxml2 says. */
export interface SchemaFinding {
  readonly message: string;
  readonly line: number;
  readonly schema?: number;
  /** its namespace */
  readonly ns?: string;
  readonly column?: number;
}

export class SchemaCompileError extends Error {
  readonly findings: readonly SchemaFinding[];
  constructor(findings: readonly SchemaFinding[]) {
    super(findings[0]?.message ?? 'the schemas do not compile');
    this.findings = findings;
  }
}

/** NONET and NO_XXE; never HUGE (it lifts libxml2's own bounds) or NOENT. BIG_LINES: lines beyond 65 535 where libxml2 can. */
const OPTIONS =
  ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NO_SYS_CATALOG | ParseOption.XML_PARSE_BIG_LINES;

/** One fault can be two findings, see `isEcho`. */
const KEPT = 2 * MAX_VIOLATIONS;

/**
 * Compiles `schemas` (the resource schema among them) into one validator.
 * libxml2 opens nothing but our own names: all its input handlers are removed first, those for files too.
 */
export function compileValidator(schemas: readonly SchemaText[]): Validator {
  const names = schemas.map((_, k) => `mem:///${k}.xsd`);
  const imports = schemas.map(({ ns }, k) => `<xs:import namespace="${escapeAttribute(ns)}" schemaLocation="${names[k]}"/>`).join('');
  const driver = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports}</xs:schema>`;
  xmlCleanupInputProvider();
  xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries(schemas.map(({ xsd }, k) => [names[k], Buffer.from(xsd)]))));
  const parsed = XmlDocument.fromString(driver, { option: OPTIONS, url: 'mem:///driver.xsd' });
  try {
    const xsd = XsdValidator.fromDoc(parsed);
    const validation = createXsdValidation();
    // The compiled schema may point into the driver's tree: both live and go together.
    return {
      validate: (xml) => validate(validation, xsd, xml),
      dispose() {
        xsd.dispose();
        parsed.dispose();
      },
    };
  } catch (error) {
    parsed.dispose();
    if (!(error instanceof XmlValidateError)) throw error;
    throw new SchemaCompileError(
      error.details.map(({ message, line, file }) => {
        const schema = names.indexOf(file ?? '');
        return { message: message.trim(), line, ...(schema < 0 ? {} : { schema }) };
      }),
    );
  } finally {
    xmlCleanupInputProvider();
  }
}

function validate(validation: ReturnType<typeof createXsdValidation>, xsd: XsdValidator, xml: Uint8Array): Verdict {
  let parsed: XmlDocument;
  try {
    parsed = XmlDocument.fromBuffer(xml, { option: OPTIONS });
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    if (/out of memory|allocation failed/i.test(error.message)) throw new RangeError(error.message.trim());
    return {
      count: error.details.length,
      findings: error.details.map(({ message, line }) => ({ message: message.trim(), line, kind: 'parse' })),
    };
  }
  try {
    const { count, first } = validation(xsd, parsed, KEPT);
    return { count, findings: first.map((finding) => ({ ...finding, kind: 'schema' })) };
  } finally {
    parsed.dispose();
  }
}
