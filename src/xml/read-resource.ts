import type { SaxesTagNS } from 'saxes';
import {
  type DocumentLimits,
  type FacetSpan,
  isNcName,
  isScope,
  type Notice,
  Problem,
  RESOURCE_NS,
  type Resource,
  type Scope,
  type Violation,
} from '../model/index.js';
import {
  assemble,
  type Bindings,
  bind,
  bindAttributes,
  type Canonical,
  newBindings,
  type RootAttribute,
  unbind,
  writeName,
  writeSimple,
} from './canonical.js';
import { type Elements, newElements, type Place } from './elements.js';
import { escapeText } from './escape.js';
import { MAX_VIOLATIONS, STRUCTURE_LIMITS } from './limits.js';
import { attributeOffset, type Rule, say } from './model-rules.js';
import { newParser, type Parser } from './parser.js';
import { type Position, positionsIn } from './positions.js';
import { errorOffset, notWellFormed, saxesMessage } from './well-formed.js';

export interface ReadResourceOptions {
  /** the id the resource must have (PUT); the document may leave it out, not contradict it */
  readonly id?: string;
  /** the id it gets when neither the document nor `id` says one (POST) */
  readonly mintedId?: string;
  /** where the text begins in the body it came in */
  readonly origin?: Position;
  /** bindings of a wrapper around the document, prefix → namespace */
  readonly namespaces?: Readonly<Record<string, string>>;
}

/** Global elements that registered schemas declare: namespace → local names. */
export type Declared = ReadonlyMap<string, ReadonlySet<string>>;

/** What one reading of a text found. */
export interface Draft {
  /** undefined when there are violations */
  readonly resource?: Resource;
  readonly violations: readonly Violation[];
  /** violations beyond those listed */
  readonly uncounted: number;
  readonly notices: readonly Notice[];
  place(ordinal: number): Place;
  /**
   * The document for a validator that wants to say which element is wrong: `ordinals[k]` is the element that its k-th element is in the
   * source, -1 for one that stands in. Without the facets that break a rule of the model; undefined when nothing is left.
   */
  probe(): { readonly xml: string; readonly ordinals: readonly number[] } | undefined;
}

/** In which part of the resource the parser is. */
enum Part {
  Envelope,
  Facet,
  /** the root is not a resource: no other rule makes sense, only whether the document is well-formed */
  Nothing,
}

