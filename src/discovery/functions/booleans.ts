/** Booleans (§4.3). boolean() and not() are operators to the planner and do not appear here. */
import type { FunctionDefinition } from './definition.js';

/** ASCII only, as RFC 3066 names languages: Kelvin signs are not k. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Is `actual` the wanted language or a sublanguage of it (`en` holds `en-GB`)? */
function speaks(actual: string, wanted: string): boolean {
  const [a, w] = [asciiLower(actual), asciiLower(wanted)];
  return a === w || a.startsWith(`${w}-`);
}

export const BOOLEANS: readonly FunctionDefinition[] = [
  { name: 'true', params: [], result: 'boolean', call: () => true },
  { name: 'false', params: [], result: 'boolean', call: () => false },
  {
    name: 'lang',
    params: ['string'],
    result: 'boolean',
    usesNode: true,
    call: ([wanted], { host, node }) => {
      const actual = host.language(node);
      return actual !== undefined && speaks(actual, wanted);
    },
  },
];
