import { Problem } from '../model/index.js';

/** `Content-Type`, read (RFC 9110 §8.3.1): `{ type: 'application/xml', charset: 'utf-8' }`. */
export interface MediaType {
  /** lower case, without parameters */
  readonly type: string;
  readonly charset?: string;
}

export const XML_TYPES = ['application/xml', 'text/xml'] as const;
/** One document a line: `application/xml-seq` and the name that NDXML goes by. */
export const LINES_TYPES = ['application/xml-seq', 'application/x-ndxml'] as const;

/** What `xml/` can decode. Anything else, utf-7 above all, is a media type we do not take. */
const CHARSETS = new Set(['utf-8', 'utf8', 'utf-16', 'utf-16le', 'utf-16be', 'iso-8859-1', 'latin1', 'us-ascii', 'ascii']);
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^(${TOKEN}/${TOKEN})((?:[ \\t]*;(?:[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))?)*)[ \\t]*$`);
const CHARSET = new RegExp(`;[ \\t]*charset=(?:(${TOKEN})|"([^"\\\\]*)")`, 'gi');

/** The media type of a body, which must be one of `taken`; Problem `unsupported-media-type` otherwise. */
export function mediaTypeOf(header: string | undefined, taken: readonly string[]): MediaType {
  // what nearly everybody sends
  if (header === 'application/xml' && taken.includes(header)) return { type: header };
  if (header === undefined) throw unsupported('the request has no Content-Type', taken);
  const match = header.length <= 1024 ? MEDIA_TYPE.exec(header) : null;
  if (match === null) throw unsupported('the Content-Type cannot be read', taken);
  const type = (match[1] as string).toLowerCase();
  if (!taken.includes(type)) throw unsupported(`bodies of ${type} are not taken here`, taken);
  const charsets = [...(match[2] as string).matchAll(CHARSET)].map((found) => (found[1] ?? found[2] ?? '').toLowerCase());
  if (charsets.length > 1) throw unsupported('the Content-Type names more than one charset', taken);
  const charset = charsets[0];
  if (charset === undefined) return { type };
  if (!CHARSETS.has(charset)) throw unsupported(`the charset ${charset} is not supported`, taken, 'send UTF-8');
  return { type, charset };
}

function unsupported(detail: string, taken: readonly string[], hint?: string): Problem {
  return new Problem('unsupported-media-type', { detail, hint: hint ?? `send Content-Type: ${taken.join(' or ')}` });
}
