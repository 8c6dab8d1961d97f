/** Where an offset into a text lies. Lines and columns count from 1, columns in code points; CR, LF and CR LF end a line (XML 1.0 §2.11). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Answers positions of one text. Line starts are found at the first question: most texts are never asked about. */
export function positionsIn(text: string, origin: Position = { line: 1, column: 1 }): (offset: number) => Position {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= lineStarts(text);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    const column = codePoints(text, starts[low], offset) + 1;
    // A document inside a larger body continues the line it begins in.
    return low === 0 ? { line: origin.line, column: column + origin.column - 1 } : { line: origin.line + low, column };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n?|\n/g)) starts.push(end.index + end[0].length);
  return starts;
}

function codePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code < 0xdc00 || code > 0xdfff) count++;
  }
  return count;
}
