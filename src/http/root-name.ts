/**
 * Is this body one document or many? Looks at the first bytes of an XML body for the name of its root element, past
 * declaration, comments and instructions. This is no parser: whoever is misled by it sends a document that the real one refuses.
 */

/** How far we look; documents whose root comes later are taken for a single one. */
const HORIZON = 64 * 1024;

/** Local name of the root element; 'more': not within these bytes; undefined: there is none to be found. */
export function rootName(head: Buffer): string | 'more' | undefined {
  const text = head.toString('latin1', head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0, HORIZON);
  const more = head.length < HORIZON ? 'more' : undefined;
  let at = 0;
  for (;;) {
    while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at += 1;
    if (at + 1 >= text.length) return more;
    if (text[at] !== '<') return undefined;
    const close = text.startsWith('<?', at) ? '?>' : text.startsWith('<!--', at) ? '-->' : undefined;
    if (close === undefined) break;
    const end = text.indexOf(close, at);
    if (end < 0) return more;
    at = end + close.length;
  }
  // `<!-` may still become a comment; `<!DOCTYPE` will not.
  if (text[at + 1] === '!') return '<!--'.startsWith(text.slice(at)) ? more : undefined;
  const name = /^<([^\s/>]*)[\s/>]/.exec(text.slice(at, at + 1024));
  if (name === null) return text.length - at < 1024 ? more : undefined;
  return (name[1] as string).replace(/^[^:]*:/, '');
}

/** `<resources>…</resources>`, in any namespace. */
export function isBulk(head: Buffer): boolean | 'more' {
  const name = rootName(head);
  return name === 'more' ? 'more' : name === 'resources';
}
