import {
  ParseOption,
  XmlComment,
  XmlDocument,
  XmlElement,
  XmlEntityReference,
  type XmlNode,
  XmlParseError,
  XmlText,
  XmlXPath,
} from 'libxml2-wasm';
import { Problem, type Violation } from '../model/index.js';

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

/**
 * What libxml2 reports like an error although the document is well-formed XML 1.0 and XPath has a reading for it: doubled IDs
 * (the first one counts, §5.2.1), other faults of validity, odd namespace names, undeclared prefixes, which stay part of the name,
 * and references to entities that the unread external subset may declare, which are left out (XML 1.0 §4.1).
 */
const FORGIVEN =
  /^ID .* already defined|xml:id : attribute value .* is not an NCName|^Redefinition of element|invalid default value|too ma[n]?y ID attributes|is not a valid URI|^Namespace prefix .* is not defined|^Entity '.*' not defined/;

function isForgiven(error: XmlParseError): boolean {
  const errors = error.details.filter((detail) => detail.level > 1);
  return errors.length > 0 && errors.every((detail) => detail.level === 2 && FORGIVEN.test(detail.message));
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
  const children = XmlXPath.compile('node()');
  const target = XmlXPath.compile('name()');
  // Elements with a unique ID, in document order, as the walk will meet them.
  const identified = document.find('id(//@*)/self::*')[Symbol.iterator]();
  let nextIdentified: XmlNode | undefined = identified.next().value;
  let pending = '';
  try {
    nodes(document.find('/node()'));
  } finally {
    children.dispose();
    target.dispose();
  }

  function nodes(siblings: readonly XmlNode[]): void {
    for (const node of siblings) {
      if (node instanceof XmlText) pending += node.content;
      if (node instanceof XmlText || node instanceof XmlEntityReference) continue;
      flush();
      if (node instanceof XmlElement) element(node);
      else if (node instanceof XmlComment) sink.comment(node.content);
      else sink.instruction(node.eval(target) as string, node.content);
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
    const identity = nextIdentified?.isSameNode(node) === true;
    if (identity) nextIdentified = identified.next().value;
    for (const attribute of node.attrs) {
      const isId = identity && attribute.eval('count(id(.) | ..) = count(id(.))') === true;
      sink.attribute(attribute.namespaceUri, attribute.prefix, attribute.name, attribute.value, isId);
    }
    if (node.firstChild !== null) nodes(node.find(children));
    sink.endElement();
  }
}
