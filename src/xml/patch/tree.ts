/** A document as a tree that can be changed, with everything that can be seen of it: what a patch works on. */
import { newParser } from '../parser.js';
import { type Position, positionsIn } from '../positions.js';
import { errorOffset, notWellFormed, saxesMessage } from '../well-formed.js';

export interface PatchElement {
  readonly kind: 'element';
  prefix: string;
  ns: string;
  readonly local: string;
  readonly attributes: PatchAttribute[];
  /** prefix ('' for the default) → namespace */
  readonly declarations: Map<string, string>;
  readonly children: PatchNode[];
  parent: PatchElement | undefined;
  /** where its tag began, in the text it was read from */
  readonly place: Position;
}

export interface PatchAttribute {
  prefix: string;
  ns: string;
  readonly local: string;
  value: string;
}

export interface PatchText {
  readonly kind: 'text';
  value: string;
}

export interface PatchComment {
  readonly kind: 'comment';
  readonly value: string;
}

export interface PatchInstruction {
  readonly kind: 'instruction';
  readonly target: string;
  readonly value: string;
}

export type PatchNode = PatchElement | PatchText | PatchComment | PatchInstruction;

/** The root element stands among comments and instructions. */
export interface PatchDocument {
  readonly children: PatchNode[];
}

export function rootOf({ children }: PatchDocument): PatchElement {
  return children.find((child): child is PatchElement => child.kind === 'element') as PatchElement;
}

/** Depth at which reading ends: far more than a resource may have. */
const DEEPEST = 256;

/** Text without DOCTYPE → tree. Throws Problem `not-well-formed`. */
export function readPatchTree(source: string): PatchDocument {
  const at = positionsIn(source);
  const parser = newParser();
  const document: PatchDocument = { children: [] };
  const open: PatchElement[] = [];
  let mark = 0;
  const add = (node: PatchNode) => (open.at(-1)?.children ?? document.children).push(node);
  parser.on('opentag', (tag) => {
    if (open.length >= DEEPEST) throw notWellFormed(`elements more than ${DEEPEST} deep are not read`, at(mark));
    const attributes: PatchAttribute[] = [];
    for (const { name, prefix, local, uri, value } of Object.values(tag.attributes)) {
      if (prefix !== 'xmlns' && name !== 'xmlns') attributes.push({ prefix, ns: uri, local, value });
    }
    const element: PatchElement = {
      kind: 'element',
      prefix: tag.prefix,
      ns: tag.uri,
      local: tag.local,
      attributes,
      declarations: new Map(Object.entries(tag.ns ?? {})),
      children: [],
      parent: open.at(-1),
      place: at(source.lastIndexOf('<', parser.position - 1)),
    };
    add(element);
    open.push(element);
    mark = parser.position;
  });
  const text = (value: string) => {
    if (open.length === 0) return;
    const last = open.at(-1)?.children.at(-1);
    if (last?.kind === 'text') last.value += value;
    else if (value !== '') add({ kind: 'text', value });
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('comment', (value) => void add({ kind: 'comment', value }));
  parser.on('processinginstruction', ({ target, body }) => void add({ kind: 'instruction', target, value: body }));
  parser.on('closetag', () => {
    open.pop();
    mark = parser.position;
  });
  try {
    parser.write(source).close();
  } catch (error) {
    const message = saxesMessage(error);
    if (message === undefined) throw error;
    throw notWellFormed(message, at(errorOffset(message, source, parser.position, mark)));
  }
  return document;
}

/** The namespace a prefix is bound to at an element; undefined when it is not. */
export function namespaceAt(element: PatchElement | undefined, prefix: string): string | undefined {
  for (let one = element; one !== undefined; one = one.parent) {
    const ns = one.declarations.get(prefix);
    if (ns !== undefined) return ns;
  }
  return prefix === '' ? '' : undefined;
}

/** Every binding in scope at an element, the innermost of each prefix. */
export function namespacesAt(element: PatchElement | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (let one = element; one !== undefined; one = one.parent) {
    for (const [prefix, ns] of one.declarations) if (!found.has(prefix)) found.set(prefix, ns);
  }
  return found;
}