const ENVELOPE = ['name', 'description', 'scope'];
const XSI_NS = 'http://www.w3.org/2001/XMLSchema-instance';
interface WrittenFacet extends FacetSpan {
  broken: boolean;
  /** into the list of written ordinals */
  readonly firstWritten: number;
  readonly endWritten: number;
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

function readResource(parser: Parser, text: string, options: ReadResourceOptions, limits: DocumentLimits, declared: Declared): Draft {
  const at = positionsIn(text, options.origin);
  const elements: Elements = newElements();
  const violations: Violation[] = [];
  const notices: Notice[] = [];
  let uncounted = 0;

  // Where we are. `open[d]` is the ordinal of the open element at depth d (the root is 1).
  let depth = 0;
  const open: number[] = [-1];
  /** end of the markup before: whatever comes next begins at or after it */
  let mark = 0;
  /** attributes of the tag being read */
  let attributes = 0;

  // The envelope.
  let rootPrefix = '';
  let bindings: Bindings = newBindings('');
  let rootAttributes: readonly RootAttribute[] = [];
  let ownId: string | undefined;
  let qualifiedId = false;
  let part = Part.Envelope;
  let rank = 0;
  let content = '';
  let contentMark = 0;
  let name: string | undefined;
  let nameXml = '';
  let description: string | undefined;
  const scopes = new Set<string>();
  const envelopeOrdinals: [number, number, number[]] = [-1, -1, []];

  // The facets, written as they are read.
  let out = '';
  const written: number[] = [];
  const facets: WrittenFacet[] = [];
  const facetNames = new Set<string>();
  let facet: { start: number; firstWritten: number; broken: boolean } = { start: 0, firstWritten: 0, broken: false };
  const leafText: string[] = [];
  const contentStart: number[] = [];
  const hasChildren: boolean[] = [];
  const mixed: boolean[] = [];
  const lax: boolean[] = [];

  function place(ordinal: number): Place {
    return { ...at(elements.start(ordinal)), path: elements.path(ordinal) };
  }
  function violate(rule: Rule, offset: number, ordinal: number, ...words: string[]): void {
    if (part === Part.Facet) facet.broken = true;
    if (violations.length >= MAX_VIOLATIONS) {
      uncounted++;
      return;
    }
    const [message, hint] = say(rule, words);
    violations.push({ rule, message, ...at(offset), path: elements.path(ordinal), ...(hint === undefined ? {} : { hint }) });
  }
  function notice(rule: Rule, offset: number, ordinal: number, ...words: string[]): void {
    if (notices.length >= MAX_VIOLATIONS) return;
    const [message, hint] = say(rule, words);
    notices.push({ rule, message, ...at(offset), path: elements.path(ordinal), ...(hint === undefined ? {} : { hint }) });
  }
  function overLimit(rule: string, what: string): Problem {
    const offset = Math.min(text.length, Math.max(mark, text.indexOf('<', mark)));
    return new Problem('limit-exceeded', {
      detail: `the document has ${what}`,
      hint: 'split it, or ask for a higher limit',
      violations: [{ rule, message: `more is not accepted: ${what}`, ...at(offset) }],
    });
  }

  function attributeChecks(tag: SaxesTagNS, start: number): void {
    for (const key in tag.attributes) {
      const { value, prefix, local } = tag.attributes[key];
      if (key.length > STRUCTURE_LIMITS.nameLength)
        throw overLimit('limit-name', `a name of more than ${STRUCTURE_LIMITS.nameLength} characters`);
      if (prefix === 'xmlns' || key === 'xmlns') {
        if (value.length > STRUCTURE_LIMITS.namespaceLength)
          throw overLimit('limit-namespace', `a namespace of more than ${STRUCTURE_LIMITS.namespaceLength} characters`);
        if (value !== value.trim()) violate('namespace-white-space', attributeOffset(text, start, key), open[depth], key);
      }
      if (prefix !== '' && !startsName(local))
        throw notWellFormed(`${key} is not a name: after the colon a letter must come`, at(attributeOffset(text, start, key)));
    }
  }

  function openRoot(tag: SaxesTagNS, start: number): void {
    if (tag.local !== 'resource' || tag.uri !== RESOURCE_NS) {
      violate('root-element', start, 0, tag.name, tag.uri, tag.local);
      part = Part.Nothing;
      return;
    }
    rootPrefix = tag.prefix;
    bindings = newBindings(rootPrefix);
    const foreign: RootAttribute[] = [];
    for (const key in tag.attributes) {
      const { prefix, local, uri, value } = tag.attributes[key];
      if (prefix === 'xmlns' || key === 'xmlns') continue;
      if (key === 'id') ownId = value;
      else if (uri === RESOURCE_NS) {
        qualifiedId ||= local === 'id';
        violate(local === 'id' ? 'id-qualified' : 'root-attribute', attributeOffset(text, start, key), 0, key);
      } else if (uri === '') violate('root-attribute', attributeOffset(text, start, key), 0, key);
      else foreign.push({ prefix, local, ns: uri, value });
    }
    rootAttributes = bindAttributes(bindings, foreign);
    if (ownId !== undefined) checkId(ownId, attributeOffset(text, start, 'id'));
  }

  function checkId(id: string, offset: number): void {
    if (id.trim() === '') violate('id-blank', offset, 0);
    else if (id.length > STRUCTURE_LIMITS.idLength) violate('id-too-long', offset, 0, String(STRUCTURE_LIMITS.idLength));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    else if (/[\u0000-\u001f\u007f-\u009f]/.test(id)) violate('id-control-character', offset, 0);
    else if (options.id !== undefined && id !== options.id) violate('id-contradicts', offset, 0, id, options.id);
    else if (id !== id.trim()) notice('id-outer-space', offset, 0);
  }

  function openChild(tag: SaxesTagNS, start: number, ordinal: number): void {
    const kind = tag.uri === RESOURCE_NS ? ENVELOPE.indexOf(tag.local) : -1;
    part = kind < 0 ? Part.Facet : Part.Envelope;
    const order = kind < 0 ? ENVELOPE.length : kind;
    if (kind < 0) {
      facet = { start: out.length, firstWritten: written.length, broken: false };
      const key = `{${tag.uri}}${tag.local}`;
      if (tag.uri === RESOURCE_NS) violate('facet-in-resource-namespace', start, ordinal, tag.name);
      else if (tag.uri === '') violate('facet-without-namespace', start, ordinal, tag.name);
      else if (facetNames.has(key)) violate('facet-duplicate', start, ordinal, tag.name);
      facetNames.add(key);
      lax[2] = true;
      openFacetElement(tag, start, ordinal);
    } else {
      content = '';
      contentMark = mark;
      if (order < rank) violate('envelope-order', start, ordinal, tag.local);
      else if (kind < 2 && envelopeOrdinals[kind] !== -1) violate('envelope-repeated', start, ordinal, tag.local);
      refuseAttributes(tag, start, ordinal, 'envelope-attribute');
    }
    rank = Math.max(rank, order);
  }

  function refuseAttributes(tag: SaxesTagNS, start: number, ordinal: number, rule: 'envelope-attribute' | 'facet-attribute'): void {
    for (const key in tag.attributes) {
      const { prefix, local, uri } = tag.attributes[key];
      if (prefix === 'xmlns' || key === 'xmlns') continue;
      const hint = uri === XSI_NS && (local === 'schemaLocation' || local === 'noNamespaceSchemaLocation');
      if (hint) notice('location-hint', attributeOffset(text, start, key), ordinal, key);
      else violate(rule, attributeOffset(text, start, key), ordinal, key, tag.name);
    }
  }

  function openFacetElement(tag: SaxesTagNS, start: number, ordinal: number): void {
    refuseAttributes(tag, start, ordinal, 'facet-attribute');
    const parent = depth - 1;
    if (depth > 2) {
      if (!hasChildren[parent]) {
        if (!isBlank(leafText[parent])) mixedContent(skipSpace(text, contentStart[parent]), parent);
        hasChildren[parent] = true;
        out += '>';
      }
    }
    if (out.length > limits.bytes) throw overLimit('limit-bytes', `a canonical form of more than ${limits.bytes} bytes`);
    out += `<${tag.name}${bind(bindings, tag.prefix, tag.uri, depth)}`;
    written.push(ordinal);
    leafText[depth] = '';
    contentStart[depth] = mark;
    hasChildren[depth] = false;
    mixed[depth] = false;
    lax[depth + 1] = false;
    if (lax[depth]) {
      const names = declared.get(tag.uri);
      if (names?.has(tag.local) !== true) {
        lax[depth + 1] = true;
        if (names !== undefined && !(depth === 2 && tag.uri === RESOURCE_NS))
          notice('element-undeclared', start, ordinal, tag.name, tag.uri);
      }
    }
    if (bindings.root.size > STRUCTURE_LIMITS.prefixes)
      throw overLimit('limit-prefixes', `more than ${STRUCTURE_LIMITS.prefixes} prefixes`);
  }

  function mixedContent(offset: number, level: number): void {
    if (mixed[level]) return;
    mixed[level] = true;
    violate('facet-mixed-content', offset, open[level]);
  }

  function closeFacetElement(tag: SaxesTagNS): void {
    if (hasChildren[depth]) out += `</${tag.name}>`;
    else {
      const leaf = leafText[depth];
      if (leaf === '') out += '/>';
      else out += `${leafBinding(leaf)}>${escapeText(leaf)}</${tag.name}>`;
    }
    unbind(bindings, depth);
    if (depth > 2) return;
    const span = { name: { ns: tag.uri, local: tag.local }, prefix: tag.prefix, start: facet.start, end: out.length };
    facets.push({ ...span, broken: facet.broken, firstWritten: facet.firstWritten, endWritten: written.length });
    part = Part.Envelope;
  }

  /** A leaf may hold a QName (xs:QName in a facet's schema): then the binding of its prefix belongs to its meaning. */
  function leafBinding(leaf: string): string {
    const colon = leaf.indexOf(':');
    if (colon < 1) return '';
    const prefix = leaf.slice(0, colon).trimStart();
    const ns = parser.resolve(prefix);
    if (ns === undefined || ns === '' || prefix === 'xml' || prefix === 'xmlns') return '';
    return isNcName(leaf.slice(colon + 1).trimEnd()) ? bind(bindings, prefix, ns, depth) : '';
  }

  function closeEnvelopeElement(tag: SaxesTagNS): void {
    const ordinal = open[2];
    // Outer white space goes; a line break inside, with the indentation around it, is one space.
    const value = trim(content).replace(/[ \t]*[\r\n][ \t\r\n]*/g, ' ');
    const offset = value === '' ? elements.start(ordinal) : skipSpace(text, contentMark);
    const local = tag.local as 'name' | 'description' | 'scope';
    if (value === '') violate('envelope-blank', offset, ordinal, local);
    else if (local === 'name') closeName(tag, value, offset, ordinal);
    else if (local === 'description') description ??= value;
    else if (!isScope(value)) violate('scope-syntax', offset, ordinal, value);
    else if (scopes.has(value)) violate('scope-duplicate', offset, ordinal, value);
    else scopes.add(value);
    if (local === 'scope') envelopeOrdinals[2].push(ordinal);
    else envelopeOrdinals[local === 'name' ? 0 : 1] = ordinal;
  }

  function closeName(tag: SaxesTagNS, value: string, offset: number, ordinal: number): void {
    const [prefix, local] = value.includes(':') ? [value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1)] : ['', value];
    if ((prefix !== '' && !isNcName(prefix)) || !isNcName(local) || value.startsWith(':'))
      violate('name-not-qname', offset, ordinal, value);
    else {
      const ns = parser.resolve(prefix);
      if (prefix !== '' && (ns === undefined || ns === '' || prefix === 'xmlns'))
        violate('name-prefix-unbound', offset, ordinal, value, prefix);
      else if (name === undefined) {
        name = value;
        nameXml = writeName(bindings, rootPrefix, { qname: value, prefix, ns: ns ?? '', elementPrefix: tag.prefix });
      }
    }
  }

