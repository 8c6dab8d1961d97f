/**
 * Regular expressions of XPath and XQuery Functions 3.1 §5.6.1 on RE2JS, an engine whose time is linear in the text whatever
 * the pattern: strangers' patterns run here. The two languages differ, so patterns are read and written anew; what XPath
 * has not is refused, and so are the two things it has that RE2 has not: back-references and class subtraction.
 */
import { RE2JS } from 're2js';
import { Problem } from '../../model/index.js';
import type { Pattern } from './definition.js';

const NAME_START =
  ':A-Z_a-z\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{2FF}\\x{370}-\\x{37D}\\x{37F}-\\x{1FFF}\\x{200C}-\\x{200D}\\x{2070}-\\x{218F}\\x{2C00}-\\x{2FEF}\\x{3001}-\\x{D7FF}\\x{F900}-\\x{FDCF}\\x{FDF0}-\\x{FFFD}\\x{10000}-\\x{EFFFF}';
const NAME_CHAR = `${NAME_START}\\-.0-9\\x{B7}\\x{300}-\\x{36F}\\x{203F}-\\x{2040}`;

/** Class escapes as RE2 class contents; [positive, or the complement's contents]. `\W` is a union, so that it fits inside a class. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  s: ' \\t\\n\\r',
  W: '\\p{P}\\p{Z}\\p{C}',
  i: NAME_START,
  c: NAME_CHAR,
};
/** Escapes that are complements: [^…] outside a class, refused inside one where a union with a complement cannot be written. */
const COMPLEMENTS: Readonly<Record<string, string>> = { S: ' \\t\\n\\r', w: '\\p{P}\\p{Z}\\p{C}', I: NAME_START, C: NAME_CHAR };
/** The complements again as ranges or categories for use inside a class, where that is possible. */
const COMPLEMENTS_IN_CLASS: Readonly<Record<string, string>> = {
  S: '\\x{0}-\\x{8}\\x{B}-\\x{C}\\x{E}-\\x{1F}\\x{21}-\\x{10FFFF}',
  w: '\\p{L}\\p{M}\\p{N}\\p{S}',
};
const SINGLE = new Set([...'nrt\\|.-^?*+{}()[]$']);

export class PatternError extends Error {}

