import type { XmlDocument, XsdValidator } from 'libxml2-wasm';
import * as libxml2 from 'libxml2-wasm/lib/libxml2.mjs';

/**
 * `XsdValidator.validate` without its cost for documents that are wrong in thousands of places: the library asks libxml2 for the
 * path of every faulty element, which takes time in proportion to the siblings before it, 2 s for 20 000 faults. We count
 * them and keep the first ones.
 */
export interface XsdFindings {
  /** how many faults there are */
  readonly count: number;
  readonly first: readonly { readonly message: string; readonly line: number }[];
}

/** What the library uses itself, and does not describe as public. */
interface Internals {
  addFunction(callback: (data: number, error: number) => void, signature: string): number;
  readonly XmlErrorStruct: { message(error: number): string; line(error: number): number; level(error: number): number };
  xmlSchemaNewValidCtxt(schema: number): number;
  xmlSchemaSetValidStructuredErrors(context: number, handler: number, data: number): void;
  xmlSchemaValidateDoc(context: number, document: number): number;
  xmlSchemaFreeValidCtxt(context: number): void;
}
interface Pointed {
  readonly _ptr: number;
}
const { addFunction, XmlErrorStruct, ...calls } = libxml2 as unknown as Internals;
const ERROR_LEVEL = 2;

export function createXsdValidation(): (xsd: XsdValidator, document: XmlDocument, keep: number) => XsdFindings {
  let count = 0;
  let room = 0;
  let first: { message: string; line: number }[] = [];
  const handler = addFunction((_, error) => {
    if (XmlErrorStruct.level(error) < ERROR_LEVEL || ++count > room) return;
    first.push({ message: XmlErrorStruct.message(error).trim(), line: XmlErrorStruct.line(error) });
  }, 'vii');

  return (xsd, document, keep) => {
    count = 0;
    room = keep;
    first = [];
    const context = calls.xmlSchemaNewValidCtxt((xsd as unknown as Pointed)._ptr);
    if (context === 0) throw new RangeError('no memory to validate');
    calls.xmlSchemaSetValidStructuredErrors(context, handler, 0);
    const outcome = calls.xmlSchemaValidateDoc(context, (document as unknown as Pointed)._ptr);
    calls.xmlSchemaFreeValidCtxt(context);
    if (outcome < 0) throw new RangeError('libxml2 could not finish validating');
    return { count: outcome === 0 ? 0 : Math.max(1, count), first };
  };
}
