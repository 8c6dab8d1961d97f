import { type DocumentLimits, type Notice, Problem, RESOURCE_NS, type ResourceId, type Violation } from '../model/index.js';
import { type Accepted, tooLarge } from './accepted.js';
import { assembleParts, type CanonicalParts, partsOf, sameFacet } from './canonical-parts.js';
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
  /** the canonical document that this one replaces: facets that stay as they are in it need not be valid */
  readonly current?: Uint8Array;
}

/** A resource that obeys the model, with facets that are not valid. */
export class RefusedResource extends Problem {
  readonly id: ResourceId;
  constructor({ code, detail, hint, violations }: Problem, id: ResourceId) {
    super(code, { detail, hint, violations });
    this.id = id;
  }
}

/**
 * Bytes → resource, in one thread: decode, read once against the model, write the canonical form, have that validated where a
 * registered schema has a say in it or a namespace is new. What is returned was validated as it stands: libxml2 is given the very
 * characters of `resource.xml`.
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
  const familiar = familiarNames();

  return (bytes, options = {}) => {
    if (bytes.length > limits.bytes) throw tooLarge(bytes.length, limits);
    const draft = readText(decodeDocument(bytes, options), options);
    if (draft.resource === undefined)
      throw refusal(inOrder([...draft.violations, ...schemaViolations(draft).violations.map(plain)]), draft.uncounted);
    if (Buffer.byteLength(draft.resource.xml) > limits.bytes) throw canonicalTooLarge(limits);
    const accepted = { resource: draft.resource, notices: draft.notices };
    const namespaces = draft.namespaces();
    if (!draft.forSchemas && namespaces.every(familiar.has)) return accepted;
    const { count, findings } = validator.validate(Buffer.from(draft.resource.xml));
    if (count === 0) {
      for (const ns of namespaces) familiar.note(ns);
      return accepted;
    }
    const { violations, uncounted } = schemaViolations(draft);
    const kept = options.current === undefined ? undefined : unchangedFacets(draft.resource.xml, options.current);
    if (kept?.sound(validator) === true) return { resource: draft.resource, notices: [...draft.notices, ...violations.map(tolerated)] };
    const own = violations.filter(({ facet }) => kept?.has(facet) !== true);
    const listed = own.length > 0 ? own : violations;
    throw new RefusedResource(
      listed.length > 0
        ? refusal(inOrder(listed.map(plain)), uncounted)
        : refusal(findings.map(({ message }) => ({ rule: 'schema', message }))),
      draft.resource.id,
    );
  };

  /**
   * What the schemas say, element by element. An XSD error carries a line only, so libxml2 gets the document with one line feed inside
   * each start tag: the line of an element is then its ordinal.
   */
  function schemaViolations(draft: Draft): { readonly violations: readonly InFacet[]; readonly uncounted: number } {
    const probe = draft.probe();
    if (probe === undefined) return { violations: [], uncounted: 0 };
    const { count, findings } = validator.validate(Buffer.from(oneLineAnElement(probe.xml)));
    const violations: InFacet[] = [];
    let last = -1;
    let seen = 0;
    for (const finding of findings) {
      seen++;
      const ordinal = probe.ordinals[finding.line - 2] ?? 0;
      if (finding.kind === 'parse') throw disagreement(finding, draft, ordinal);
      if (ordinal < 0 || (isEcho(finding.message) && ordinal === last)) continue;
      last = ordinal;
      const said = friendly(finding.message, (ns) => prefixes.get(ns));
      violations.push({ rule: 'schema', ...said, ...draft.place(ordinal), facet: draft.facetOf(ordinal) });
      if (violations.length >= MAX_VIOLATIONS) break;
    }
    return { violations, uncounted: violations.length < MAX_VIOLATIONS ? 0 : count - seen };
  }
}

/** Namespaces that libxml2 has taken. It wants them to be URIs, of which it is the judge; the last ones seen are remembered. */
function familiarNames() {
  const most = 1024;
  const names = new Set<string>();
  return {
    has: (ns: string) => names.has(ns),
    note(ns: string) {
      if (names.size >= most) names.clear();
      names.add(ns);
    },
  };
}

/** `facet`: index of the one it is in, -1 for none */
type InFacet = Violation & { readonly facet: number };

/**
 * A schema that became stricter must not stop what has nothing to do with it: facets that were there before, letter for letter, are
 * left alone; those that the writer changes, and the rest of the document, must be valid.
 */
function unchangedFacets(xml: string, current: Uint8Array) {
  const [after, before] = [partsOf(xml), partsOf(Buffer.from(current).toString('utf8'))];
  const kept = new Set(after.facets.flatMap((_, k) => (isKept(before, after, k) ? [k] : [])));
  return {
    has: (facet: number) => kept.has(facet),
    /** is all the rest valid? */
    sound(validator: Validator): boolean {
      if (kept.size === 0) return false;
      const facets = after.facets.filter((_, k) => !kept.has(k));
      return facets.length === 0 || validator.validate(Buffer.from(assembleParts({ ...after, facets }))).count === 0;
    },
  };
}

function isKept(before: CanonicalParts, after: CanonicalParts, k: number): boolean {
  const facet = after.facets[k];
  const old = before.facets.find(({ key }) => key === facet.key);
  return old !== undefined && sameFacet(before, after, old, facet);
}

function plain({ facet: _, ...violation }: InFacet): Violation {
  return violation;
}

function tolerated(found: InFacet): Notice {
  const violation = plain(found);
  const hint = 'the facet stays as it was, so it is tolerated; correct it when it is written next';
  return { ...violation, rule: 'schema-tolerated', hint: violation.hint === undefined ? hint : `${violation.hint}; ${hint}` };
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
