import { createTwoFilesPatch } from 'diff';
import { indent } from '../xml/index.js';

/** What a write would change, as a unified diff of the indented canonical forms; '' when nothing does. */
export function differenceText(before: Uint8Array | undefined, after: string | undefined): string {
  const old = before === undefined ? '' : indent(Buffer.from(before).toString('utf8'));
  const fresh = after === undefined ? '' : indent(after);
  if (old === fresh) return '';
  return createTwoFilesPatch('present', 'proposed', old, fresh, undefined, undefined, { context: 2 });
}
