import { SaxesParser } from 'saxes';

/** saxes with namespaces. */
export type Parser = SaxesParser<{ xmlns: true; additionalNamespaces: Record<string, string> }>;

/** `namespaces`: bindings from outside the text, prefix → namespace. */
export function newParser(namespaces: Readonly<Record<string, string>> = {}): Parser {
  return new RoomyParser({ xmlns: true, additionalNamespaces: { ...namespaces } }) as unknown as Parser;
}

/**
 * `on` adds a property for each event, and from the seventh on V8 keeps the parser as a dictionary: reading then takes four times as
 * long. So the room for the handlers is made beforehand. Should saxes rename them, only speed is lost.
 */
class RoomyParser extends (SaxesParser as unknown as new (options: object) => object) {
  errorHandler = undefined;
  xmldeclHandler = undefined;
  doctypeHandler = undefined;
  attributeHandler = undefined;
  openTagHandler = undefined;
  closeTagHandler = undefined;
  textHandler = undefined;
  cdataHandler = undefined;
  commentHandler = undefined;
  piHandler = undefined;
}
