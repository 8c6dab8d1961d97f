/** A canonical document with one element a line, for people and diffs. Leaves keep their text as it is. */
export function indent(xml: string): string {
  const out: string[] = [];
  let depth = 0;
  let opened = false;
  for (const [piece] of xml.matchAll(/<(?:[^>"]|"[^"]*")*>|[^<]+/g)) {
    if (!piece.startsWith('<')) {
      out[out.length - 1] += piece;
      continue;
    }
    if (piece.startsWith('</')) {
      depth--;
      // the end of a leaf stands behind its text
      if (opened) out[out.length - 1] += piece;
      else out.push('  '.repeat(depth) + piece);
      opened = false;
      continue;
    }
    out.push('  '.repeat(depth) + piece);
    opened = !piece.endsWith('/>');
    if (opened) depth++;
  }
  return `${out.join('\n')}\n`;
}
