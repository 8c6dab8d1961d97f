import { z } from 'zod';
import type { Row } from '../delegate.js';
import { DelegateFailure } from './failure.js';

const shape = z.array(z.record(z.string().regex(/^[\w-]+$/), z.union([z.string(), z.number(), z.boolean()]))).max(10_000);

/** Throws DelegateFailure when it is no list of rows: `[{ "id": "a1", … }]`. */
export function readRows(value: unknown): readonly Row[] {
  const read = shape.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new DelegateFailure('failed', `it lists no rows: ${issue?.path.join('.')} ${issue?.message}`);
}
