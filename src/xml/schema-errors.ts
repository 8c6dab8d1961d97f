import { RESOURCE_NS } from '../model/index.js';

/**
 * libxml2's words for what is wrong with an element → ours, with a hint where it says what it expected.
 *
 *     Element '{urn:f}cpu': 'abc' is not a valid value of the atomic type 'xs:int'.
 *     → f:cpu: "abc" is not a valid xs:int
 */
export function friendly(
  message: string,
  prefixOf: (ns: string) => string | undefined,
): { readonly message: string; readonly hint?: string } {
  const parts = /^Element '([^']*)'((?:, attribute '[^']*')?): ([\s\S]*)$/.exec(message);
  if (parts === null) return { message };
  const element = `${named(parts[1], prefixOf)}${parts[2].replaceAll("'", '')}`;
  const said = parts[3].replace(/^\[facet '[^']*'\] /, '').replace(/\.$/, '');

  const expected = /^This element is not expected\.?(?: Expected is (?:one of )?\( ([\s\S]*) \))?/.exec(said);
  if (expected) return { message: `${element} is not expected here`, ...hintOf(expected[1], prefixOf) };
  const missing = /^Missing child element\(s\)\.?(?: Expected is (?:one of )?\( ([\s\S]*) \))?/.exec(said);
  if (missing) return { message: `${element} is incomplete`, ...hintOf(missing[1], prefixOf) };
  const typed = /^'([\s\S]*)' is not a valid value of the (?:atomic|list|union) type '([^']*)'/.exec(said);
  if (typed) return { message: `${element}: ${quoted(typed[1])} is not a valid ${named(typed[2], prefixOf)}` };
  const local = /^'([\s\S]*)' is not a valid value of the local (?:atomic|list|union) type/.exec(said);
  if (local) return { message: `${element}: ${quoted(local[1])} is not a valid value` };
  const pattern = /^The value '([\s\S]*)' is not accepted by the pattern '([\s\S]*)'$/.exec(said);
  if (pattern)
    return { message: `${element}: ${quoted(pattern[1])} does not have the form that is asked for`, hint: `the pattern is ${pattern[2]}` };
  const enumeration = /^The value '([\s\S]*)' is not an element of the set \{([\s\S]*)\}$/.exec(said);
  if (enumeration) {
    return {
      message: `${element}: ${quoted(enumeration[1])} is not one of the accepted values`,
      hint: `use one of ${enumeration[2].replaceAll("'", '').trim()}`,
    };
  }
  const empty = /^The value '' has a length of '0'; this underruns/.exec(said);
  if (empty) return { message: `${element} is empty` };
  return { message: `${element}: ${said.charAt(0).toLowerCase()}${said.slice(1)}` };
}

/** `{urn:f}cpu` → `f:cpu`, where the namespace has a prefix that everybody knows. */
function named(name: string, prefixOf: (ns: string) => string | undefined): string {
  const [, ns, local] = /^\{([^{}]*)\}(.*)$/.exec(name) ?? [];
  if (ns === undefined) return name;
  const prefix = ns === RESOURCE_NS ? '' : prefixOf(ns);
  return prefix === undefined ? `Q{${ns}}${local}` : prefix === '' ? local : `${prefix}:${local}`;
}

/** A value that breaks a restriction is reported twice: which restriction, and that it is no value of the type. The first says more. */
export function isEcho(message: string): boolean {
  return /is not a valid value of the (?:local )?(?:atomic|list|union) type/.test(message);
}

function hintOf(list: string | undefined, prefixOf: (ns: string) => string | undefined): { hint?: string } {
  if (list === undefined) return { hint: 'nothing more can follow' };
  const names = list.split(', ').map((name) => (name.startsWith('##') ? 'an element of another namespace' : named(name, prefixOf)));
  return { hint: `expected: ${names.join(' or ')}` };
}

function quoted(value: string): string {
  return `"${value.length > 80 ? `${value.slice(0, 80)}…` : value}"`;
}
