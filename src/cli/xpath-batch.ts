/**
 * Runs conformance cases, one at a time: a document, a context node, bindings and an expression in, a typed value out.
 * Node-sets are told as node paths, so that any engine's answer can be laid beside ours.
 */

import type { Budget, Compiled, CompileOptions, NamespaceNode } from '../discovery/engine.js';
import { loadPlainDocument, nodeAtPath, nodePath } from '../discovery/plain-document.js';

export interface XPathCase {
  readonly id: string;
  /** the document's text */
  readonly xml: string;
  /** node path of the context node (`nodePath` tells the form); default `/` */
  readonly context?: string;
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, CaseVariable>>;
  readonly xpath: string;
  /** the type the result is converted to; `any` keeps its own, `nodeset` refuses any other */
  readonly want?: 'string' | 'number' | 'boolean' | 'nodeset' | 'any';
}

/** nodeset: node paths, one a line; expr: an expression evaluated at the root */
export interface CaseVariable {
  readonly type: 'string' | 'number' | 'boolean' | 'nodeset' | 'expr';
  readonly value: string | number | boolean;
}

export type CaseResult =
  | { readonly id: string; readonly type: 'string'; readonly value: string }
  /** NaN, Infinity and -Infinity, which JSON has not, are strings */
  | { readonly id: string; readonly type: 'number'; readonly value: number | 'NaN' | 'Infinity' | '-Infinity' }
  | { readonly id: string; readonly type: 'boolean'; readonly value: boolean }
  /** node paths in document order */
  | { readonly id: string; readonly type: 'nodeset'; readonly value: readonly string[] }
  | { readonly id: string; readonly type: 'error'; readonly value: string };

export type CaseValue<Node> =
  | { readonly type: 'nodeset'; readonly nodes: readonly Node[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean };

/** Opens documents for our own engine: columns, and the `compile` of discovery. */
export function engineDocuments(compile: (text: string, options: CompileOptions) => Compiled): (xml: string) => CaseDocument<EngineNode> {
  return (xml) => {
    const columns = loadPlainDocument(xml);
    const view = { columns, revision: columns.revision };
    return {
      node: (path) => nodeAtPath(columns, path),
      path: (node) => nodePath(columns, node),
      ordered: (nodes) => [...new Map(nodes.map((node) => [nodePath(columns, node), node])).values()].sort((a, b) => place(a) - place(b)),
      evaluate: (xpath, context, namespaces, variables) => {
        const compiled = compile(xpath, { namespaces, variables: new Set(variables.keys()) });
        const value = compiled.evaluate(view, { context, variables, budget: OWN_FILES });
        return value.type === 'nodeset' ? { type: 'nodeset', nodes: [...value.nodes] } : value;
      },
    };
  };
}

/** Nobody else waits while somebody asks their own files: minutes rather than seconds. */
const OWN_FILES: Budget = { time: 120_000, nodes: 100_000_000, bytes: 1 << 30 };

/** Namespace nodes stand between their element and its attributes. */
function place(node: EngineNode): number {
  return typeof node === 'number' ? node : 2 * node.row + 0.5;
}

export type EngineNode = number | NamespaceNode;

/** What a case needs of an engine; the tests run the same cases through a second one. */
export interface CaseDocument<Node> {
  node(path: string): Node | undefined;
  path(node: Node): string;
  /** in document order, without doubles */
  ordered(nodes: readonly Node[]): Node[];
  evaluate(
    xpath: string,
    context: Node,
    namespaces: ReadonlyMap<string, string>,
    variables: ReadonlyMap<string, CaseValue<Node>>,
  ): CaseValue<Node>;
}

/** Never throws for what a case says: a bad one yields `error` with the message, so that a batch goes on. */
export function runCase<Node>(one: XPathCase, open: (xml: string) => CaseDocument<Node>): CaseResult {
  try {
    if (typeof one.xml !== 'string') throw new Error('the case has no document ("xml")');
    if (typeof one.xpath !== 'string') throw new Error('the case has no expression ("xpath")');
    return { id: one.id, ...outcome(one, open(one.xml)) };
  } catch (error) {
    return { id: one.id, type: 'error', value: error instanceof Error ? error.message : String(error) };
  }
}

type Outcome = CaseResult extends infer R ? (R extends CaseResult ? Omit<R, 'id'> : never) : never;

function outcome<Node>(one: XPathCase, document: CaseDocument<Node>): Outcome {
  const namespaces = new Map(Object.entries(one.namespaces ?? {}));
  const root = nodeAt(document, '/');
  const variables = new Map(Object.entries(one.variables ?? {}).map(([name, variable]) => [name, bound(variable)]));
  const value = document.evaluate(one.xpath, nodeAt(document, one.context ?? '/'), namespaces, variables);
  const want = one.want ?? 'any';
  if (want === 'any' || want === value.type) return told(value);
  if (want === 'nodeset') throw new Error(`the result is a ${value.type}, not a node-set`);
  // The engine's own conversion, not a second one of ours.
  return told(document.evaluate(`${want}($value)`, root, new Map(), new Map([['value', value]])));

  function bound(variable: CaseVariable): CaseValue<Node> {
    switch (variable.type) {
      case 'expr':
        return document.evaluate(String(variable.value), root, namespaces, new Map());
      case 'nodeset':
        return { type: 'nodeset', nodes: document.ordered(paths(String(variable.value)).map((path) => nodeAt(document, path))) };
      case 'boolean':
        return { type: 'boolean', value: variable.value === true || variable.value === 'true' };
      case 'number':
        return { type: 'number', value: Number(variable.value) };
      case 'string':
        return { type: 'string', value: String(variable.value) };
      default:
        throw new Error(`there is no variable type ${String(variable.type)}`);
    }
  }

  function told(result: CaseValue<Node>): Outcome {
    if (result.type === 'nodeset') return { type: 'nodeset', value: result.nodes.map((node) => document.path(node)) };
    if (result.type !== 'number') return result;
    // Adding 0 makes -0 a plain 0.
    return { type: 'number', value: Number.isFinite(result.value) ? result.value + 0 : (String(result.value) as 'NaN') };
  }
}

function paths(text: string): string[] {
  return text.split('\n').filter((path) => path !== '');
}

function nodeAt<Node>(document: CaseDocument<Node>, path: string): Node {
  const node = document.node(path);
  if (node === undefined) throw new Error(`there is no node ${path} in the document`);
  return node;
}
