/** Answers XPath by libxml2 in a thread that can be killed: some expressions hang it, some trap and leave it broken. */
import { parentPort } from 'node:worker_threads';
import { ParseOption, XmlDocument, XmlElement, type XmlNode } from 'libxml2-wasm';

export interface Libxml2Request {
  readonly xml: string;
  readonly asks: readonly { readonly context: string; readonly xpath: string }[];
  readonly namespaces: Readonly<Record<string, string>>;
}

/** nodes as node paths; namespace nodes have none and are told as `?` */
export type Libxml2Answer =
  | { readonly type: 'nodeset'; readonly value: readonly string[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'error'; readonly value: string };

const OPTIONS =
  ParseOption.XML_PARSE_NOENT |
  ParseOption.XML_PARSE_DTDATTR |
  ParseOption.XML_PARSE_NOCDATA |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NOERROR;

parentPort?.on('message', ({ xml, asks, namespaces }: Libxml2Request) => {
  const document = XmlDocument.fromString(xml, { option: OPTIONS });
  const { paths, nodes } = catalogue(document);
  const answers = asks.map(({ context, xpath }): Libxml2Answer => {
    try {
      const value = (nodes.get(context) as XmlNode).eval(xpath, namespaces);
      if (Array.isArray(value)) return { type: 'nodeset', value: value.map((node) => paths.get(identity(node)) ?? '?') };
      return { type: typeof value, value } as Libxml2Answer;
    } catch (error) {
      return { type: 'error', value: String(error) };
    }
  });
  document.dispose();
  parentPort?.postMessage(answers);
});

/** Two wrappers of one node are different objects; the pointer inside, which has no public name, is the same. */
function identity(node: XmlNode): number {
  return (node as unknown as { _nodePtr: number })._nodePtr;
}

function catalogue(document: XmlDocument): { paths: Map<number, string>; nodes: Map<string, XmlNode> } {
  const paths = new Map<number, string>();
  const nodes = new Map<string, XmlNode>();
  const [root] = document.find('/');
  add(root, '/');
  children(document.find('/node()'), '');
  return { paths, nodes };

  function add(node: XmlNode, path: string): void {
    paths.set(identity(node), path);
    nodes.set(path, node);
  }

  function children(siblings: readonly XmlNode[], above: string): void {
    const places = new Map<string, number>();
    for (const node of siblings) {
      const step = node instanceof XmlElement ? '*' : STEPS[node.constructor.name.replace(/^_/, '')];
      const place = (places.get(step) ?? 0) + 1;
      places.set(step, place);
      const path = `${above}/${step}[${place}]`;
      add(node, path);
      if (!(node instanceof XmlElement)) continue;
      for (const attribute of node.attrs) add(attribute, `${path}/@${attribute.prefix ? `${attribute.prefix}:` : ''}${attribute.name}`);
      children(node.find('node()'), path);
    }
  }
}

const STEPS: Readonly<Record<string, string>> = {
  XmlText: 'text()',
  XmlComment: 'comment()',
  XmlProcessingInstructionNode: 'processing-instruction()',
};
