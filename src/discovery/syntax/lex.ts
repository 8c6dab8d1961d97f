import { isNcName, XMLNS_NS } from '../../model/index.js';
import { invalidXPath, printable } from './invalid.js';

/**
 * The tokens of XPath 1.0 (§3.7). Whether `*` multiplies and whether `div` divides is decided here, so that the
 * parser never looks back. A name test, a variable reference and a number are one token each: no white space inside.
 */
export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly at: number; readonly end: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number; readonly end: number }
  /** `local`, `prefix:local`, `Q{ns}local`; local is `*` for a wildcard */
  | {
      readonly kind: 'name';
      readonly prefix?: string;
      readonly ns?: string;
      readonly local: string;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'variable'; readonly prefix?: string; readonly local: string; readonly at: number; readonly end: number }
  /** a name before `(` that is no node type */
  | { readonly kind: 'function'; readonly prefix?: string; readonly local: string; readonly at: number; readonly end: number }
  | { readonly kind: 'node-type'; readonly local: string; readonly at: number; readonly end: number }
  /** a name before `::` */
  | { readonly kind: 'axis'; readonly local: string; readonly at: number; readonly end: number }
  | { readonly kind: 'operator'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: 'punctuation'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: 'end'; readonly at: number; readonly end: number };

const NODE_TYPES: ReadonlySet<string> = new Set(['comment', 'text', 'processing-instruction', 'node']);
const OPERATOR_NAMES: ReadonlySet<string> = new Set(['and', 'or', 'mod', 'div']);

const SPACE = /[ \t\r\n]*/y;
/** The exponent is XPath 2.0's (no expression of 1.0 can go on with a name after a number, so nothing changes its meaning). */
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const SYMBOL = /\/\/|::|\.\.|!=|<=|>=|[()[\].@,/|+\-=<>*]/y;
/** Everything outside ASCII can only be part of a name here, so a run of these is a name or an error. */
const NAME_RUN = /[A-Za-z_\u{80}-\u{10FFFF}][-.0-9A-Za-z_\u{80}-\u{10FFFF}]*/uy;
/** Not a Char of XML 1.0 (§2.2): control characters, lone surrogates, U+FFFE, U+FFFF. */
const FORBIDDEN = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const PUNCTUATION: ReadonlySet<string> = new Set(['(', ')', '[', ']', '.', '..', '@', ',', '::']);
/** After these (and at the start) an operand must follow: `*` and names are name tests. */
const OPENS: ReadonlySet<string> = new Set(['(', '[', '@', ',', '::']);

/** What people write from other languages, and how XPath 1.0 says it. */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  eq: '=',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
  union: '|',
  idiv: 'floor(a div b)',
  AND: 'and',
  OR: 'or',
  '&': 'and',
  '!': 'not(…)',
  '%': 'mod',
};

