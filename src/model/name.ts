/**
 * Expanded names: a namespace and a local name, written `Q{urn:x}local`
 * (EQName notation, XPath 3.1 §2.2.1 "URIQualifiedName").
 */

export interface ExpandedName {
  readonly ns: string;
  readonly local: string;
}

/** `Q{ns}local`; the one spelling used as a key in maps, logs and URLs. */
export type NameKey = string & { readonly __brand?: 'NameKey' };

export function nameKey(name: ExpandedName): NameKey {
  return `Q{${name.ns}}${name.local}` as NameKey;
}

/** Reads `Q{ns}local`; undefined when the text is not of that form. */
export function parseNameKey(text: string): ExpandedName | undefined {
  const match = /^Q\{([^{}]*)\}([^{}:]+)$/u.exec(text);
  return match ? { ns: match[1] as string, local: match[2] as string } : undefined;
}

const START =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}-\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const NCNAME = new RegExp(`^[${START}][${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*$`, 'u');

/** NCName of Namespaces in XML 1.0 (3rd ed.) §3, over the Name characters of XML 1.0 (5th ed.) §2.3. */
export function isNcName(text: string): boolean {
  return NCNAME.test(text);
}
