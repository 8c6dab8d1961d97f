/** Writing XML by hand, safely: three functions for everything this room says in XML. */

const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const IN_TEXT = /[&<>\r]/g;
const IN_ATTRIBUTE = /[&<>"\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
const escaped = (char: string) => ESCAPES[char] as string;
const PLAIN = /^[\x20!#-%'-;=?-~]*$/;

/** Character data. What XML 1.0 §2.2 has no character for becomes U+FFFD. */
export function text(value: string): string {
  return PLAIN.test(value) ? value : value.replace(ILLEGAL, '\uFFFD').replace(IN_TEXT, escaped);
}

/** The value of an attribute, to stand in double quotes. */
export function attribute(value: string): string {
  return PLAIN.test(value) ? value : value.replace(ILLEGAL, '\uFFFD').replace(IN_ATTRIBUTE, escaped);
}

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** ` a="1" b="x"`; undefined ones are left out. */
export function attributes(values: Attributes): string {
  let out = '';
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) out += ` ${name}="${attribute(String(value))}"`;
  }
  return out;
}

/** An element; `content` is XML already. */
export function element(name: string, values: Attributes = {}, content = ''): string {
  const start = `<${name}${attributes(values)}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