/** Returns a function that yields the next token at each call, and `end` for ever after the last. */
export function lexer(text: string): () => Token {
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden) {
    const code = (text.codePointAt(forbidden.index) as number).toString(16).toUpperCase().padStart(4, '0');
    throw invalidXPath(text, forbidden.index, {
      rule: 'xpath-character',
      message: `the character U+${code} is not allowed in an expression`,
      hint: 'pass such text as a $variable, if it is meant',
    });
  }
  let offset = 0;
  let operandExpected = true;

  return () => {
    offset = endOf(SPACE, offset);
    const token = operandExpected ? operandToken() : operatorToken();
    offset = token.end;
    operandExpected = token.kind === 'operator' || (token.kind === 'punctuation' && OPENS.has(token.text));
    return token;
  };

  function endOf(pattern: RegExp, at: number): number {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : at;
  }

  function operandToken(): Token {
    const at = offset;
    const char = text[at];
    if (char === '$') {
      const { prefix, local, end } = qname(at + 1);
      return { kind: 'variable', prefix, local, at, end };
    }
    if (char === '*') return { kind: 'name', local: '*', at, end: at + 1 };
    if (text.startsWith('Q{', at)) return bracedName(at);
    if (endOf(NAME_RUN, at) > at) return namedToken(at);
    return commonToken(at);
  }

  function operatorToken(): Token {
    const at = offset;
    const end = endOf(NAME_RUN, at);
    if (end > at) {
      const name = text.slice(at, end);
      if (OPERATOR_NAMES.has(name)) return { kind: 'operator', text: name, at, end };
      throw unexpected(at, end, 'where an operator or the end of the expression is expected');
    }
    return commonToken(at);
  }

  /** Tokens that mean the same wherever they stand. */
  function commonToken(at: number): Token {
    if (at === text.length) return { kind: 'end', at, end: at };
    const char = text[at];
    if (char === '"' || char === "'") {
      const close = text.indexOf(char, at + 1);
      if (close < 0) {
        throw invalidXPath(text, at, { rule: 'xpath-syntax', message: `the string that starts here has no closing ${char}` });
      }
      return { kind: 'string', value: text.slice(at + 1, close), at, end: close + 1 };
    }
    const digits = endOf(NUMBER, at);
    if (digits > at) return { kind: 'number', value: Number(text.slice(at, digits)), at, end: digits };
    const end = endOf(SYMBOL, at);
    if (end === at) throw unexpected(at, at + 1, ', which has no meaning here');
    const symbol = text.slice(at, end);
    return { kind: PUNCTUATION.has(symbol) ? 'punctuation' : 'operator', text: symbol, at, end };
  }

  /** A name where an operand is expected: axis, node type, function or name test, told apart by what follows it. */
  function namedToken(at: number): Token {
    const { prefix, local, end } = qname(at, true);
    const after = endOf(SPACE, end);
    if (text[after] === '(' && local !== '*') {
      if (prefix === undefined && NODE_TYPES.has(local)) return { kind: 'node-type', local, at, end };
      return { kind: 'function', prefix, local, at, end };
    }
    if (prefix === undefined && text.startsWith('::', after)) return { kind: 'axis', local, at, end };
    return { kind: 'name', prefix, local, at, end };
  }

  function bracedName(at: number): Token {
    const close = text.indexOf('}', at);
    if (close < 0) throw invalidXPath(text, at, { rule: 'xpath-syntax', message: 'the Q{namespace} that starts here has no closing }' });
    const inner = text.indexOf('{', at + 2);
    if (inner >= 0 && inner < close) throw unexpected(inner, inner + 1, 'where a namespace is expected');
    // White space in the namespace is normalised, as XPath 3.1 §A.2.1 has it for BracedURILiteral.
    const ns = text
      .slice(at + 2, close)
      .replace(/[ \t\r\n]+/g, ' ')
      .replace(/^ | $/g, '');
    if (ns === XMLNS_NS) {
      throw invalidXPath(text, at, {
        rule: 'xpath-syntax',
        message: `no name is in the namespace ${XMLNS_NS}`,
        hint: 'declarations are no attributes: see the namespace axis',
      });
    }
    if (text[close + 1] === '*') return { kind: 'name', ns, local: '*', at, end: close + 2 };
    const { local, end } = ncname(close + 1);
    if (text[endOf(SPACE, end)] === '(') {
      throw invalidXPath(text, at, {
        rule: 'xpath-syntax',
        message: 'a function is called by its plain or prefixed name, not by Q{namespace}name',
      });
    }
    return { kind: 'name', ns, local, at, end };
  }

  /** NCName or NCName:NCName, and NCName:* where a name test may stand. `a::b` stops before the axis separator. */
  function qname(at: number, wildcard = false): { prefix?: string; local: string; end: number } {
    const first = ncname(at);
    if (text[first.end] !== ':' || text[first.end + 1] === ':') return first;
    if (wildcard && text[first.end + 1] === '*') return { prefix: first.local, local: '*', end: first.end + 2 };
    return { prefix: first.local, ...ncname(first.end + 1) };
  }

  function ncname(at: number): { local: string; end: number } {
    const end = endOf(NAME_RUN, at);
    const local = text.slice(at, end);
    if (end === at) throw unexpected(at, at + 1, 'where a name is expected');
    if (!isNcName(local))
      throw invalidXPath(text, at, { rule: 'xpath-character', message: `"${printable(local.slice(0, 64))}" is not a name` });
    return { local, end };
  }

  function unexpected(at: number, end: number, why: string) {
    const found =
      at >= text.length
        ? ''
        : text.slice(at, Math.max(Math.min(end, at + 64), at + String.fromCodePoint(text.codePointAt(at) as number).length));
    const other = OTHER_SPELLINGS[found];
    return invalidXPath(text, at, {
      rule: 'xpath-syntax',
      message: `found ${found ? `"${found}"` : 'the end of the expression'}${why.startsWith(',') ? '' : ' '}${why}`,
      hint: other === undefined ? undefined : `XPath 1.0 writes ${other}`,
    });
  }
}
