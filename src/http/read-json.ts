import type { z } from 'zod';
import { Problem } from '../model/index.js';
import { mediaTypeOf } from './media-type.js';
import { readBody } from './read-body.js';
import type { Exchange } from './route.js';
import { rules } from './routes/writing.js';

/** The body, as JSON of that shape. */
export async function readJson<T extends z.ZodType>({ request, response, context }: Exchange, shape: T): Promise<z.output<T>> {
  mediaTypeOf(request.headers['content-type'], ['application/json']);
  const body = await readBody(request, response, rules(context));
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // what the parser says quotes the body, and there may be a password in it
    throw new Problem('bad-request', { detail: 'the body is not JSON' });
  }
  return shape.parse(value);
}
