import type { FoundNode } from '../../client/index.js';

/** How a node is called: `host:hostname`, `@id`, `text()`. */
export function nodeName(node: FoundNode): string {
  switch (node.kind) {
    case 'element':
      return /^<([^\s/>]+)/.exec(node.xml)?.[1] ?? '';
    case 'attribute':
      return `@${node.name}`;
    case 'namespace':
      return `namespace::${node.name ?? ''}`;
    case 'processing-instruction':
      return `<?${node.name}?>`;
    case 'root':
      return '/';
    default:
      return `${node.kind}()`;
  }
}

/** Its text; of an element with elements in it, its XML. */
export function nodeText(node: FoundNode): string {
  if (node.kind !== 'element') return node.value;
  const leaf = /^<[^<>]*>([^<]*)<\/[^<>]*>$/.exec(node.xml);
  if (leaf !== null) return unescaped(leaf[1] as string);
  return /^<[^<>]*\/>$/.test(node.xml) ? '' : node.xml;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name] ?? whole;
  });
}
