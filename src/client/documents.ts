/** Documents as people have them: text, or bytes in the encoding they say. */
export type DocumentSource = string | Uint8Array;

/** Bytes → text, by byte order mark or XML declaration; UTF-8 without either. Throws TypeError when they are not in that encoding. */
export function textOf(source: DocumentSource): string {
  if (typeof source === 'string') return source;
  return new TextDecoder(encodingOf(source), { fatal: true }).decode(source);
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  // Without a mark, the declaration itself is readable as ASCII in all encodings we can name.
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  return /^(?:\u00EF\u00BB\u00BF)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']/.exec(head)?.[1] ?? 'utf-8';
}

/** Text that says another encoding than it will be sent in would be misread: it travels without its declaration. */
export function bodyOf(source: DocumentSource): string | Uint8Array<ArrayBuffer> {
  if (typeof source !== 'string') return source as Uint8Array<ArrayBuffer>;
  return source.replace(/^\uFEFF?(<\?xml\s[^>]*?)\sencoding\s*=\s*(?:"[^"]*"|'[^']*')/, '$1');
}
