/**
 * Documents on one line each, for bulk bodies: a bad one then spoils itself alone. Line breaks mean the same as spaces
 * inside tags, comments and instructions; in text and CDATA they are kept as character references.
 */

/** The document without line breaks and XML declaration, and for each of its characters where it came from. */
export interface OneLine {
  readonly text: string;
  /** offset in the document of the character at `column` (from 1, in code points) of the line */
  origin(column: number): number;
}

export function oneLine(document: string): OneLine {
  const start = skipProlog(document);
  const pieces: string[] = [];
  /** offsets where the line and the document begin to run side by side, or where the line has something instead of a line break */
  const steps: { readonly line: number; readonly document: number; readonly instead: boolean }[] = [
    { line: 0, document: start, instead: false },
  ];
  let length = 0;
  let copied = start;
  const put = (piece: string) => {
    pieces.push(piece);
    length += piece.length;
  };
  const token = /\r\n|[\r\n]|<!--|<!\[CDATA\[|<\?|</g;
  let inside: Inside = 'text';
  /** elements around; outside the root there may be no character references */
  let depth = 0;
  let tag = '';
  for (let at = start; at < document.length; ) {
    const pattern = inside === 'text' ? token : (ENDS[inside] as RegExp);
    pattern.lastIndex = at;
    const match = pattern.exec(document);
    if (match === null) break;
    const [found] = match;
    at = match.index + found.length;
    if (found === '\n' || found === '\r' || found === '\r\n') {
      put(document.slice(copied, match.index));
      steps.push({ line: length, document: match.index, instead: true });
      put(inside === 'text' && depth > 0 ? '&#10;' : inside === 'cdata' ? ']]>&#10;<![CDATA[' : ' ');
      copied = at;
      steps.push({ line: length, document: at, instead: false });
    } else if (inside === 'text') {
      inside = OPENS[found] as Inside;
      tag = document[at] ?? '';
    } else {
      if (inside === 'tag' && found === '>' && tag !== '!') depth += tag === '/' ? -1 : document[at - 2] === '/' ? 0 : 1;
      inside = after(inside, found);
    }
  }
  put(document.slice(copied));
  const text = pieces.join('');
  return {
    text,
    origin(column) {
      const offset = offsetOf(text, column);
      const step = steps.findLast(({ line }) => line <= offset) as (typeof steps)[number];
      return step.instead ? step.document : step.document + offset - step.line;
    },
  };
}

/** Line and column (from 1, in code points) of an offset. */
export function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|[\r\n]/);
  return { line: before.length, column: [...(before.at(-1) as string)].length + 1 };
}

type Inside = 'text' | 'tag' | 'single' | 'double' | 'comment' | 'cdata' | 'instruction';

const OPENS: Readonly<Record<string, Inside>> = { '<!--': 'comment', '<![CDATA[': 'cdata', '<?': 'instruction', '<': 'tag' };
/** What ends each, or is a line break within. */
const ENDS: Readonly<Record<Exclude<Inside, 'text'>, RegExp>> = {
  tag: /\r\n|[\r\n]|["'>]/g,
  double: /\r\n|[\r\n]|"/g,
  single: /\r\n|[\r\n]|'/g,
  comment: /\r\n|[\r\n]|-->/g,
  cdata: /\r\n|[\r\n]|\]\]>/g,
  instruction: /\r\n|[\r\n]|\?>/g,
};

function after(inside: Inside, found: string): Inside {
  if (inside === 'single' || inside === 'double') return 'tag';
  if (inside === 'tag' && found !== '>') return found === '"' ? 'double' : 'single';
  return 'text';
}

/** White space and the XML declaration before the root: they hold no line of their own, and no encoding any more. */
function skipProlog(document: string): number {
  const declaration = /^\uFEFF?(?:<\?xml\s[^>]*\?>)?\s*/.exec(document) as RegExpExecArray;
  return declaration[0].length;
}

function offsetOf(text: string, column: number): number {
  let offset = 0;
  for (let k = 1; k < column && offset < text.length; k++) offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  return offset;
}
