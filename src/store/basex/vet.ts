/**
 * May this XQuery be run for somebody who sees a part of the documents? It gets them as `$resources`, and runs as a BaseX user who
 * may only read the database; but that user could read all of it, BaseX hands the server's environment and files (`fetch:text`,
 * entities of `parse-xml`) to anybody, and Java is a prefix away. So the text itself is looked at.
 *
 * No lexical analysis that an odd string or element could lead astray: names cannot be written in other ways, so what is looked
 * for is looked for everywhere, in strings and comments too. Functions are those without a prefix or with one of `PREFIXES`,
 * which mean here what they always mean, but for the few that reach outside.
 */
import { Problem, type Violation } from '../../model/index.js';

/** Their functions reach nothing but their arguments; `local` are the query's own. */
export const PREFIXES = new Set(['fn', 'xs', 'math', 'map', 'array', 'local']);

/**
 * Functions of XPath that reach outside: other documents, files, the environment, other modules, or functions by name; and those
 * that tell where a document stands, which depends on documents that the caller does not see.
 */
const REFUSED = new Set([
  'available-environment-variables',
  'base-uri',
  'collection',
  'doc',
  'doc-available',
  'document-uri',
  'environment-variable',
  'function-lookup',
  'generate-id',
  'invisible-xml',
  'json-doc',
  'load-xquery-module',
  'parse-html',
  'parse-xml',
  'parse-xml-fragment',
  'put',
  'trace',
  'transform',
  'unparsed-binary',
  'unparsed-text',
  'unparsed-text-available',
  'unparsed-text-lines',
  'uri-collection',
]);

const NAME = String.raw`[\p{L}_][\p{L}\p{N}\p{M}_.·-]*`;
/** Never looked back in, so that a long text is read once. */
const NAMES = new RegExp(`(${NAME})(?::(${NAME}))?`, 'gu');
/** Behind a name: a call (or a comment before one), or a function as a value. */
const CALLED = /\s*[(#]/y;
/** More would not be read. */
const VIOLATIONS = 20;

/** What else would change what names mean, or reach outside. */
const CONSTRUCTS: readonly (readonly [RegExp, string])[] = [
  [/Q\{[^{}]*\}[^\s(){}[\],;]+\s*[(#]/u, 'functions are called by a prefix, not by Q{…}'],
  [/\bimport\s*(?:module|schema|\(:)/u, 'nothing can be imported'],
  [/\bdeclare\s*(?:option\b|\(:)/u, 'options cannot be declared, and no comment stands behind "declare"'],
  [/\bdefault\s*(?:function\b|\(:)/u, 'the default namespace of functions stays what it is, and no comment stands behind "default"'],
  [/\(#/u, 'pragmas are refused'],
  // XQuery and XPath Full Text §3.4.7 and §3.4.4: both read a file, and what matches tells what is in it.
  [/\bstop\s*(?:words\b|\(:)/u, 'no words are stopped by a list: it may be a file'],
  [/\bthesaurus\s*(?:at\b|default\b|\()/u, 'a thesaurus is a file'],
  [/\bxmlns\s*:\s*(?:fn|xs|math|map|array|local)(?![\w.-])/u, 'the prefixes of functions cannot be bound to something else'],
  [
    /\bnamespace\s*(?:(?:fn|xs|math|map|array|local)(?![\w.-])|\(:)/u,
    'the prefixes of functions cannot be bound to something else, and no comment stands behind "namespace"',
  ],
];

/** What may begin a query, and has to stand before the variable that the driver declares. */
const SETTERS =
  /^(?:\s+|xquery\s+version\s+(?:"3\.[01]"|'3\.[01]')\s*;|declare\s+(?:namespace\s+[\p{L}_][\p{L}\p{N}_.-]*\s*=|default\s+element\s+namespace)\s*(?:"[^"&]*"|'[^'&]*')\s*;|declare\s+boundary-space\s+(?:preserve|strip)\s*;)/u;

export interface Vetted {
  /** the declarations that come first, on one line */
  readonly first: string;
  /** the prefixes that they bind */
  readonly prefixes: readonly string[];
  /** the rest; each character on its line and in its column */
  readonly rest: string;
}

/** Throws Problem `invalid-xquery`, with every place. */
export function vet(xquery: string): Vetted {
  const violations: Violation[] = [];
  const refuse = (message: string, at: number) => violations.push({ rule: 'xquery-refused', message, ...placeIn(xquery, at) });
  for (const found of xquery.matchAll(NAMES)) {
    const [whole, first, second] = found as unknown as [string, string, string | undefined];
    const why = refusal(first, second);
    if (why === undefined) continue;
    CALLED.lastIndex = found.index + whole.length;
    if (CALLED.test(xquery) && refuse(why, found.index) === VIOLATIONS) break;
  }
  for (const [pattern, message] of CONSTRUCTS) {
    const found = pattern.exec(xquery);
    if (found !== null) refuse(message, found.index);
  }
  if (violations.length > 0) {
    throw new Problem('invalid-xquery', {
      detail: violations[0]?.message,
      hint: 'A report works on $resources with the functions of XPath 3.1 (no prefix, fn:, math:, map:, array:) and its own (local:).',
      violations,
    });
  }
  let end = 0;
  for (;;) {
    const found = SETTERS.exec(xquery.slice(end));
    if (found === null) break;
    end += found[0].length;
  }
  const head = xquery.slice(0, end);
  const declared = [...head.matchAll(/declare\s+namespace\s+([^\s=]+)/gu)].map(([, prefix]) => prefix as string);
  return { first: head.replace(/\s+/g, ' '), prefixes: declared, rest: head.replace(/[^\n]/g, ' ') + xquery.slice(end) };
}

function refusal(first: string, second: string | undefined): string | undefined {
  const local = second ?? first;
  if (second !== undefined && !PREFIXES.has(first)) return `${first}:${second}() is not at hand here`;
  if ((second === undefined || first === 'fn') && REFUSED.has(local)) return `${local}() reaches outside of the resources`;
  return undefined;
}

function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: [...before.slice(start)].length + 1 };
}
