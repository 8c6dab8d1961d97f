import { hash } from 'node:crypto';

/**
 * The strong entity tag of a representation (RFC 9110 §8.8.3): the SHA-256 of its bytes and of nothing else,
 * so that it tells nothing about what the caller cannot see.
 */
export function etagOf(representation: Uint8Array | string): string {
  return `"${hash('sha256', representation, 'base64url')}"`;
}

/** Strong comparison of `If-Match` (RFC 9110 §13.1.1); weak tags never match, `*` matches whatever exists. */
export function matches(tags: readonly string[], current: string | undefined): boolean {
  return current !== undefined && tags.some((tag) => tag === '*' || tag === current);
}
