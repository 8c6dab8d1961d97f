/** Strings (§4.2), counted in characters (code points), and the XPath 3.1 functions beside them that need no regular expression. */
import type { FunctionDefinition, Host } from './definition.js';

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
  const [first, end] = [Math.max(0, from - 1), Math.max(0, to - 1)];
  if (!SURROGATE.test(text)) return text.slice(first, end);
  const begin = unitOf(text, 0, first);
  return text.slice(begin, end === Number.POSITIVE_INFINITY ? undefined : unitOf(text, begin, end - first));
}

/** Where the character that stands `characters` behind code unit `from` begins; the end of the text if there are fewer. */
function unitOf(text: string, from: number, characters: number): number {
  let at = from;
  for (let left = characters; left > 0 && at < text.length; left--) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return at;
}

/** Characters of `from` become those at the same place of `to`, or nothing; the first of doubles counts. */
export function translate(text: string, from: string, to: string, spend: (units: number) => void): string {
  const targets = [...to];
  const map = new Map<string, string>();
  let i = 0;
  for (const char of from) {
    if (!map.has(char)) map.set(char, targets[i] ?? '');
    i++;
  }
  let result = '';
  let done = 0;
  for (const char of text) {
    result += map.get(char) ?? char;
    if ((++done & 1023) === 0) spend(1024);
  }
  return result;
}

export function normalizeSpace(text: string): string {
  return text.replace(/[ \t\r\n]+/g, ' ').replace(/^ | $/g, '');
}

const SPACE = /[^ \t\r\n]+/g;

/** What stands between white space, in turn. */
export function* words(text: string, host: Host): Generator<string, void, undefined> {
  for (const [word] of text.matchAll(SPACE)) {
    host.spend(2 + (word.length >>> 4));
    yield word;
  }
}

/** ms a character of what the JavaScript engine does to a whole text at once. */
const WHOLE = 2e-5;

function foreseen(text: string, host: Host): string {
  host.foresee(text.length * WHOLE);
  return text;
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
  {
    name: 'normalize-space',
    params: ['string?'],
    result: 'string',
    ofContext: true,
    call: ([text], { host }) => normalizeSpace(foreseen(text, host)),
  },
  {
    name: 'translate',
    params: ['string', 'string', 'string'],
    result: 'string',
    call: ([text, from, to], { host }) => {
      host.spend(from.length >>> 2);
      return host.built(translate(text, from, to, host.spend));
    },
  },
  { name: 'lower-case', params: ['string'], result: 'string', call: ([text], { host }) => foreseen(text, host).toLowerCase() },
  { name: 'upper-case', params: ['string'], result: 'string', call: ([text], { host }) => host.built(foreseen(text, host).toUpperCase()) },
  {
    name: 'current-dateTime',
    params: [],
    result: 'string',
    call: (_, { host }) => (host.now === undefined ? '' : new Date(host.now).toISOString()),
  },
];
