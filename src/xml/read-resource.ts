import type { SaxesTagNS } from 'saxes';
import { type DocumentLimits, isNcName, type Notice, Problem, type Resource, type Violation } from '../model/index.js';
import { assemble, type Canonical, newBindings, writeSimple } from './canonical.js';
import { newElements, type Place } from './elements.js';
import { createEnvelopeReader, type Envelope, type IdOptions } from './envelope-reader.js';
import { createFacetReader, type Declared, type FacetReader } from './facet-reader.js';
import { newFindings } from './findings.js';
import { STRUCTURE_LIMITS } from './limits.js';
import { attributeOffset } from './model-rules.js';
import { newParser, type Parser } from './parser.js';
import { type Position, positionsIn } from './positions.js';
import { overLimit, type Reading } from './reading.js';
import { errorOffset, notWellFormed, saxesMessage } from './well-formed.js';

export interface ReadResourceOptions extends IdOptions {
  /** where the text begins in the body it came in */
  readonly origin?: Position;
  /** bindings of a wrapper around the document, prefix → namespace */
  readonly namespaces?: Readonly<Record<string, string>>;
}

/** What one reading of a text found. */
export interface Draft {
  /** undefined when there are violations */
  readonly resource?: Resource;
  readonly violations: readonly Violation[];
  /** violations beyond those listed */
  readonly uncounted: number;
  readonly notices: readonly Notice[];
  /**
   * Some of it is for a schema to judge: an element that one declares, or an attribute of the root. All else has been checked when the
   * draft is there, as the resource schema lets pass whatever nobody declares (processContents="lax").
   */
  readonly forSchemas: boolean;
  /** all that are declared in the canonical form */
  namespaces(): readonly string[];
  place(ordinal: number): Place;
  /** index of the facet that an element of the source stands in; -1 for none */
  facetOf(ordinal: number): number;
  /**
   * The document for a validator that wants to say which element is wrong: `ordinals[k]` is the element that its k-th element is in the
   * source, -1 for one that stands in. Without the facets that break a rule of the model; undefined when nothing is left.
   */
  probe(): { readonly xml: string; readonly ordinals: readonly number[] } | undefined;
}

/** A reader of texts, one after the other. Throws Problem for what is not well-formed or over a limit; all else is in the draft. */
export function createResourceReader(limits: DocumentLimits, declared: Declared): (text: string, options?: ReadResourceOptions) => Draft {
  let kept: Parser | undefined;
  return (text, options = {}) => {
    // A parser that ended normally can be used again; one that threw cannot.
    const parser = options.namespaces === undefined && kept !== undefined ? kept : newParser(options.namespaces);
    kept = undefined;
    const draft = readResource(parser, text, options, limits, declared);
    if (options.namespaces === undefined) kept = parser;
    return draft;
  };
}

/** Whose content the parser is in. */
enum Inside {
  Envelope,
  Facet,
  /** the root is no resource: no rule of the model makes sense, only whether the document is well-formed */
  Nothing,
}

function readResource(parser: Parser, text: string, options: ReadResourceOptions, limits: DocumentLimits, declared: Declared): Draft {
  const at = positionsIn(text, options.origin);
  const elements = newElements();
  const findings = newFindings(at, elements);
  const reading: Reading = { text, parser, limits, findings, at, depth: 0, open: [-1], mark: 0, bindings: newBindings('') };
  const envelope = createEnvelopeReader(reading, options);
  const facets = createFacetReader(reading, declared);
  let inside = Inside.Envelope as Inside;
  let attributes = 0;

  parser.on('doctype', () => {
    throw new Problem('doctype-refused', { detail: 'the document has a DOCTYPE' });
  });
  parser.on('xmldecl', ({ version }) => {
    if (version !== undefined && version !== '1.0') throw notWellFormed(`XML ${version} is not accepted, only XML 1.0`, at(0));
  });
  parser.on('attribute', () => {
    const most = STRUCTURE_LIMITS.attributes;
    if (++attributes > most)
      throw overLimit(reading, 'limit-attributes', `an element with more than ${most} attributes and namespace declarations`);
  });
  parser.on('opentag', (tag) => {
    const start = text.lastIndexOf('<', parser.position - 1);
    checkTag(reading, tag, start, attributes, elements.count());
    attributes = 0;
    const ordinal = elements.add(tag.name, tag.uri, reading.open[reading.depth], start);
    reading.depth++;
    reading.open[reading.depth] = ordinal;
    reading.mark = parser.position;
    if (inside === Inside.Nothing) return;
    if (inside === Inside.Facet) facets.openElement(tag, start);
    else if (reading.depth === 1) inside = envelope.openRoot(tag, start) ? Inside.Envelope : Inside.Nothing;
    else if (reading.depth > 2) envelope.openElement(tag, start);
    else if (!envelope.openPart(tag, start)) {
      inside = Inside.Facet;
      facets.openFacet(tag, start);
    }
  });
  parser.on('closetag', (tag) => {
    if (inside === Inside.Facet) facets.closeElement(tag);
    else if (inside === Inside.Envelope && reading.depth === 2) envelope.closePart(tag);
    if (inside === Inside.Facet && reading.depth === 2) inside = Inside.Envelope;
    reading.depth--;
    reading.mark = parser.position;
  });
  const onText = (piece: string) => {
    if (inside === Inside.Facet) facets.text(piece);
    else if (inside === Inside.Envelope) envelope.text(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', (piece) => {
    onText(piece);
    reading.mark = parser.position;
  });
  const onDropped = (rule: 'facet-comment' | 'facet-instruction') => {
    if (inside === Inside.Facet) facets.foreignMarkup(rule);
    reading.mark = parser.position;
  };
  parser.on('comment', () => onDropped('facet-comment'));
  parser.on('processinginstruction', () => onDropped('facet-instruction'));

  try {
    parser.write(text).close();
  } catch (error) {
    const message = saxesMessage(error);
    if (message === undefined) throw error;
    const unclosed = /^unclosed tag/.test(message) && reading.depth > 0;
    throw notWellFormed(
      message,
      unclosed ? findings.place(reading.open[reading.depth]) : at(errorOffset(message, text, parser.position, reading.mark)),
    );
  }
  if (inside !== Inside.Nothing) envelope.finish(elements.start(0), facets.count());
  return draftOf(reading, envelope.envelope(), facets, options);
}

