import { SaxesParser } from 'saxes';
import { Problem } from '../model/index.js';
import { type Encoding, encodingOf } from './decode.js';
import type { Position } from './positions.js';
import { oversized, type Piece } from './split-resources.js';
import { notWellFormed, saxesMessage } from './well-formed.js';

const LF = 0x0a;
const CR = 0x0d;
const LESS = 0x3c;
const GREATER = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;

type Kind = 'dropped' | 'text' | 'doctype' | 'open' | 'close' | 'empty';

/** Markup that is no tag, told apart by how it begins; each kind ends with the string beside it. */
const DECLARATIONS = [
  ['<!--', '-->', 'dropped'],
  ['<![CDATA[', ']]>', 'text'],
  ['<?', '?>', 'dropped'],
  ['<!', '>', 'doctype'],
] as const;

/**
 * The children of `<resources>`. A scanner over bytes that only knows where markup begins and ends and how deep it is: the
 * documents are parsed once, by their reader, not here on the main thread.
 */
export async function* splitWrapper(body: AsyncIterable<Uint8Array>, limit: number, charset?: string): AsyncIterable<Piece> {
  let window: Buffer = Buffer.alloc(0);
  /** how far the window is understood */
  let at = 0;
  const here = tracker();
  /** 0: before the wrapper, 1: in it, 2 and more: in a document; -1: after it */
  let depth = 0;
  let namespaces: Readonly<Record<string, string>> | undefined;
  let closing = '';
  let index = 0;
  let first = true;
  let document: { start: number; size: number; origin: Position } | undefined;

  /** Goes on from `at` as far as the window is understood. */
  function scan(last: boolean): Piece[] {
    const found: Piece[] = [];
    for (;;) {
      const less = nextLess(window, at);
      if (depth < 2) refuseText(window.subarray(at, less), less === window.length && !last);
      const markup = less === window.length ? undefined : markupAt(window, less);
      if (markup === undefined) {
        if (last && less < window.length) throw notWellFormed('the body ends inside markup', here.position());
        if (window.length - less > limit + 65_536) {
          throw new Problem('document-too-large', { detail: `line ${here.position().line}: markup of more than ${limit} bytes` });
        }
        return found;
      }
      if (depth < 2) here.advance(window.subarray(at, less));
      const { kind, end } = markup;
      if (depth >= 2 || (depth === 1 && (kind === 'open' || kind === 'empty'))) inDocument(kind, less, end, found);
      else outside(kind, less, end);
      at = end;
      first = false;
    }
  }

  function inDocument(kind: Kind, start: number, end: number, found: Piece[]): void {
    if (document === undefined) document = { start, size: 0, origin: here.position() };
    if (kind === 'open') depth++;
    if (kind === 'close') depth--;
    if (depth > 1) return;
    const bytes = window.subarray(document.start, end);
    here.advance(bytes);
    const size = document.size + bytes.length;
    const { origin } = document;
    found.push(
      size > limit ? oversized(index++, size, limit, origin) : { index: index++, bytes, origin, ...(namespaces && { namespaces }) },
    );
    document = undefined;
  }

  function outside(kind: Kind, start: number, end: number): void {
    const text = window.toString('utf8', start, end);
    if (kind === 'doctype')
      throw new Problem('doctype-refused', {
        detail: `line ${here.position().line}: the body has a DOCTYPE`,
        hint: 'leave the DOCTYPE out',
      });
    if (kind === 'text') throw strayText(here.position());
    if (kind === 'dropped' && /^<\?xml\s/.test(text) && !first)
      throw notWellFormed('an XML declaration can only stand at the very beginning', here.position());
    if (kind === 'open' || kind === 'empty') {
      if (depth !== 0) throw notWellFormed('there is a second root element', here.position());
      namespaces = wrapperNamespaces(text, kind, here.position());
      closing = /^<([^\s/>]+)/.exec(text)?.[1] ?? '';
      depth = kind === 'open' ? 1 : -1;
    }
    if (kind === 'close') {
      if (depth !== 1 || !new RegExp(`^</${closing}\\s*>$`).test(text)) throw notWellFormed('unexpected close tag', here.position());
      depth = -1;
    }
    here.advance(window.subarray(start, end));
  }

  function refuseText(text: Buffer, more: boolean): void {
    for (const [k, byte] of text.entries()) {
      if (byte === 0x20 || byte === LF || byte === CR || byte === 0x09) continue;
      here.advance(text.subarray(0, k));
      throw strayText(here.position());
    }
    if (more) {
      here.advance(text);
      at += text.length;
    }
  }

  for await (const chunk of inUtf8(body, charset)) {
    // What is understood goes, except the document we are in.
    const keep = document === undefined ? at : document.start;
    window = Buffer.concat([window.subarray(keep), chunk]);
    at -= keep;
    if (document !== undefined) document.start = 0;
    yield* scan(false);
    if (document !== undefined && document.size + at - document.start > limit) {
      // Too large already: only its size matters from here on.
      here.advance(window.subarray(document.start, at));
      document.size += at - document.start;
      document.start = at;
    }
  }
  yield* scan(true);
  if (depth === 0) throw notWellFormed('document must contain a root element.', here.position());
  if (depth > 0) throw notWellFormed(`unclosed tag: ${closing}`, here.position());
}

