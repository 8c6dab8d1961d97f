import { resourceFromJson } from '../directory/resource-json.js';
import { Problem } from '../model/index.js';
import { XML_TYPES } from './media-type.js';

export const JSON_TYPE = 'application/json';
/** What one resource may be sent as. */
export const DOCUMENT_TYPES: readonly string[] = [...XML_TYPES, JSON_TYPE];

/**
 * The document that a body is, as XML. `publish` publishes it: places in XML that nobody has sent are taken out of its refusals,
 * the paths stay.
 */
export async function withDocument<T>(
  type: string,
  bytes: Uint8Array,
  prefixes: Readonly<Record<string, string>>,
  publish: (document: Uint8Array) => Promise<T>,
): Promise<T> {
  if (type !== JSON_TYPE) return publish(bytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('encoding-refused', { detail: 'JSON is UTF-8' });
  }
  try {
    return await publish(new TextEncoder().encode(resourceFromJson(text, prefixes)));
  } catch (error) {
    throw error instanceof Problem ? withoutPlaces(error) : error;
  }
}

function withoutPlaces({ code, detail, hint, violations, retryAfter, cause }: Problem): Problem {
  return new Problem(code, {
    ...(detail === undefined ? {} : { detail: detail.replace(/^line \d+, column \d+: /, '') }),
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    violations: violations.map(({ line: _, column: __, ...violation }) => violation),
    cause,
  });
}