  function onText(piece: string): void {
    if (depth === 0 || part === Part.Nothing) return;
    if (part === Part.Facet) {
      if (!hasChildren[depth]) leafText[depth] += piece;
      else if (!isBlank(piece)) mixedContent(skipSpace(text, mark), depth);
    } else if (depth === 2) content += piece;
    else if (depth === 1 && !isBlank(piece)) violate('root-text', skipSpace(text, mark), 0);
  }
  function onDropped(rule: 'facet-comment' | 'facet-instruction'): void {
    if (depth >= 2 && part === Part.Facet) violate(rule, text.indexOf('<', mark), open[depth]);
    mark = parser.position;
  }

  parser.on('doctype', () => {
    throw new Problem('doctype-refused', { detail: 'the document has a DOCTYPE' });
  });
  parser.on('xmldecl', ({ version }) => {
    if (version !== undefined && version !== '1.0') throw notWellFormed(`XML ${version} is not accepted, only XML 1.0`, at(0));
  });
  parser.on('attribute', () => {
    if (++attributes > STRUCTURE_LIMITS.attributes)
      throw overLimit('limit-attributes', `an element with more than ${STRUCTURE_LIMITS.attributes} attributes and namespace declarations`);
  });
  parser.on('opentag', (tag) => {
    if (elements.count >= limits.elements) throw overLimit('limit-elements', `more than ${limits.elements} elements`);
    if (depth >= limits.depth) throw overLimit('limit-depth', `elements more than ${limits.depth} deep`);
    if (tag.name.length > STRUCTURE_LIMITS.nameLength)
      throw overLimit('limit-name', `a name of more than ${STRUCTURE_LIMITS.nameLength} characters`);
    const start = text.lastIndexOf('<', parser.position - 1);
    const ordinal = elements.add(tag.name, tag.uri, open[depth], start);
    open[++depth] = ordinal;
    mark = parser.position;
    if (tag.prefix !== '' && !startsName(tag.local))
      throw notWellFormed(`${tag.name} is not a name: after the colon a letter must come`, at(start));
    if (attributes > 0) attributeChecks(tag, start);
    attributes = 0;
    if (part === Part.Nothing) return;
    if (depth === 1) openRoot(tag, start);
    else if (depth === 2) openChild(tag, start, ordinal);
    else if (part === Part.Facet) openFacetElement(tag, start, ordinal);
    else if (depth === 3) violate('envelope-element', start, open[2], tag.name, ENVELOPE[rank] ?? 'scope');
  });
  parser.on('closetag', (tag) => {
    if (part === Part.Facet && depth >= 2) closeFacetElement(tag);
    else if (part === Part.Envelope && depth === 2) closeEnvelopeElement(tag);
    depth--;
    mark = parser.position;
  });
  parser.on('text', onText);
  parser.on('cdata', (piece) => {
    onText(piece);
    mark = parser.position;
  });
  parser.on('comment', () => onDropped('facet-comment'));
  parser.on('processinginstruction', () => onDropped('facet-instruction'));

