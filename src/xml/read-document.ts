import {
  ParseOption,
  XmlComment,
  XmlDocument,
  XmlElement,
  XmlEntityReference,
  type XmlNode,
  XmlParseError,
  XmlText,
  XmlTreeNode,
  XmlXPath,
} from 'libxml2-wasm';
import { Problem, type Violation, XML_NS } from '../model/index.js';

/**
 * What reading a plain document reports, in document order, in the terms of the XPath data model (§5):
 * entities are expanded, CDATA is text, neighbouring text is one call, white space is kept.
 *
 *     <a xmlns:p="urn:p" p:x="1">t<!--c--></a>   →   startElement('', '', 'a')  declaration('p', 'urn:p')
 *                                                    attribute('urn:p', 'p', 'x', '1')  text('t')  comment('c')  endElement()
 */
export interface DocumentSink {
  startElement(ns: string, prefix: string, local: string): void;
  /** A namespace declaration of the element just started; `uri` '' undeclares. Never for `xml`, which is bound everywhere. */
  declaration(prefix: string, uri: string): void;
  /**
   * An attribute of the element just started, after all its declarations; defaults of the internal DTD subset included.
   * `isId`: its value is the unique ID of the element (§5.2.1), for the internal subset gives it the type ID, or it is `xml:id`.
   */
  attribute(ns: string, prefix: string, local: string, value: string, isId: boolean): void;
  text(value: string): void;
  comment(value: string): void;
  instruction(target: string, value: string): void;
  endElement(): void;
}

/**
 * NOENT expands entities and DTDATTR adds default attributes, both from the internal subset alone: NO_XXE and NONET
 * keep every file and address shut. libxml2 bounds the growth by entities, and the depth to 256, as long as HUGE is not set.
 */
const OPTIONS =
  ParseOption.XML_PARSE_NOENT |
  ParseOption.XML_PARSE_DTDATTR |
  ParseOption.XML_PARSE_NOCDATA |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_SYS_CATALOG |
  ParseOption.XML_PARSE_BIG_LINES;

/**
 * Reads any well-formed document, resource or not. For documents of the user's own (a file named on
 * the command line, test suites); what strangers send goes through the reader of resources, which refuses a DOCTYPE.
 *
 * A text is read as it is, whatever encoding its declaration names. External entities and the external DTD subset are left out.
 * @throws Problem `not-well-formed` with line and column, `limit-exceeded` for entity bombs and depth.
 */
export function readDocument(source: string | Uint8Array, sink: DocumentSink): void {
  const document = parse(source);
  try {
    walk(document, sink);
  } finally {
    document.dispose();
  }
}

function parse(source: string | Uint8Array): XmlDocument {
  if (source.length === 0) throw new Problem('not-well-formed', { detail: 'the document is empty' });
  if (typeof source === 'string') {
    const stray = strayCharacter(source);
    if (stray >= 0) throw new Problem('not-well-formed', { detail: `the character at offset ${stray} is not allowed in XML` });
  }
  const read = (options: number) =>
    typeof source === 'string'
      ? XmlDocument.fromString(source.replace(/^\uFEFF/, ''), { option: options, encoding: 'utf-8' })
      : XmlDocument.fromBuffer(source, { option: options });
  try {
    try {
      return read(OPTIONS);
    } catch (error) {
      if (!(error instanceof XmlParseError) || !isForgiven(error)) throw error;
      return read(OPTIONS | ParseOption.XML_PARSE_NOERROR);
    }
  } catch (error) {
    throw error instanceof XmlParseError ? refusal(error) : error;
  }
}

/** What libxml2 reports like an error although the document is well-formed XML 1.0 and XPath has a reading for it. */
const FORGIVEN: readonly RegExp[] = [
  // Not valid, that is all; of doubled IDs the first counts (§5.2.1).
  /^ID .* already defined/,
  /^xml:id : attribute value .* is not an NCName/,
  /^Redefinition of element/,
  /invalid default value/,
  /has too ma[ny]+ ID attributes/,
  // Odd namespace names name a namespace all the same; undeclared prefixes and stray colons stay part of the name.
  /is not a valid URI/,
  /^Namespace prefix .* is not defined/,
  /^colons are forbidden from/,
  // The external subset, which is not read, may declare it (XML 1.0 §4.1); the reference is left out.
  /^Entity '.*' not defined/,
];

