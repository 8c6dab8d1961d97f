/** Numbers: how they are read (§4.4) and written (§4.2), and the functions of §4.4. */
import type { FunctionDefinition, Host, Nodes } from './definition.js';

const NUMBER = /^[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*$/;

/** number() of a string: no exponent, no plus, no hexadecimal; anything else is NaN. */
export function numberOfText(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/**
 * string() of a number: the fewest digits that tell it from every other double, never with an exponent.
 *
 *     1e21 → 1000000000000000000000      1e-7 → 0.0000001      -0 → 0
 */
export function textOfNumber(value: number): string {
  if (value === 0) return '0';
  const shortest = String(value);
  const exponentAt = shortest.indexOf('e');
  if (exponentAt < 0) return shortest;
  const negative = value < 0 ? '-' : '';
  const [whole, fraction = ''] = shortest.slice(negative.length, exponentAt).split('.');
  const point = whole.length + Number(shortest.slice(exponentAt + 1));
  const digits = whole + fraction;
  if (point <= 0) return `${negative}0.${'0'.repeat(-point)}${digits}`;
  // a fraction never shows here: exponents begin at 21 and a double has 17 digits
  return negative + digits.padEnd(point, '0');
}

function values(nodes: Nodes, host: Host): Float64Array {
  host.spend(nodes.length);
  return Float64Array.from(nodes, (node) => host.number(node));
}

const sum = (numbers: Float64Array): number => numbers.reduce((a, b) => a + b, 0);

/** NaN for an empty set and as soon as one number is NaN, as sum() is: Math.min and Math.max are so too. */
function extreme(numbers: Float64Array, better: (a: number, b: number) => number): number {
  return numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => better(a, b));
}

export const NUMBERS: readonly FunctionDefinition[] = [
  { name: 'number', params: ['number?'], result: 'number', ofContext: true, call: ([value]) => value },
  { name: 'sum', params: ['nodeset'], result: 'number', call: ([nodes], { host }) => sum(values(host.inOrder(nodes), host)) },
  { name: 'floor', params: ['number'], result: 'number', call: ([value]) => Math.floor(value) },
  { name: 'ceiling', params: ['number'], result: 'number', call: ([value]) => Math.ceil(value) },
  // Math.round is the recommendation's round(): halves go up, -0.2 gives -0
  { name: 'round', params: ['number'], result: 'number', call: ([value]) => Math.round(value) },
  { name: 'abs', params: ['number'], result: 'number', call: ([value]) => Math.abs(value) },
  { name: 'min', params: ['nodeset'], result: 'number', call: ([nodes], { host }) => extreme(values(nodes, host), Math.min) },
  { name: 'max', params: ['nodeset'], result: 'number', call: ([nodes], { host }) => extreme(values(nodes, host), Math.max) },
  {
    name: 'avg',
    params: ['nodeset'],
    result: 'number',
    call: ([nodes], { host }) => sum(values(host.inOrder(nodes), host)) / nodes.length,
  },
];
