import type { SaxesTagNS } from 'saxes';
import { type FacetSpan, isNcName, RESOURCE_NS } from '../model/index.js';
import { bind, unbind } from './canonical.js';
import { escapeText } from './escape.js';
import { STRUCTURE_LIMITS } from './limits.js';
import { overLimit, type Reading, refuseAttributes } from './reading.js';
import { isBlank, skipSpace } from './space.js';

/** Global elements that registered schemas declare: namespace → local names. */
export type Declared = ReadonlyMap<string, ReadonlySet<string>>;

/** A facet as it was written. */
export interface WrittenFacet {
  /** offsets into what `written()` returns */
  readonly span: FacetSpan;
  /** the ordinals of its elements, in order */
  readonly ordinals: readonly number[];
  /** it breaks a rule of the model: what is written of it is not the whole */
  readonly broken: boolean;
}

/** Reads facets: checks that they consist of elements only, and writes them in canonical form as they come. */
export interface FacetReader {
  written(): string;
  readonly facets: readonly WrittenFacet[];
  /** facets met, refused ones too */
  count(): number;
  /** is the validity of any element a registered schema's to tell? */
  anyDeclared(): boolean;
  openFacet(tag: SaxesTagNS, start: number): void;
  openElement(tag: SaxesTagNS, start: number): void;
  text(piece: string): void;
  /** a comment or processing instruction */
  foreignMarkup(rule: 'facet-comment' | 'facet-instruction'): void;
  closeElement(tag: SaxesTagNS): void;
}

/** What an open element has had so far. One object a depth, used again for the next element there. */
interface Level {
  text: string;
  /** where its content begins in the source */
  contentStart: number;
  hasChildren: boolean;
  mixed: boolean;
  /** nothing above it is declared by a registered schema, so a schema looks at it only if it declares the element itself */
  lax: boolean;
}

export function createFacetReader(reading: Reading, declared: Declared): FacetReader {
  const { findings, limits, open, text: source, parser } = reading;
  const names = new Set<string>();
  const facets: WrittenFacet[] = [];
  const levels: Level[] = [];
  let out = '';
  let start = 0;
  let violationsBefore = 0;
  let ordinals: number[] = [];
  let anyDeclared = false;

  function level(depth: number): Level {
    levels[depth] ??= { text: '', contentStart: 0, hasChildren: false, mixed: false, lax: true };
    return levels[depth];
  }
  function violations(): number {
    return findings.violations.length + findings.uncounted();
  }
  function mixedContent(offset: number, depth: number): void {
    if (levels[depth].mixed) return;
    levels[depth].mixed = true;
    findings.violate('facet-mixed-content', offset, open[depth]);
  }

  function openElement(tag: SaxesTagNS, tagStart: number): void {
    const { depth, bindings } = reading;
    refuseAttributes(reading, tag, tagStart, 'facet-attribute');
    if (depth > 2) {
      const parent = levels[depth - 1];
      if (!parent.hasChildren) {
        if (!isBlank(parent.text)) mixedContent(skipSpace(source, parent.contentStart), depth - 1);
        parent.hasChildren = true;
        out += '>';
      }
    }
    if (out.length > limits.bytes) throw overLimit(reading, 'limit-bytes', `a canonical form of more than ${limits.bytes} bytes`);
    out += `<${tag.name}${bind(bindings, tag.prefix, tag.uri, depth)}`;
    if (bindings.root.size > STRUCTURE_LIMITS.prefixes) {
      throw overLimit(reading, 'limit-prefixes', `more than ${STRUCTURE_LIMITS.prefixes} prefixes`);
    }
    ordinals.push(open[depth]);
    const own = level(depth);
    own.text = '';
    own.contentStart = reading.mark;
    own.hasChildren = false;
    own.mixed = false;
    own.lax = depth === 2 || levels[depth - 1].lax;
    if (own.lax && !isUndeclared(tag, tagStart)) {
      own.lax = false;
      anyDeclared = true;
    }
  }

  /** No schema looks at the element. Worth a notice where its namespace is a registered one. */
  function isUndeclared(tag: SaxesTagNS, tagStart: number): boolean {
    const known = declared.get(tag.uri);
    if (known === undefined) return true;
    if (known.has(tag.local)) return false;
    // A facet in the resource namespace is refused as such.
    const facet = reading.depth === 2 && tag.uri === RESOURCE_NS;
    if (!facet) findings.notice('element-undeclared', tagStart, open[reading.depth], tag.name, tag.uri);
    return true;
  }

  /** A leaf may hold a QName (xs:QName in a facet's schema): then the binding of its prefix belongs to its meaning. */
  function leafBinding(leaf: string): string {
    const colon = leaf.indexOf(':');
    if (colon < 1) return '';
    const prefix = leaf.slice(0, colon).trimStart();
    const ns = parser.resolve(prefix);
    if (ns === undefined || ns === '' || prefix === 'xml' || prefix === 'xmlns') return '';
    return isNcName(leaf.slice(colon + 1).trimEnd()) ? bind(reading.bindings, prefix, ns, reading.depth) : '';
  }

  return {
    written: () => out,
    facets,
    count: () => names.size,
    anyDeclared: () => anyDeclared,
    openFacet(tag, tagStart) {
      start = out.length;
      ordinals = [];
      violationsBefore = violations();
      const key = `{${tag.uri}}${tag.local}`;
      const ordinal = open[2];
      if (tag.uri === RESOURCE_NS) findings.violate('facet-in-resource-namespace', tagStart, ordinal, tag.name);
      else if (tag.uri === '') findings.violate('facet-without-namespace', tagStart, ordinal, tag.name);
      else if (names.has(key)) findings.violate('facet-duplicate', tagStart, ordinal, tag.name);
      names.add(key);
      openElement(tag, tagStart);
    },
    openElement,
    text(piece) {
      const own = levels[reading.depth];
      if (!own.hasChildren) own.text += piece;
      else if (!isBlank(piece)) mixedContent(skipSpace(source, reading.mark), reading.depth);
    },
    foreignMarkup(rule) {
      findings.violate(rule, source.indexOf('<', reading.mark), open[reading.depth]);
    },
    closeElement(tag) {
      const { depth, bindings } = reading;
      const own = levels[depth];
      if (own.hasChildren) out += `</${tag.name}>`;
      else if (own.text === '') out += '/>';
      else out += `${leafBinding(own.text)}>${escapeText(own.text)}</${tag.name}>`;
      unbind(bindings, depth);
      if (depth > 2) return;
      const span = { name: { ns: tag.uri, local: tag.local }, prefix: tag.prefix, start, end: out.length };
      facets.push({ span, ordinals, broken: violations() > violationsBefore });
    },
  };
}
