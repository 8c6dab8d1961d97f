/**
 * discovery/functions/: what can be called? The 27 functions of XPath 1.0 and, under their XPath 3.1 names and meanings, those
 * further ones that make sense over node-sets, strings and numbers. Knows no columns and no plans.
 */
import { DIRECTORY_NS } from '../../model/index.js';
import { BOOLEANS } from './booleans.js';
import type { FunctionDefinition } from './definition.js';
import { DIRECTORY } from './directory.js';
import { NODESETS } from './nodesets.js';
import { NUMBERS } from './numbers.js';
import { PATTERNS } from './patterns.js';
import { STRINGS } from './strings.js';

export type * from './definition.js';
export { numberOfText, textOfNumber } from './numbers.js';
export { compilePattern } from './regex.js';

/** Functions that are operators to the planner: boolean(), not(), exists(). */
export const OPERATORS: readonly string[] = ['boolean', 'not', 'exists'];

/** Called without a prefix. */
export const FUNCTIONS = byName([...NODESETS, ...STRINGS, ...BOOLEANS, ...NUMBERS, ...PATTERNS]);

/** Called with a prefix, by the namespace that it is bound to. */
export const LIBRARIES: ReadonlyMap<string, ReadonlyMap<string, FunctionDefinition>> = new Map([[DIRECTORY_NS, byName(DIRECTORY)]]);

/** By local name. */
function byName(definitions: readonly FunctionDefinition[]): ReadonlyMap<string, FunctionDefinition> {
  return new Map(definitions.map((definition) => [definition.name.slice(definition.name.indexOf(':') + 1), definition]));
}