/** What no tag may be, wherever it stands. `count`: elements before it. */
function checkTag(reading: Reading, tag: SaxesTagNS, start: number, attributes: number, count: number): void {
  const { limits, text, at, depth } = reading;
  if (count >= limits.elements) throw overLimit(reading, 'limit-elements', `more than ${limits.elements} elements`);
  if (depth >= limits.depth) throw overLimit(reading, 'limit-depth', `elements more than ${limits.depth} deep`);
  checkName(reading, tag.name, tag.prefix, tag.local, start);
  if (attributes === 0) return;
  for (const key in tag.attributes) {
    const { value, prefix, local } = tag.attributes[key];
    checkName(reading, key, prefix, local, start);
    if (prefix !== 'xmlns' && key !== 'xmlns') continue;
    const most = STRUCTURE_LIMITS.namespaceLength;
    if (value.length > most) throw overLimit(reading, 'limit-namespace', `a namespace of more than ${most} characters`);
    // saxes trims it, which makes it another namespace.
    if (value !== value.trim())
      throw notWellFormed(`the namespace name in ${key} begins or ends with white space`, at(attributeOffset(text, start, key)));
  }
}

/** saxes checks where a name begins, not where its local part does; the characters after it are checked already. */
function checkName(reading: Reading, name: string, prefix: string, local: string, start: number): void {
  const most = STRUCTURE_LIMITS.nameLength;
  if (name.length > most) throw overLimit(reading, 'limit-name', `a name of more than ${most} characters`);
  if (prefix === '') return;
  const code = local.charCodeAt(0) | 0x20;
  if ((code >= 0x61 && code <= 0x7a) || isNcName(local)) return;
  throw notWellFormed(`${name} is not a name: after the colon a letter must come`, reading.at(reading.text.indexOf(name, start)));
}

function draftOf(reading: Reading, envelope: Envelope, facets: FacetReader, options: IdOptions): Draft {
  const { findings, bindings } = reading;
  const id = envelope.id ?? options.id ?? options.mintedId ?? '';
  const { prefix: rootPrefix, attributes, name, nameXml, description, scopes } = envelope;
  const simple = (local: 'description' | 'scope', value: string) => writeSimple(rootPrefix, local, value);

  function whole(): Canonical {
    return assemble({
      rootPrefix,
      bindings,
      id,
      attributes,
      name: nameXml,
      description: description === undefined ? '' : simple('description', description),
      scopes: scopes.map((scope) => simple('scope', scope)).join(''),
      facets: facets.written(),
      spans: facets.facets.map(({ span }) => span),
    });
  }
  function probe(): ReturnType<Draft['probe']> {
    if (findings.violations.length === 0) {
      return { xml: whole().xml, ordinals: [0, ...envelope.ordinals, ...facets.facets.flatMap(({ ordinals }) => ordinals)] };
    }
    const sound = facets.facets.filter(({ broken }) => !broken);
    if (sound.length === 0) return undefined;
    const { xml } = assemble({
      rootPrefix,
      bindings,
      id: '-',
      attributes: [],
      name: '',
      description: '',
      scopes: simple('scope', '/-'),
      facets: sound.map(({ span }) => facets.written().slice(span.start, span.end)).join(''),
      spans: [],
    });
    return { xml, ordinals: [-1, -1, ...sound.flatMap(({ ordinals }) => ordinals)] };
  }

  const { violations, notices, place } = findings;
  const namespaces = () => [...bindings.root.values(), ...bindings.below];
  const forSchemas = facets.anyDeclared() || attributes.length > 0;
  const uncounted = findings.uncounted();
  const facetOf = (ordinal: number) => facets.facets.findIndex(({ ordinals }) => ordinals.includes(ordinal));
  if (violations.length > 0) return { violations, uncounted, notices, forSchemas, namespaces, place, facetOf, probe };
  const { xml, facets: spans } = whole();
  const resource: Resource = { id, name, description, scopes, facets: spans, xml };
  return { resource, violations, uncounted, notices, forSchemas, namespaces, place, facetOf, probe };
}
