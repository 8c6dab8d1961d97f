import { XML_NS } from '../../../src/model/index.js';
import { type DocumentSink, readDocument } from '../../../src/xml/read-document.js';

export type TwinKind = 'root' | 'element' | 'attribute' | 'namespace' | 'text' | 'comment' | 'instruction';

/** A node of the data model (§5). `local` is the target of an instruction and the prefix of a namespace node. */
export interface TwinNode {
  readonly kind: TwinKind;
  readonly ns: string;
  readonly prefix: string;
  readonly local: string;
  /** attribute, namespace (its URI), text, comment, instruction: the string-value */
  value: string;
  readonly parent?: TwinNode;
  readonly children: TwinNode[];
  readonly attributes: TwinNode[];
  readonly namespaces: TwinNode[];
  /** its own declarations, as written */
  readonly declared: Map<string, string>;
  readonly document: TwinDocument;
  /** place in document order: element, its namespace nodes, its attributes, its children */
  order: number;
}

export interface TwinDocument {
  readonly nodes: TwinNode[];
  readonly ids: Map<string, TwinNode>;
}

/** Reads a document and returns its root node. */
export function treeOf(xml: string | Uint8Array): TwinNode {
  const document: TwinDocument = { nodes: [], ids: new Map() };
  const root = node('root', '', '', '', '');
  let current = root;
  const sink: DocumentSink = {
    startElement: (ns, prefix, local) => {
      current = child('element', ns, prefix, local, '');
    },
    declaration: (prefix, uri) => void current.declared.set(prefix, uri),
    attribute: (ns, prefix, local, value, isId) => {
      current.attributes.push(node('attribute', ns, prefix, local, value, current));
      if (isId && !document.ids.has(value)) document.ids.set(value, current);
    },
    text: (value) => void child('text', '', '', '', value),
    comment: (value) => void child('comment', '', '', '', value),
    instruction: (target, value) => void child('instruction', '', '', target, value),
    endElement: () => {
      current = current.parent as TwinNode;
    },
  };
  readDocument(xml, sink);
  number(root);
  return root;

  function child(kind: TwinKind, ns: string, prefix: string, local: string, value: string): TwinNode {
    const made = node(kind, ns, prefix, local, value, current);
    current.children.push(made);
    return made;
  }

  function node(kind: TwinKind, ns: string, prefix: string, local: string, value: string, parent?: TwinNode): TwinNode {
    return {
      kind,
      ns,
      prefix,
      local,
      value,
      parent,
      children: [],
      attributes: [],
      namespaces: [],
      declared: new Map(),
      document,
      order: -1,
    };
  }

  function number(of: TwinNode): void {
    of.order = document.nodes.push(of) - 1;
    if (of.kind === 'element') {
      for (const [prefix, uri] of inScope(of)) of.namespaces.push(node('namespace', '', '', prefix, uri, of));
    }
    for (const each of [...of.namespaces, ...of.attributes]) each.order = document.nodes.push(each) - 1;
    of.children.forEach(number);
  }
}

/**
 * The namespaces in scope (§5.4). Their order is the implementation's to choose; here `xml` comes first, then the
 * declarations from the outermost element inward, of one element the last first, as libxml2 has them.
 */
function inScope(element: TwinNode): Map<string, string> {
  const outward: [string, string][] = [];
  for (let at: TwinNode | undefined = element; at !== undefined; at = at.parent) {
    for (const [prefix, uri] of at.declared) {
      if (!outward.some(([known]) => known === prefix)) outward.push([prefix, uri]);
    }
  }
  return new Map([['xml', XML_NS] as [string, string], ...outward.filter(([, uri]) => uri !== '').reverse()]);
}

/** §5: the string-value of each kind of node. */
export function stringValue(node: TwinNode): string {
  if (node.kind !== 'root' && node.kind !== 'element') return node.value;
  return node.children.map((each) => (each.kind === 'text' ? each.value : each.kind === 'element' ? stringValue(each) : '')).join('');
}

export function isAncestor(node: TwinNode, of: TwinNode): boolean {
  for (let at = of.parent; at !== undefined; at = at.parent) if (at === node) return true;
  return false;
}