  try {
    parser.write(text).close();
    finishEnvelope();
  } catch (error) {
    // The parser stopped in mid-document: whatever is thrown, it is not used again.
    const message = saxesMessage(error);
    throw message === undefined ? error : notWellFormed(message, placeOfError(message));
  }

  function placeOfError(message: string): Position {
    if (/^unclosed tag/.test(message) && depth > 0) return place(open[depth]);
    return at(errorOffset(message, text, parser.position, mark));
  }

  function finishEnvelope(): void {
    if (part === Part.Nothing) return;
    const start = elements.start(0);
    if (ownId === undefined && options.id === undefined && options.mintedId === undefined && !qualifiedId) violate('id-missing', start, 0);
    if (ownId === undefined && options.id !== undefined) checkId(options.id, start);
    if (envelopeOrdinals[2].length === 0) violate('scope-missing', start, 0);
    if (facetNames.size === 0) violate('facet-missing', start, 0);
  }
  const id = ownId ?? options.id ?? options.mintedId ?? '';
  const scopeXml = [...scopes].map((scope) => writeSimple(rootPrefix, 'scope', scope)).join('');
  function canonical(parts: {
    id?: string;
    name: string;
    description: string;
    scopes: string;
    facets: string;
    spans: readonly FacetSpan[];
  }): Canonical {
    return assemble({ rootPrefix, bindings, id, attributes: rootAttributes, ...parts });
  }
  function whole(): Canonical {
    const spans = facets.map(({ name: facetName, prefix, start, end }) => ({ name: facetName, prefix, start, end }));
    return canonical({
      name: nameXml,
      description: description === undefined ? '' : writeSimple(rootPrefix, 'description', description),
      scopes: scopeXml,
      facets: out,
      spans,
    });
  }
  function probe(): { xml: string; ordinals: number[] } | undefined {
    if (violations.length === 0) {
      return { xml: whole().xml, ordinals: [0, ...envelopeOrdinals.flat().filter((ordinal) => ordinal >= 0), ...written] };
    }
    const good = facets.filter((each) => !each.broken);
    if (good.length === 0) return undefined;
    const xml = canonical({
      id: '-',
      name: '',
      description: '',
      scopes: writeSimple(rootPrefix, 'scope', '/-'),
      facets: good.map(({ start, end }) => out.slice(start, end)).join(''),
      spans: [],
    }).xml;
    return { xml, ordinals: [-1, -1, ...good.flatMap(({ firstWritten, endWritten }) => written.slice(firstWritten, endWritten))] };
  }