function isForgiven(error: XmlParseError): boolean {
  const errors = error.details.filter((detail) => detail.level > 1);
  return errors.length > 0 && errors.every((detail) => detail.level === 2 && FORGIVEN.some((message) => message.test(detail.message)));
}

/** NUL would end the text early inside libxml2, and a lone surrogate has no UTF-8. */
function strayCharacter(text: string): number {
  return text.isWellFormed() ? text.indexOf('\0') : text.search(/\p{Surrogate}/u);
}

function refusal(error: XmlParseError): Problem {
  // Warnings stand among the details; the first of a higher level is what stopped the parser.
  const violations: Violation[] = error.details
    .filter((detail) => detail.level > 1)
    .map((detail) => ({ rule: 'well-formed', message: plain(detail.message), line: detail.line, column: detail.col }));
  const [first] = violations;
  const overLimit = /amplification|nesting depth|excessive depth/i.test(error.message);
  return new Problem(overLimit ? 'limit-exceeded' : 'not-well-formed', {
    detail: first ? `${first.message} (line ${first.line}, column ${first.column})` : plain(error.message),
    violations,
    cause: error,
  });
}

/** libxml2 recommends settings that are not to be had here. */
function plain(message: string): string {
  return message.trim().replace(/, (use XML_PARSE_HUGE option|see xmlCtxtSetMaxAmplification\.)$/, '');
}

function walk(document: XmlDocument, sink: DocumentSink): void {
  const queries = compileQueries();
  // Without a DTD, only xml:id makes an ID, and asking about every other attribute can be spared.
  const typed = document.dtd !== null;
  let pending = '';
  try {
    nodes(document.get(queries.first));
  } finally {
    for (const query of Object.values(queries)) query.dispose();
  }

  function nodes(first: XmlNode | null): void {
    for (let node = first; node !== null; node = following(node, queries.next)) {
      if (node instanceof XmlText) pending += node.content;
      if (node instanceof XmlText || node instanceof XmlEntityReference) continue;
      flush();
      if (node instanceof XmlElement) element(node);
      else if (node instanceof XmlComment) sink.comment(node.content);
      else sink.instruction(node.eval(queries.name) as string, node.content);
    }
    flush();
  }

  function flush(): void {
    if (pending !== '') sink.text(pending);
    pending = '';
  }

  function element(node: XmlElement): void {
    sink.startElement(node.namespaceUri, node.prefix, node.name);
    for (const [prefix, uri] of Object.entries(node.nsDeclarations)) {
      if (prefix !== 'xml') sink.declaration(prefix, uri);
    }
    for (const attribute of node.attrs) {
      const { namespaceUri, prefix, name, value } = attribute;
      const asked = typed || (namespaceUri === XML_NS && name === 'id');
      sink.attribute(namespaceUri, prefix, name, value, asked && attribute.eval(queries.isId) === true);
    }
    nodes(node.firstChild);
    sink.endElement();
  }
}

function compileQueries() {
  return {
    /** No query asks for many nodes: libxml2 sorts what it finds, in quadratic time where there are many siblings. */
    first: XmlXPath.compile('/node()[1]'),
    next: XmlXPath.compile('following-sibling::node()[1]'),
    name: XmlXPath.compile('name()'),
    /** of an attribute: does its value, one token, lead back to its element? libxml2 tells types of attributes no other way. */
    isId: XmlXPath.compile('not(contains(., " ")) and count(id(.) | ..) = count(id(.))'),
  };
}

/** The binding gives instructions and the DOCTYPE no `next`, so around them a query has to step. */
function following(node: XmlNode, next: XmlXPath): XmlNode | null {
  if (node instanceof XmlTreeNode && (node.next === null || node.next instanceof XmlTreeNode)) return node.next;
  return node.get(next);
}
