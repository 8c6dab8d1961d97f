import { decodeDocument } from './decode.js';
import { STRUCTURE_LIMITS } from './limits.js';
import { newParser } from './parser.js';
import { type Position, positionsIn } from './positions.js';
import { errorOffset, notWellFormed, saxesMessage } from './well-formed.js';

export interface TreeAttribute {
  readonly name: string;
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
  readonly value: string;
}

/** An element of a small document held in memory, with where it stood. Comments and processing instructions are left out. */
export interface TreeElement {
  readonly name: string;
  readonly prefix: string;
  readonly ns: string;
  readonly local: string;
  readonly attributes: readonly TreeAttribute[];
  readonly children: readonly TreeElement[];
  /** all text directly inside, trimmed */
  readonly text: string;
  readonly place: Position & { readonly path: string };
}

/** Reads a whole document into a tree. Throws Problem as the reader of resources does. */
export function readTree(bytes: Uint8Array): TreeElement {
  const source = decodeDocument(bytes);
  const at = positionsIn(source);
  const parser = newParser();
  type Open = { -readonly [K in keyof TreeElement]: TreeElement[K] } & { children: TreeElement[]; seen: Map<string, number> };
  const open: Open[] = [];
  let root: TreeElement | undefined;
  let mark = 0;
  parser.on('opentag', (tag) => {
    if (open.length >= STRUCTURE_LIMITS.depth)
      throw notWellFormed(`elements more than ${STRUCTURE_LIMITS.depth} deep are not read`, at(mark));
    const parent = open.at(-1);
    const index = (parent?.seen.get(tag.name) ?? 0) + 1;
    parent?.seen.set(tag.name, index);
    const path = parent === undefined ? `/${tag.name}` : `${parent.place.path}/${tag.name}[${index}]`;
    const attributes = Object.values(tag.attributes).filter(({ name, prefix }) => prefix !== 'xmlns' && name !== 'xmlns');
    open.push({
      name: tag.name,
      prefix: tag.prefix,
      ns: tag.uri,
      local: tag.local,
      attributes: attributes.map(({ name, prefix, uri, local, value }) => ({ name, prefix, ns: uri, local, value })),
      children: [],
      seen: new Map(),
      text: '',
      place: { ...at(source.lastIndexOf('<', parser.position - 1)), path },
    });
    mark = parser.position;
  });
  const onText = (piece: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const { seen: _, ...element } = open.pop() as Open;
    const closed = { ...element, text: element.text.trim() };
    const parent = open.at(-1);
    if (parent === undefined) root = closed;
    else parent.children.push(closed);
    mark = parser.position;
  });
  try {
    parser.write(source).close();
  } catch (error) {
    const message = saxesMessage(error);
    if (message === undefined) throw error;
    const unclosed = /^unclosed tag/.test(message) ? open.at(-1)?.place : undefined;
    throw notWellFormed(message, unclosed ?? at(errorOffset(message, source, parser.position, mark)));
  }
  return root as TreeElement;
}