  if (violations.length > 0) return { violations, uncounted, notices, place, probe };
  const { xml, facets: spans } = whole();
  const resource: Resource = { id, name, description, scopes: [...scopes] as Scope[], facets: spans, xml };
  return { resource, violations, uncounted, notices, place, probe };
}

function more(count: number): Violation {
  return { rule: 'more', message: `${count} more violations of the same document are not listed` };
}

export function refusal(violations: readonly Violation[], uncounted = 0): Problem {
  const all = uncounted > 0 ? [...violations, more(uncounted)] : violations;
  const [first] = all;
  const where = first.line === undefined ? '' : `line ${first.line}, column ${first.column}: `;
  const rest = all.length > 1 ? ` (and ${all.length - 1} more)` : '';
  return new Problem('invalid-resource', { detail: `${where}${first.message}${rest}`, hint: first.hint, violations: all });
}

/** saxes checks where a name begins, not where its local part does; the characters after it are checked already. */
function startsName(local: string): boolean {
  const code = local.charCodeAt(0) | 0x20;
  return (code >= 0x61 && code <= 0x7a) || isNcName(local);
}

function isBlank(text: string): boolean {
  for (let k = 0; k < text.length; k++) if (!isSpace(text.charCodeAt(k))) return false;
  return true;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Only XML's white space: a no-break space is content. */
function trim(text: string): string {
  return text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');
}
