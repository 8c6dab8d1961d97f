import type { CaseDocument, CaseValue } from '../../../src/cli/xpath-batch.js';
import { parseXPath } from '../../../src/discovery/syntax/index.js';
import { evaluate } from './evaluate.js';
import type { Rules } from './rules.js';
import { type TwinKind, type TwinNode, treeOf } from './tree.js';
import type { TwinValue } from './values.js';

export interface TwinOptions {
  readonly rules?: Rules;
  /** per evaluation; see TwinContext */
  readonly work?: number;
}

/** The twin as an engine for conformance cases. */
export function twinDocument(xml: string, options: TwinOptions = {}): CaseDocument<TwinNode> {
  const root = treeOf(xml);
  return {
    node: (path) => root.document.nodes.find((node) => pathOf(node) === path),
    path: pathOf,
    ordered: inOrder,
    evaluate: (xpath, node, namespaces, variables) => {
      const values = [...variables].map(([name, value]) => [name, value.type === 'nodeset' ? [...value.nodes] : value.value]);
      return typed(
        evaluate(parseXPath(xpath), {
          ...options,
          node,
          namespaces: Object.fromEntries(namespaces),
          variables: Object.fromEntries(values),
        }),
      );
    },
  };
}

const STEPS: Partial<Record<TwinKind, string>> = {
  element: '*',
  text: 'text()',
  comment: 'comment()',
  instruction: 'processing-instruction()',
};

export function pathOf(node: TwinNode): string {
  if (node.parent === undefined) return '/';
  const above = node.parent.parent === undefined ? '' : pathOf(node.parent);
  if (node.kind === 'attribute') return `${above}/@${node.prefix ? `${node.prefix}:` : ''}${node.local}`;
  if (node.kind === 'namespace') return `${above}/namespace::${node.local}`;
  const place = node.parent.children.filter((each) => each.kind === node.kind).indexOf(node) + 1;
  return `${above}/${STEPS[node.kind]}[${place}]`;
}

function typed(value: TwinValue): CaseValue<TwinNode> {
  if (Array.isArray(value)) return { type: 'nodeset', nodes: value };
  return { type: typeof value, value } as CaseValue<TwinNode>;
}

function inOrder(nodes: readonly TwinNode[]): TwinNode[] {
  return [...new Set(nodes)].sort((a, b) => a.order - b.order);
}
