import { isAscii, isUtf8 } from 'node:buffer';
import { Problem } from '../model/index.js';
import { type Position, positionsIn } from './positions.js';

/** The encodings a document may come in. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'iso-8859-1' | 'us-ascii';

const NAMES: Readonly<Record<string, readonly Encoding[]>> = {
  'utf-8': ['utf-8'],
  utf8: ['utf-8'],
  'utf-16': ['utf-16le', 'utf-16be'],
  'utf-16le': ['utf-16le'],
  'utf-16be': ['utf-16be'],
  'iso-8859-1': ['iso-8859-1'],
  latin1: ['iso-8859-1'],
  'us-ascii': ['us-ascii'],
  ascii: ['us-ascii'],
};
const SUPPORTED = 'documents may be UTF-8, UTF-16, ISO-8859-1 or US-ASCII';

export interface DecodeOptions {
  /** charset parameter of the Content-Type */
  readonly charset?: string;
  /** where the document begins in the body it came in */
  readonly origin?: Position;
}

/**
 * Bytes → text, the first door. Everything a parser must never see stays outside: encodings that could be read in two ways,
 * bytes that are not of the encoding they claim, and every DOCTYPE. The byte order mark is dropped.
 *
 * The encoding follows XML 1.0 appendix F and RFC 7303 §3: byte order mark, then `charset`, then the XML declaration; where two of
 * them contradict each other the document is refused instead of guessed at.
 */
export function decodeDocument(bytes: Uint8Array, options: DecodeOptions = {}): string {
  if (bytes.length === 0) throw new Problem('empty-body', { detail: 'the document is empty' });
  const encoding = encodingOf(bytes, options.charset);
  const text = decode(bytes, encoding, options.origin);
  const doctype = doctypeIn(text);
  if (doctype >= 0) {
    throw new Problem('doctype-refused', {
      detail: 'the document has a DOCTYPE',
      hint: 'leave the DOCTYPE out; write characters directly or as references like &#233;',
      violations: [{ rule: 'doctype', message: 'a DOCTYPE is not accepted', ...positionsIn(text, options.origin)(doctype) }],
    });
  }
  return text;
}

export function encodingOf(bytes: Uint8Array, charset?: string): Encoding {
  const seen = encodingSeen(bytes);
  const declared = declaredEncoding(bytes, seen);
  let candidates: readonly Encoding[] = seen ?? ['utf-8', 'iso-8859-1', 'us-ascii'];
  let voice = seen === undefined ? 'the bytes are not UTF-16' : `the bytes are ${seen[0].toUpperCase()}`;
  for (const [name, source] of [
    [charset, 'the Content-Type'],
    [declared, 'the XML declaration'],
  ]) {
    if (name === undefined) continue;
    const named = Object.hasOwn(NAMES, name.toLowerCase()) ? NAMES[name.toLowerCase()] : undefined;
    if (named === undefined) throw refused(`${source} names the encoding "${name.slice(0, 40)}", which is not supported`);
    const agreed = candidates.filter((encoding) => named.includes(encoding));
    if (agreed.length === 0) throw refused(`${source} says ${name}, but ${voice}`);
    candidates = agreed;
    voice = `${source} says ${name}`;
  }
  return candidates[0];
}

/** What the first bytes prove (XML 1.0 appendix F.1); undefined: an extension of ASCII. */
function encodingSeen(bytes: Uint8Array): readonly Encoding[] | undefined {
  const [a, b, c, d] = bytes;
  if ((a === 0 && b === 0) || ((a === 0xff || a === 0x3c) && (b === 0xfe || b === 0) && c === 0 && d === 0))
    throw refused('the document is UTF-32, which is not supported');
  if (a === 0x4c && b === 0x6f && c === 0xa7 && d === 0x94) throw refused('the document is EBCDIC, which is not supported');
  if (a === 0xef && b === 0xbb && c === 0xbf) return ['utf-8'];
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0)) return ['utf-16le'];
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0)) return ['utf-16be'];
  return undefined;
}

function declaredEncoding(bytes: Uint8Array, seen: readonly Encoding[] | undefined): string | undefined {
  const wide = seen !== undefined && seen[0] !== 'utf-8';
  // The declaration is ASCII, so of a wide encoding the zero bytes can simply go.
  const start = Buffer.from(bytes.subarray(0, wide ? 1024 : 512))
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '');
  const head = wide ? start.replaceAll('\0', '') : start;
  const match = /^<\?xml\s[^>]*?\sencoding\s*=\s*(?:"([^"]*)"|'([^']*)')/.exec(head);
  return match ? (match[1] ?? match[2]) : undefined;
}

function decode(bytes: Uint8Array, encoding: Encoding, origin: Position | undefined): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (encoding) {
    case 'utf-8': {
      if (isAscii(bytes)) return buffer.toString('latin1');
      if (!isUtf8(bytes)) throw misencoded(bytes, 'UTF-8', origin);
      const text = buffer.toString('utf8');
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
    case 'us-ascii':
      if (!isAscii(bytes)) throw misencoded(bytes, 'US-ASCII', origin);
      return buffer.toString('latin1');
    case 'iso-8859-1':
      return buffer.toString('latin1');
    default:
      try {
        return new TextDecoder(encoding, { fatal: true }).decode(bytes);
      } catch (cause) {
        throw new Problem('encoding-refused', { detail: `the document is not valid ${encoding.toUpperCase()}`, hint: SUPPORTED, cause });
      }
  }
}

/** Says which byte is wrong: the end of the longest prefix that is valid. */
function misencoded(bytes: Uint8Array, name: 'UTF-8' | 'US-ASCII', origin: Position | undefined): Problem {
  const at = name === 'US-ASCII' ? bytes.findIndex((byte) => byte > 0x7f) : firstInvalidUtf8(bytes);
  const before = Buffer.from(bytes.subarray(0, at)).toString('utf8');
  const byte = `0x${bytes[at].toString(16).toUpperCase().padStart(2, '0')}`;
  return new Problem('encoding-refused', {
    detail: `the document is not valid ${name}`,
    hint: `name the encoding in the XML declaration; ${SUPPORTED}`,
    violations: [{ rule: 'encoding', message: `the byte ${byte} is not ${name} here`, ...positionsIn(before, origin)(before.length) }],
  });
}

function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at];
    const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length))) return at;
    at += length;
  }
  return at;
}

/** Offset of a DOCTYPE in the prolog, or -1. After the root element begins there can be none: the parser refuses it there. */
function doctypeIn(text: string): number {
  let at = 0;
  for (;;) {
    while (isSpace(text.charCodeAt(at))) at++;
    if (text.startsWith('<!DOCTYPE', at)) return at;
    const end = text.startsWith('<?', at) ? '?>' : text.startsWith('<!--', at) ? '-->' : undefined;
    if (end === undefined) return -1;
    const next = text.indexOf(end, at + 2);
    if (next < 0) return -1;
    at = next + end.length;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function refused(detail: string): Problem {
  return new Problem('encoding-refused', { detail, hint: SUPPORTED });
}
