import { type DocumentLimits, Problem, RESOURCE_NS, type ResourceId, type Violation } from '../model/index.js';
import { type Accepted, tooLarge } from './accepted.js';
import { decodeDocument } from './decode.js';
import { refusal } from './findings.js';
import { MAX_VIOLATIONS } from './limits.js';
import type { Position } from './positions.js';
import { createResourceReader, type Draft } from './read-resource.js';
import { friendly, isEcho } from './schema-errors.js';
import type { InspectedSchema } from './schema-registry.js';
import type { Finding, Validator } from './validator.js';
import { notWellFormed } from './well-formed.js';

export interface ReadBytesOptions {
  readonly id?: ResourceId;
  readonly mintedId?: ResourceId;
  readonly charset?: string;
  readonly origin?: Position;
  readonly namespaces?: Readonly<Record<string, string>>;
}

/**
 * Bytes → resource, in one thread: decode, read once against the model, write the canonical form, have that validated.
 * What is returned was validated as it stands: `resource.xml` are the very characters libxml2 was given.
 */
export function createReader(
  limits: DocumentLimits,
  schemas: readonly InspectedSchema[],
  validator: Validator,
): (bytes: Uint8Array, options?: ReadBytesOptions) => Accepted {
  const declared = new Map(schemas.map(({ ns, elements }) => [ns, new Set(elements)]));
  const prefixes = new Map(schemas.map(({ ns, prefix }) => [ns, prefix]));
  declared.set(RESOURCE_NS, new Set(['resource']));
  const readText = createResourceReader(limits, declared);

  return (bytes, options = {}) => {
    if (bytes.length > limits.bytes) throw tooLarge(bytes.length, limits);
    const draft = readText(decodeDocument(bytes, options), options);
    if (draft.resource === undefined) throw refusal(inOrder([...draft.violations, ...schemaViolations(draft).violations]), draft.uncounted);
    const canonical = Buffer.from(draft.resource.xml);
    if (canonical.length > limits.bytes) throw canonicalTooLarge(limits);
    const { count, findings } = validator.validate(canonical);
    if (count > 0) {
      const { violations, uncounted } = schemaViolations(draft);
      throw violations.length > 0
        ? refusal(inOrder(violations), uncounted)
        : refusal(findings.map(({ message }) => ({ rule: 'schema', message })));
    }
    return { resource: draft.resource, notices: draft.notices };
  };

  /**
   * What the schemas say, element by element. An XSD error carries a line only, so libxml2 gets the document with one line feed inside
   * each start tag: the line of an element is then its ordinal.
   */
  function schemaViolations(draft: Draft): { readonly violations: readonly Violation[]; readonly uncounted: number } {
    const probe = draft.probe();
    if (probe === undefined) return { violations: [], uncounted: 0 };
    const { count, findings } = validator.validate(Buffer.from(oneLineAnElement(probe.xml)));
    const violations: Violation[] = [];
    let last = -1;
    let seen = 0;
    for (const finding of findings) {
      seen++;
      const ordinal = probe.ordinals[finding.line - 2] ?? 0;
      if (finding.kind === 'parse') throw disagreement(finding, draft, ordinal);
      if (ordinal < 0 || (isEcho(finding.message) && ordinal === last)) continue;
      last = ordinal;
      violations.push({ rule: 'schema', ...friendly(finding.message, (ns) => prefixes.get(ns)), ...draft.place(ordinal) });
      if (violations.length >= MAX_VIOLATIONS) break;
    }
    return { violations, uncounted: violations.length < MAX_VIOLATIONS ? 0 : count - seen };
  }
}

function inOrder(violations: readonly Violation[]): Violation[] {
  return violations.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

/** Canonical text has `<` at tags only, and line feeds in text only. */
function oneLineAnElement(canonical: string): string {
  return canonical.replaceAll('\n', '&#10;').replace(/<[^\s/>]+/g, '$&\n');
}

/** Two parsers read the same text; what one of them refuses is refused. */
function disagreement(finding: Finding, draft: Draft, ordinal: number): Problem {
  return notWellFormed(finding.message, draft.place(Math.max(0, ordinal)));
}

function canonicalTooLarge(limits: DocumentLimits): Problem {
  return new Problem('limit-exceeded', {
    detail: `the canonical form of the document has more than ${limits.bytes} bytes`,
    hint: 'characters that must be escaped take more room in it; split the document, or ask for a higher limit',
  });
}
