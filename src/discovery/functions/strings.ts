/** Strings (§4.2), counted in characters (code points), and the XPath 3.1 functions beside them that need no regular expression. */
import type { FunctionDefinition } from './definition.js';

/** Text without surrogates has one code unit for each character, and is then cut without being taken apart. */
const SURROGATE = /[\uD800-\uDFFF]/;

export function lengthInCharacters(text: string): number {
  if (!SURROGATE.test(text)) return text.length;
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** Characters at positions p (from 1) with p >= round(start) and, given a length, p < round(start) + round(length). */
export function substring(text: string, start: number, length?: number): string {
  const from = Math.round(start);
  const to = length === undefined ? Number.POSITIVE_INFINITY : from + Math.round(length);
  // NaN compares false with everything: nothing is selected
  if (!(from < to)) return '';
  const first = Math.max(0, from - 1);
  if (!SURROGATE.test(text)) return text.slice(first, Math.max(0, to - 1));
  return [...text].slice(first, Math.max(0, to - 1)).join('');
}

export function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  let i = 0;
  for (const char of from) {
    if (!map.has(char)) map.set(char, targets[i] ?? '');
    i++;
  }
  let result = '';
  for (const char of text) result += map.get(char) ?? char;
  return result;
}

export function normalizeSpace(text: string): string {
  return text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');
}

export const STRINGS: readonly FunctionDefinition[] = [
  { name: 'string', params: ['string?'], result: 'string', ofContext: true, call: ([text]) => text },
  { name: 'concat', params: ['string', 'string', 'string*'], result: 'string', call: (parts, { host }) => host.built(parts.join('')) },
  { name: 'starts-with', params: ['string', 'string'], result: 'boolean', call: ([text, start]) => text.startsWith(start) },
  { name: 'ends-with', params: ['string', 'string'], result: 'boolean', call: ([text, end]) => text.endsWith(end) },
  { name: 'contains', params: ['string', 'string'], result: 'boolean', call: ([text, part]) => text.includes(part) },
  {
    name: 'substring-before',
    params: ['string', 'string'],
    result: 'string',
    call: ([text, part]) => text.slice(0, Math.max(0, text.indexOf(part))),
  },
  {
    name: 'substring-after',
    params: ['string', 'string'],
    result: 'string',
    call: ([text, part]) => (text.includes(part) ? text.slice(text.indexOf(part) + part.length) : ''),
  },
  {
    name: 'substring',
    params: ['string', 'number', 'number?'],
    result: 'string',
    call: ([text, start, length]) => substring(text, start, length),
  },
  { name: 'string-length', params: ['string?'], result: 'number', ofContext: true, call: ([text]) => lengthInCharacters(text) },
  { name: 'normalize-space', params: ['string?'], result: 'string', ofContext: true, call: ([text]) => normalizeSpace(text) },
  {
    name: 'translate',
    params: ['string', 'string', 'string'],
    result: 'string',
    call: ([text, from, to], { host }) => {
      host.spend((text.length + from.length) >>> 2);
      return host.built(translate(text, from, to));
    },
  },
  { name: 'lower-case', params: ['string'], result: 'string', call: ([text]) => text.toLowerCase() },
  { name: 'upper-case', params: ['string'], result: 'string', call: ([text], { host }) => host.built(text.toUpperCase()) },
  {
    name: 'current-dateTime',
    params: [],
    result: 'string',
    call: (_, { host }) => (host.now === undefined ? '' : new Date(host.now).toISOString()),
  },
];
