/**
 * XPath number() of a string (§4.4): white space, an optional minus, digits with at most one point, white space; anything
 * else, an exponent or a plus included, is NaN. Rounded to the nearest double.
 */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let from = start;
  let to = end;
  while (from < to && isSpace(bytes[from])) from++;
  while (to > from && isSpace(bytes[to - 1])) to--;
  const negative = from < to && bytes[from] === 0x2d;
  if (negative) from++;
  let mantissa = 0;
  let digits = 0;
  let decimals = 0;
  let point = false;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 0x30;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
      if (point) decimals++;
    } else if (bytes[i] === 0x2e && !point) point = true;
    else return Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  // Both operands are exact, so the one division rounds correctly; otherwise the engine's own conversion does.
  const value = digits <= 15 && decimals <= 22 ? mantissa / POWERS[decimals] : Number(ascii(bytes, from, to));
  return negative ? -value : value;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d;
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.slice(from, to)).toString('latin1');
}
