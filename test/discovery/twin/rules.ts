import { isAncestor, type TwinNode } from './tree.js';

/** The rules engines are known to read differently. Everything else in the twin is fixed. */
export interface Rules {
  /** §4.2: a number as a string */
  readonly numberText: (value: number) => string;
  /** §4.4: a string as a number */
  readonly textNumber: (text: string) => number;
  /** §4.1: the IDs in a string given to id() */
  readonly idTokens: (text: string) => string[];
  /** §2.2: the following axis */
  readonly following: (node: TwinNode) => TwinNode[];
  /** §2.2: the preceding axis, the nearest node first */
  readonly preceding: (node: TwinNode) => TwinNode[];
}

/** As XPath 1.0 words them. */
export const RECOMMENDATION: Rules = {
  /** Never an exponent: the shortest digits that mean this number, with zeros where the point must move. */
  numberText(value) {
    if (value === 0) return '0';
    const shortest = String(value);
    const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest);
    if (parts === null) return shortest;
    const [, sign, whole, fraction = '', exponent] = parts;
    const digits = whole + fraction;
    const point = whole.length + Number(exponent);
    if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
    return sign + digits.padEnd(point, '0');
  },

  textNumber(text) {
    return /^[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*$/.test(text) ? Number(text) : Number.NaN;
  },

  idTokens(text) {
    return text.split(/[ \t\r\n]+/).filter((token) => token !== '');
  },

  /** "All nodes after the context node, excluding descendants, attributes and namespace nodes": an attribute has its element's children after it. */
  following(node) {
    return node.document.nodes.filter((each) => isInTree(each) && each.order > node.order && !isAncestor(node, each));
  },

  /** "All nodes before the context node, excluding ancestors, attributes and namespace nodes" */
  preceding(node) {
    return node.document.nodes.filter((each) => isInTree(each) && each.order < node.order && !isAncestor(each, node)).reverse();
  },
};

/** Attributes and namespace nodes have a parent and are not its children. */
export function isInTree(node: TwinNode): boolean {
  return node.kind !== 'attribute' && node.kind !== 'namespace';
}
