/** A regular expression of XML Schema (Part 2, appendix F) as a tree. */
export type Pattern =
  | { readonly kind: 'set'; readonly has: CharTest }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly min: number; readonly max: number };

/** Is this code point in the set? */
export type CharTest = (code: number) => boolean;

/** Reads a pattern. Undefined when it is not one, which is for the schema compiler to say. `onLiteral` is told every single character it names. */
export function parsePattern(text: string, onLiteral: (code: number) => void): Pattern | undefined {
  const chars = [...text].map((char) => char.codePointAt(0) as number);
  let at = 0;
  const next = () => (at < chars.length ? String.fromCodePoint(chars[at]) : '');
  class NotAPattern extends Error {}
  const eat = (char: string) => {
    if (next() !== char) throw new NotAPattern();
    at++;
  };

  function choice(): Pattern {
    const parts = [sequence()];
    while (next() === '|') {
      at++;
      parts.push(sequence());
    }
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }
  function sequence(): Pattern {
    const parts: Pattern[] = [];
    while (at < chars.length && next() !== '|' && next() !== ')') parts.push(piece());
    return { kind: 'sequence', parts };
  }
  function piece(): Pattern {
    const part = atom();
    switch (next()) {
      case '?':
        at++;
        return { kind: 'repeat', part, min: 0, max: 1 };
      case '*':
        at++;
        return { kind: 'repeat', part, min: 0, max: Number.POSITIVE_INFINITY };
      case '+':
        at++;
        return { kind: 'repeat', part, min: 1, max: Number.POSITIVE_INFINITY };
      case '{': {
        const end = chars.indexOf(0x7d, at);
        const inside = end < 0 ? '' : String.fromCodePoint(...chars.slice(at + 1, end));
        const match = /^(\d+)(,(\d*))?$/.exec(inside);
        if (match === null) throw new NotAPattern();
        at = end + 1;
        const min = Number(match[1]);
        return {
          kind: 'repeat',
          part,
          min,
          max: match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]),
        };
      }
      default:
        return part;
    }
  }
  function atom(): Pattern {
    const char = next();
    if (char === '(') {
      at++;
      const inner = choice();
      eat(')');
      return inner;
    }
    if (char === '[') return { kind: 'set', has: charClass() };
    if (char === '\\') return { kind: 'set', has: escaped().has };
    if (char === '' || '?*+{}|)]'.includes(char)) throw new NotAPattern();
    at++;
    if (char === '.') return { kind: 'set', has: (code) => code !== 0x0a && code !== 0x0d };
    return { kind: 'set', has: literal(chars[at - 1]) };
  }
  function literal(code: number): CharTest {
    onLiteral(code);
    return (other) => other === code;
  }
  /** `code`: the escape names one character. */
  function escaped(): { has: CharTest; code?: number } {
    eat('\\');
    const char = next();
    at++;
    if (char === 'p' || char === 'P') {
      eat('{');
      const end = chars.indexOf(0x7d, at);
      if (end < 0) throw new NotAPattern();
      const name = String.fromCodePoint(...chars.slice(at, end));
      at = end + 1;
      return { has: negate(property(name), char === 'P') };
    }
    const multi = MULTI[char.toLowerCase()];
    if (multi !== undefined && char !== '') return { has: negate(multi, char !== char.toLowerCase()) };
    const single =
      { n: 0x0a, r: 0x0d, t: 0x09 }[char] ?? ('\\|.-^?*+{}()[]'.includes(char) && char !== '' ? char.codePointAt(0) : undefined);
    if (single === undefined) throw new NotAPattern();
    return { has: literal(single), code: single };
  }
  function charClass(): CharTest {
    eat('[');
    const negative = next() === '^';
    if (negative) at++;
    const tests: CharTest[] = [];
    let without: CharTest = () => false;
    while (next() !== ']') {
      if (at >= chars.length) throw new NotAPattern();
      if (next() === '-' && chars[at + 1] === 0x5b && tests.length > 0) {
        at++;
        without = charClass();
        break;
      }
      const from = single();
      const isRange = from.code !== undefined && next() === '-' && chars[at + 1] !== 0x5d && chars[at + 1] !== 0x5b;
      if (!isRange) tests.push(from.has);
      else {
        at++;
        const to = single().code;
        const low = from.code as number;
        if (to === undefined) throw new NotAPattern();
        tests.push((code) => code >= low && code <= to);
      }
    }
    eat(']');
    const any = negate((code) => tests.some((test) => test(code)), negative);
    return (code) => any(code) && !without(code);
  }
  function single(): { has: CharTest; code?: number } {
    if (next() === '\\') return escaped();
    const code = chars[at++];
    return { has: literal(code), code };
  }

  try {
    const pattern = choice();
    return at === chars.length ? pattern : undefined;
  } catch (error) {
    if (error instanceof NotAPattern) return undefined;
    throw error;
  }
}

const test =
  (expression: RegExp): CharTest =>
  (code) =>
    expression.test(String.fromCodePoint(code));

const MULTI: Readonly<Record<string, CharTest>> = {
  s: test(/^[ \t\n\r]$/),
  i: test(/^[\p{L}_:]$/u),
  c: test(/^[\p{L}\p{N}\p{M}._:\-\u00b7]$/u),
  d: test(/^\p{Nd}$/u),
  w: test(/^[^\p{P}\p{Z}\p{C}]$/u),
};

/** A general category; a block (`IsGreek`) or an unknown name counts as everything, which errs towards overlap. */
function property(name: string): CharTest {
  try {
    return name.startsWith('Is') ? () => true : test(new RegExp(`^\\p{${name}}$`, 'u'));
  } catch {
    return () => true;
  }
}

function negate(has: CharTest, negative: boolean): CharTest {
  return negative ? (code) => !has(code) : has;
}
