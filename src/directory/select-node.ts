/** The selectors of an XML patch, evaluated by the engine that answers questions: over columns made of the document as it stands. */
import { compile, createAppender, createColumns, type NodeSet } from '../discovery/index.js';
import { nodePath } from '../discovery/plain-document.js';
import type { Located, PatchDocument, PatchElement, PatchNode, SelectNode } from '../xml/index.js';

/** Each operation of a patch has this much: a node of a document of a megabyte is found in a fraction of it. */
const BUDGET = { time: 100, nodes: 1_000_000, bytes: 4_000_000 };

export const selectNode: SelectNode = (document, sel, namespaces) => {
  const columns = createColumns({ size: 'document' });
  const appender = createAppender(columns);
  for (const child of document.children) append(child, appender);
  appender.end();
  const bound = new Map([...namespaces].filter(([prefix]) => prefix !== ''));
  const compiled = compile(sel, { namespaces: bound, elementNamespace: namespaces.get('') ?? '' });
  const value = compiled.evaluate({ columns, revision: columns.revision }, { budget: BUDGET });
  // what is no node-set selects no node
  const nodes: NodeSet = value.type === 'nodeset' ? value.nodes : [];
  return Array.from(nodes.slice(0, 2) as (typeof nodes)[number][], (node) => locate(document, nodePath(columns, node)));
};

type Appender = ReturnType<typeof createAppender>;

function append(node: PatchNode, appender: Appender): void {
  switch (node.kind) {
    case 'text':
      appender.text(node.value);
      break;
    case 'comment':
      appender.comment(node.value);
      break;
    case 'instruction':
      appender.instruction(node.target, node.value);
      break;
    default:
      appender.startElement(node.ns, node.prefix, node.local);
      for (const [prefix, uri] of node.declarations) appender.declaration(prefix, uri);
      for (const { ns, prefix, local, value } of node.attributes) appender.attribute(ns, prefix, local, value);
      for (const child of node.children) append(child, appender);
      appender.endElement();
  }
}

const KINDS: Readonly<Record<string, PatchNode['kind']>> = {
  '*': 'element',
  'text()': 'text',
  'comment()': 'comment',
  'processing-instruction()': 'instruction',
};

/** `/*[1]/*[2]/text()[1]`, `/*[1]/@a`, `/*[1]/namespace::p` in the tree. */
function locate(document: PatchDocument, path: string): Located {
  if (path === '/') return { kind: 'root' };
  let node: PatchNode | undefined;
  let parent: PatchElement | undefined;
  // an attribute's name or a prefix holds no slash
  for (const step of path.slice(1).split('/')) {
    const element = node?.kind === 'element' ? node : undefined;
    if (element !== undefined && step.startsWith('namespace::')) return { kind: 'namespace', element, prefix: step.slice(11) };
    if (element !== undefined && step.startsWith('@')) {
      const attribute = element.attributes.find(({ prefix, local }) => (prefix === '' ? local : `${prefix}:${local}`) === step.slice(1));
      if (attribute !== undefined) return { kind: 'attribute', element, attribute };
    }
    const [, test = '', place] = /^(.*)\[(\d+)\]$/.exec(step) ?? [];
    const siblings: readonly PatchNode[] = element?.children ?? document.children;
    parent = element;
    node = siblings.filter(({ kind }) => kind === KINDS[test])[Number(place) - 1];
  }
  if (node === undefined) throw new Error(`the document has no node at ${path}`);
  return { kind: 'node', node, parent };
}
