import { qualified } from '../canonical.js';
import { escapeAttribute, escapeText } from '../escape.js';
import type { PatchDocument, PatchNode } from './tree.js';

/** Tree → text, without XML declaration. */
export function writePatchTree({ children }: PatchDocument): string {
  return children.map(write).join('');
}

function write(node: PatchNode): string {
  switch (node.kind) {
    case 'text':
      return escapeText(node.value);
    case 'comment':
      return `<!--${node.value}-->`;
    case 'instruction':
      return `<?${node.target}${node.value === '' ? '' : ` ${node.value}`}?>`;
    default: {
      const tag = qualified(node.prefix, node.local);
      const declarations = [...node.declarations].map(
        ([prefix, ns]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeAttribute(ns)}"`,
      );
      const attributes = node.attributes.map(({ prefix, local, value }) => ` ${qualified(prefix, local)}="${escapeAttribute(value)}"`);
      const start = `<${tag}${declarations.join('')}${attributes.join('')}`;
      return node.children.length === 0 ? `${start}/>` : `${start}>${node.children.map(write).join('')}</${tag}>`;
    }
  }
}
