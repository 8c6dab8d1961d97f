/** White space as XML means it (1.0 §2.3): space, tab, line feed, carriage return. A no-break space is content. */

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

export function isBlank(text: string): boolean {
  for (let k = 0; k < text.length; k++) if (!isSpace(text.charCodeAt(k))) return false;
  return true;
}

/** The first offset from `from` on where there is something else. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** Outer white space goes; a line break inside, with the indentation around it, is one space. */
export function fold(text: string): string {
  const trimmed = text.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, '');
  return /[\r\n]/.test(trimmed) ? trimmed.replace(/[ \t]*[\r\n][ \t\r\n]*/g, ' ') : trimmed;
}