/** Offset of the next `<`, or the window's end. Plain loops here and below: a call of `indexOf` for each tag costs more than its few bytes. */
function nextLess(window: Buffer, from: number): number {
  let at = from;
  while (at < window.length && window[at] !== LESS) at++;
  return at;
}

/** The markup that begins at `start`; undefined when the window ends inside it. */
function markupAt(window: Buffer, start: number): { readonly kind: Kind; readonly end: number } | undefined {
  const second = window[start + 1];
  if (second === BANG || second === QUESTION) return declarationAt(window, start);
  let quote = 0;
  for (let at = start + 1; at < window.length; at++) {
    const byte = window[at];
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === GREATER) return { kind: second === SLASH ? 'close' : window[at - 1] === SLASH ? 'empty' : 'open', end: at + 1 };
  }
  return undefined;
}

function declarationAt(window: Buffer, start: number): { readonly kind: Kind; readonly end: number } | undefined {
  for (const [opening, ending, kind] of DECLARATIONS) {
    const seen = window.toString('latin1', start, start + opening.length);
    if (seen === opening) {
      const end = window.indexOf(ending, start + opening.length, 'latin1');
      return end < 0 ? undefined : { kind, end: end + ending.length };
    }
    // Not enough bytes to tell: wait, unless they differ already.
    if (start + opening.length > window.length && opening.startsWith(seen)) return undefined;
  }
  return undefined;
}

/** The declarations of the wrapper's start tag, read by a real parser. */
function wrapperNamespaces(tag: string, kind: 'open' | 'empty', place: Position): Readonly<Record<string, string>> {
  const parser = new SaxesParser({ xmlns: true });
  const found: Record<string, string> = {};
  parser.on('error', (error) => {
    throw notWellFormed(saxesMessage(error) ?? error.message, place);
  });
  parser.on('opentag', ({ name, local, attributes }) => {
    if (local !== 'resources') {
      throw new Problem('bad-request', {
        detail: `line ${place.line}: the root element is ${name}, not resources`,
        hint: 'put the documents into one <resources>…</resources>; a single one is sent by itself',
        violations: [{ rule: 'root-element', message: `the root element is ${name}, not resources`, ...place }],
      });
    }
    for (const key in attributes) {
      const { prefix, local: bound, value } = attributes[key];
      if (prefix === 'xmlns') found[bound] = value;
      else if (key === 'xmlns' && value !== '') found[''] = value;
    }
  });
  parser.write(kind === 'open' ? `${tag.slice(0, -1)}/>` : tag).close();
  return found;
}

function strayText(place: Position): Problem {
  return new Problem('bad-request', {
    detail: `line ${place.line}, column ${place.column}: there is text between the documents`,
    hint: 'inside <resources> there are documents only',
    violations: [{ rule: 'stray-text', message: 'there is text between the documents', ...place }],
  });
}

/** Line and column of a place that moves forward through UTF-8 bytes. */
function tracker(): { position(): Position; advance(bytes: Uint8Array): void } {
  let line = 1;
  let column = 1;
  let before = 0;
  return {
    position: () => ({ line, column }),
    advance(bytes) {
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at];
        if (byte === LF && before === CR) column = 1;
        else if (byte === LF || byte === CR) {
          line++;
          column = 1;
        } else if ((byte & 0xc0) !== 0x80) column++;
        before = byte;
      }
    },
  };
}

/** The body in UTF-8, without byte order mark, so that markup can be found bytewise. */
async function* inUtf8(body: AsyncIterable<Uint8Array>, charset?: string): AsyncIterable<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let convert: ((bytes: Uint8Array, last: boolean) => Uint8Array) | undefined;
  for await (const chunk of body) {
    if (convert !== undefined) {
      yield convert(chunk, false);
      continue;
    }
    head = Buffer.concat([head as Buffer, chunk]);
    if (head.length < 1024) continue;
    convert = converter(encodingOf(head, charset));
    yield convert(withoutMark(head), false);
    head = undefined;
  }
  if (convert === undefined) {
    const rest = head as Buffer;
    if (rest.length === 0) throw new Problem('empty-body', { detail: 'the body is empty' });
    convert = converter(encodingOf(rest, charset));
    yield convert(withoutMark(rest), true);
  } else yield convert(new Uint8Array(0), true);
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function converter(encoding: Encoding): (bytes: Uint8Array, last: boolean) => Uint8Array {
  if (encoding === 'utf-8' || encoding === 'us-ascii') return (bytes) => bytes;
  if (encoding === 'iso-8859-1') return (bytes) => Buffer.from(Buffer.from(bytes).toString('latin1'), 'utf8');
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, last) => {
    try {
      return Buffer.from(decoder.decode(bytes, { stream: !last }), 'utf8');
    } catch (cause) {
      throw new Problem('encoding-refused', { detail: `the body is not valid ${encoding.toUpperCase()}`, cause });
    }
  };
}
