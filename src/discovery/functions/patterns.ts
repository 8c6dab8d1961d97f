/** matches, replace, tokenize (XPath and XQuery Functions 3.1 §5.6). The engine behind `Host.pattern` takes linear time. */
import { Problem } from '../../model/index.js';
import type { FunctionDefinition, Host, Pattern } from './definition.js';
import { words } from './strings.js';

function refuse(message: string, hint: string): never {
  throw new Problem('invalid-xpath', { detail: message, hint, violations: [{ rule: 'xpath-pattern', message, hint }] });
}

/** replace() and tokenize() would find an empty match between any two characters (FORX0003). */
function refuseEmptyMatch(pattern: Pattern, source: string, name: string): void {
  if (pattern.test('')) refuse(`the pattern of ${name}() matches the empty string: "${source}"`, 'use + instead of *');
}

type Piece = string | number;

/** `$1-\$` → [1, '-$']: a group number takes as many digits as there are groups (3.1 §5.6.3). */
function replacement(text: string, groups: number): Piece[] {
  const pieces: Piece[] = [];
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') {
      const next = text[++i];
      if (next !== '\\' && next !== '$')
        refuse(`"\\" stands before neither "\\" nor "$" in the replacement "${text}"`, 'write \\\\ for a backslash');
      pieces.push(next);
    } else if (char === '$') {
      let digits =
        /^[0-9]/.exec(text.slice(i + 1))?.[0] ??
        refuse(`"$" is not followed by a group number in the replacement "${text}"`, 'write \\$ for a dollar sign');
      i++;
      for (let next = text[i + 1]; next >= '0' && next <= '9' && Number(digits + next) <= groups; next = text[i + 1]) {
        digits += next;
        i++;
      }
      pieces.push(Number(digits));
    } else pieces.push(char);
  }
  return pieces;
}

/** ms a character, generously: for the question whether there is a match, and, times the pattern's size, for finding its groups. */
const TEST = 1e-4;
const SEARCH = 2e-5;

/** Every match; before each search, what it may cost at worst is held against the time left. */
function* matches(
  text: string,
  pattern: Pattern,
  host: Host,
): Generator<ReturnType<Pattern['matches']> extends Iterable<infer M> ? M : never, void, undefined> {
  const perCharacter = SEARCH * pattern.size;
  let from = 0;
  host.foresee(text.length * perCharacter);
  for (const match of pattern.matches(text)) {
    host.spend(8 + ((match.end - from) >>> 2));
    from = match.end;
    yield match;
    host.foresee((text.length - from) * perCharacter);
  }
}

function replaceAll(text: string, source: string, by: string, flags: string, host: Host): string {
  const pattern = host.pattern(source, flags);
  refuseEmptyMatch(pattern, source, 'replace');
  const literal = flags.includes('q');
  let result = '';
  let from = 0;
  let pieces: Piece[] | undefined;
  for (const { start, end, groups } of matches(text, pattern, host)) {
    pieces ??= literal ? [by] : replacement(by, groups.length);
    result += text.slice(from, start);
    for (const piece of pieces)
      result += typeof piece === 'string' ? piece : piece === 0 ? text.slice(start, end) : (groups[piece - 1] ?? '');
    from = end;
    if (result.length > 1 << 16) host.built(result);
  }
  return host.built(result + text.slice(from));
}

/** Between the matches; without a pattern, the words. An empty string has no tokens. */
function split(text: string, source: string | undefined, flags: string, host: Host): string[] {
  if (source === undefined) return [...words(text, host)];
  const pattern = host.pattern(source, flags);
  refuseEmptyMatch(pattern, source, 'tokenize');
  if (text === '') return [];
  const tokens: string[] = [];
  let from = 0;
  for (const { start, end } of matches(text, pattern, host)) {
    tokens.push(text.slice(from, start));
    from = end;
  }
  tokens.push(text.slice(from));
  return tokens;
}

export const PATTERNS: readonly FunctionDefinition[] = [
  {
    name: 'matches',
    params: ['string', 'string', 'string?'],
    result: 'boolean',
    call: ([text, pattern, flags], { host }) => {
      host.spend(4 + (text.length >>> 3));
      host.foresee(text.length * TEST);
      return host.pattern(pattern, flags ?? '').test(text);
    },
  },
  {
    name: 'replace',
    params: ['string', 'string', 'string', 'string?'],
    result: 'string',
    call: ([text, pattern, by, flags], { host }) => replaceAll(text, pattern, by, flags ?? '', host),
  },
  {
    // Sequences of strings do not exist in 1.0: the tokens come as text nodes without a parent, so that count(), string-join(),
    // [2], =, exists() and whatever else takes a node-set take them.
    name: 'tokenize',
    params: ['string', 'string?', 'string?'],
    result: 'nodeset',
    call: ([text, pattern, flags], { host }) => host.textNodes(split(text, pattern, flags ?? '', host)),
  },
];
