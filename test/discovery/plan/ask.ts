/** One question of one document, answered in words: node-sets as node paths. */

import { compile, type EvaluateOptions, type NamespaceNode } from '../../../src/discovery/index.js';
import { loadPlainDocument, nodeAtPath, nodePath } from '../../../src/discovery/plain-document.js';

export interface Asking extends EvaluateOptions {
  readonly namespaces?: Readonly<Record<string, string>>;
  /** node path of the context node */
  readonly at?: string;
}

export function ask(
  xml: string,
  xpath: string,
  { namespaces = {}, at = '/', ...options }: Asking = {},
): string | number | boolean | string[] {
  const columns = loadPlainDocument(xml);
  const variables = options.variables === undefined ? {} : { variables: new Set(options.variables.keys()) };
  const compiled = compile(xpath, { namespaces: new Map(Object.entries(namespaces)), ...variables });
  const context = nodeAtPath(columns, at);
  if (context === undefined) throw new Error(`no node at ${at}`);
  const value = compiled.evaluate({ columns, revision: columns.revision }, { ...options, context });
  return value.type === 'nodeset'
    ? Array.from(value.nodes as ArrayLike<number | NamespaceNode>, (node) => nodePath(columns, node))
    : value.value;
}
