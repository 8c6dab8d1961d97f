/** The documents in a file: one, one a line, or those in a `<resources>` element. */
import { createReadStream } from 'node:fs';
import { textOf } from '../client/index.js';
import { type InputFile, readInput } from './input.js';
import { linesOf } from './lines.js';
import type { Terminal } from './terminal.js';

export interface InputDocument {
  readonly file: InputFile;
  /** line of the file on which the document begins, from 1 */
  readonly line: number;
  readonly text: string;
  /** bytes of the file that it took */
  readonly bytes: number;
}

/** A file that cannot be taken apart without parsing it: it is sent, or checked, as a whole. */
export interface InputWrapper {
  readonly file: InputFile;
  readonly wrapper: Buffer;
}

/** Memory is bounded by one document, where documents stand one a line. Throws TypeError for bytes in no known encoding. */
export async function* documentsIn(file: InputFile, terminal: Terminal): AsyncGenerator<InputDocument | InputWrapper> {
  if (file.path !== undefined && /\.(?:ndxml|xmlseq|xml-seq)$/i.test(file.path)) {
    yield* lines(file, createReadStream(file.path, { highWaterMark: 1 << 20 }));
    return;
  }
  const bytes = await readInput(file, terminal);
  const root = /<(?![?!])(?:[^\s<>/:]+:)?([^\s<>/:]+)/.exec(bytes.subarray(0, 4096).toString('latin1'))?.[1];
  if (root === 'resources') yield { file, wrapper: bytes };
  else if (isLines(bytes)) yield* lines(file, [bytes]);
  else yield { file, line: 1, text: textOf(bytes), bytes: bytes.length };
}

/** Does a second document follow the first one on a line of its own? */
function isLines(bytes: Buffer): boolean {
  const first = bytes.indexOf(0x0a);
  if (first < 0) return false;
  const line = bytes.subarray(0, first).toString('latin1').trim();
  const next = bytes.subarray(first + 1, first + 64).toString('latin1');
  return (
    line.startsWith('<') &&
    /^\s*<(?!\/)/.test(next) &&
    (/\/>$/.test(line) && !line.startsWith('<?') ? /^<[^<>]*\/>$/.test(line) : closesItsRoot(line))
  );
}

function closesItsRoot(line: string): boolean {
  const root = /^<([^\s<>/?!]+)[\s>]/.exec(line)?.[1];
  return root !== undefined && line.endsWith(`</${root}>`);
}

async function* lines(file: InputFile, chunks: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<InputDocument> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 0;
  for await (const bytes of linesOf(chunks)) {
    line++;
    const text = decoder.decode(bytes);
    if (text.trim() !== '') yield { file, line, text, bytes: bytes.length + 1 };
  }
}
