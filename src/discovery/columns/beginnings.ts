/**
 * Prints of how strings begin, so that `starts-with` leaves most of them unread: a string is somewhere in a heap of hundreds of
 * megabytes, its print stands beside those of its neighbours.
 *
 *     bits of stringFlags    4-7 print of the first 8 bytes | 8-11 of the first 16 | 12-15 of the first 32
 *
 * A string that is shorter than that has 0 there. Four bits let one string in sixteen through that should be ruled out.
 */

/** How many bytes each print is of, and the bit at which it stands. */
const PRINTS: readonly { readonly length: number; readonly shift: number }[] = [
  { length: 8, shift: 4 },
  { length: 16, shift: 8 },
  { length: 32, shift: 12 },
];

/** Odd, with its bits well mixed (the golden ratio): each byte moves the upper bits, which are the print. */
const FACTOR = 0x9e37_79b1;

/** All prints of bytes [from, to), in place. */
export function beginnings(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0;
  let prints = 0;
  let at = from;
  for (const { length, shift } of PRINTS) {
    if (to - from < length) break;
    for (const end = from + length; at < end; at++) hash = Math.imul(hash ^ bytes[at], FACTOR);
    prints |= (hash >>> 28) << shift;
  }
  return prints;
}

/** What the flags of every string show that begins with the needle: `print`, seen through `mask`. */
export function beginningOf(needle: Uint8Array): { readonly mask: number; readonly print: number } {
  const longest = PRINTS.filter(({ length }) => length <= needle.length).at(-1);
  if (longest === undefined) return { mask: 0, print: 0 };
  const mask = 0xf << longest.shift;
  return { mask, print: beginnings(needle, 0, longest.length) & mask };
}
