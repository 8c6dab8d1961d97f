import { oversized, type Piece } from './split-resources.js';

/** One document a line. A line feed inside a document must be written as `&#10;`, as canonical lines of our own exports are. */
export async function* splitLines(body: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<Piece> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let line = 1;
  let index = 0;
  function* end(): Iterable<Piece> {
    const origin = { line, column: 1 };
    if (size > limit) yield oversized(index++, size, limit, origin);
    else {
      const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      if (!isBlank(bytes)) yield { index: index++, bytes, origin };
    }
    parts = [];
    size = 0;
    line++;
  }
  function add(bytes: Uint8Array): void {
    size += bytes.length;
    if (size > limit) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  }
  for await (const chunk of body) {
    let start = 0;
    for (let feed = chunk.indexOf(0x0a); feed >= 0; feed = chunk.indexOf(0x0a, start)) {
      add(chunk.subarray(start, feed));
      yield* end();
      start = feed + 1;
    }
    add(chunk.subarray(start));
  }
  yield* end();
}

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) return false;
  return true;
}