export function compilePattern(source: string, flags: string): Pattern {
  try {
    return over(RE2JS.compile(translatePattern(source, flags), flagBits(flags)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `"${source.slice(0, 200)}" is not a regular expression: ${reason}`;
    throw new Problem('invalid-xpath', { detail: message, violations: [{ rule: 'xpath-pattern', message }] });
  }
}

function flagBits(flags: string): number {
  let bits = 0;
  for (const flag of flags) {
    if (flag === 's') bits |= RE2JS.DOTALL;
    else if (flag === 'm') bits |= RE2JS.MULTILINE;
    else if (flag === 'i') bits |= RE2JS.CASE_INSENSITIVE;
    else if (flag !== 'x' && flag !== 'q') throw new PatternError(`there is no flag "${flag}" (s, m, i, x and q exist)`);
  }
  return bits;
}

function over(compiled: RE2JS): Pattern {
  return {
    size: compiled.programSize(),
    test: (text) => compiled.test(text),
    *matches(text) {
      const matcher = compiled.matcher(text);
      const groups = matcher.groupCount();
      while (matcher.find()) {
        yield {
          start: matcher.start(),
          end: matcher.end(),
          groups: Array.from({ length: groups }, (_, i) => matcher.group(i + 1) ?? undefined),
        };
      }
    },
  };
}

/** The pattern in RE2's syntax. */
export function translatePattern(source: string, flags: string): string {
  if (flags.includes('q')) return RE2JS.quote(source);
  const dotAll = flags.includes('s');
  const chars = flags.includes('x') ? withoutSpace(source) : [...source];
  let out = '';
  let i = 0;
  while (i < chars.length) {
    const char = chars[i];
    if (char === '\\') {
      const [text, next] = readEscape(chars, i, false);
      out += text;
      i = next;
    } else if (char === '[') {
      const [text, next] = characterClass(chars, i);
      out += text;
      i = next;
    } else if (char === '(') {
      if (chars[i + 1] === '?' && chars[i + 2] !== ':') throw new PatternError('after "(?" only ":" may stand');
      out += char;
      i++;
    } else if (char === '.') {
      out += dotAll ? '.' : '[^\\n\\r]';
      i++;
    } else if (char === ']' || char === '}') throw new PatternError(`"${char}" stands alone: write "\\${char}"`);
    else if (char === '{') {
      const quantifier = /^\{[0-9]+(?:,[0-9]*)?\}/.exec(chars.slice(i, i + 24).join(''));
      if (quantifier === null) throw new PatternError('"{" begins no quantity: write "\\{" or {2}, {2,}, {2,5}');
      out += quantifier[0];
      i += quantifier[0].length;
    } else {
      out += char;
      i++;
    }
  }
  return out;
}

/** Flag x: white space goes before anything is read, even out of `\ s`; within a class it stays. */
function withoutSpace(source: string): string[] {
  const kept: string[] = [];
  let inClass = false;
  for (const char of source) {
    if (!inClass && /[ \t\r\n]/.test(char)) continue;
    const escaped = kept.at(-1) === '\\' && kept.at(-2) !== '\\';
    if (char === '[' && !escaped) inClass = true;
    else if (char === ']' && !escaped) inClass = false;
    kept.push(char);
  }
  return kept;
}

/** Reads the escape at `at`; gives its RE2 text and where it ends. */
function readEscape(chars: readonly string[], at: number, inClass: boolean): [string, number] {
  const char = chars[at + 1];
  if (char === undefined) throw new PatternError('the pattern ends with "\\"');
  if (SINGLE.has(char)) return [`\\${char}`, at + 2];
  if (char === 'p' || char === 'P') {
    const end = chars.indexOf('}', at);
    const name = chars[at + 2] === '{' && end > 0 ? chars.slice(at + 3, end).join('') : '';
    if (!/^[LMNPZSC][a-z]?$/.test(name))
      throw new PatternError(`"\\${char}{${name}}" is no category (L, Lu, Nd, …); blocks (Is…) are not supported`);
    return [`\\${char}{${name}}`, end + 1];
  }
  if (char in CLASSES) return [inClass || char === 'd' || char === 'D' ? CLASSES[char] : `[${CLASSES[char]}]`, at + 2];
  if (char in COMPLEMENTS) {
    if (!inClass) return [`[^${COMPLEMENTS[char]}]`, at + 2];
    if (char in COMPLEMENTS_IN_CLASS) return [COMPLEMENTS_IN_CLASS[char], at + 2];
    throw new PatternError(`"\\${char}" cannot stand inside [ ] here`);
  }
  if (/[1-9]/.test(char)) throw new PatternError('back-references cannot be matched in linear time and are not supported');
  throw new PatternError(`"\\${char}" is no escape`);
}

function characterClass(chars: readonly string[], at: number): [string, number] {
  let i = at + 1;
  let out = '[';
  if (chars[i] === '^') {
    out += '^';
    i++;
  }
  const first = i;
  for (; chars[i] !== ']'; ) {
    const char = chars[i];
    if (char === undefined) throw new PatternError('"[" is not closed');
    if (char === '[')
      throw new PatternError(chars[i - 1] === '-' ? 'class subtraction ("-[") is not supported' : '"[" inside a class: write "\\["');
    if (char === '\\') {
      const [text, next] = readEscape(chars, i, true);
      out += text;
      i = next;
    } else {
      out += char === '^' || char === '&' || char === '~' ? `\\${char}` : char;
      i++;
    }
  }
  if (i === first) throw new PatternError('a class is empty');
  return [`${out}]`, i + 1];
}
