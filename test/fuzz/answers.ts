import type { CaseDocument, CaseValue } from '../../src/cli/xpath-batch.js';
import { TooMuchWork } from '../discovery/twin/index.js';
import { NAMESPACES } from './documents.js';
import type { Answer } from './libxml2.js';

export interface Question {
  readonly context: string;
  readonly xpath: string;
}

/** What the variables of random expressions stand for; `$n` is evaluated by the engine in question. */
const SIMPLE: readonly (readonly [string, CaseValue<never>])[] = [
  ['s', { type: 'string', value: 'ab' }],
  ['f', { type: 'number', value: 2 }],
  ['t', { type: 'boolean', value: true }],
];

/** undefined: the engine gave up for the work it would be. */
export function answerOf<Node>(document: CaseDocument<Node>, { context, xpath }: Question): Answer | undefined {
  const namespaces = new Map(Object.entries(NAMESPACES));
  const root = document.node('/') as Node;
  try {
    const variables = new Map<string, CaseValue<Node>>(SIMPLE);
    if (xpath.includes('$n')) variables.set('n', document.evaluate('//b | //@x | //text()[1]', root, namespaces, new Map()));
    const value = document.evaluate(xpath, document.node(context) as Node, namespaces, variables);
    return value.type === 'nodeset' ? { type: 'nodeset', value: value.nodes.map(document.path) } : value;
  } catch (error) {
    if (error instanceof TooMuchWork) return undefined;
    return { type: 'error', value: error instanceof Error ? error.message : String(error) };
  }
}

/** Errors agree whatever their words; numbers agree bit by bit, the sign of zero included. */
export function agree(a: Answer, b: Answer): boolean {
  if (a.type !== b.type || a.type === 'error') return a.type === b.type;
  return a.type === 'nodeset' ? JSON.stringify(a.value) === JSON.stringify(b.value) : Object.is(a.value, b.value);
}
