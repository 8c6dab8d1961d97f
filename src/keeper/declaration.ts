import { z } from 'zod';
import { parseNameKey } from '../model/index.js';
import type { Declaration } from './found-delegate.js';

const qname = z.string().refine((text) => parseNameKey(text) !== undefined, { error: 'must be Q{namespace}local' });

const shape = z.object({
  name: z.string().regex(/^[\w][\w.-]{0,63}$/, { error: 'must be a word of letters, digits, ".", "_" and "-"' }),
  version: z.string().max(100).optional(),
  provides: z.array(qname).min(1, { error: 'must name at least one facet' }).max(100),
  requires: z.array(qname).max(100).default([]),
  config: z.record(z.string(), z.unknown()).optional(),
  lists: z.boolean().default(false),
});

/** What a module exports, or an executable prints for `--describe`. Throws Error that says what is missing. */
export function readDeclaration(value: unknown): Declaration {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new Error(`it does not declare itself: ${path === '' ? 'it' : `"${path}"`} ${issue?.message}`);
}
